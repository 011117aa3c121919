"""Every bound in the product, named with its unit. When one is hit, the error says which and what to change."""

from typing import Final

REQUEST_BYTES_MAX: Final = 64 * 1024 * 1024  # a request body; providers take 32 MB (Anthropic) to 50 MB
REQUEST_READ_S_MAX: Final = 120.0  # a client that sends its body slower than this is refused
ATTEMPTS_MAX: Final = 5  # upstream attempts for one call
CONNECT_S_MAX: Final = 10.0  # reaching an upstream
MODELS_S_MAX: Final = 5.0  # asking upstreams for their list of models
OUTPUT_TOKENS_MIN: Final = 16  # a budget that cannot pay this many output tokens refuses rather than cutting the answer to nothing
TAGS_MAX: Final = 16  # tags of one call
TAG_CHARS_MAX: Final = 128  # a tag's name or value, and every other name read from a header
TURNS_MAX: Final = 10_000  # Codex turns whose cost is remembered
HOLD_DURABLE_S_MAX: Final = 10.0  # waiting for a hold to be in the journal before the answer is given up
SETTINGS_POLL_S: Final = 0.5  # how often a running gateway looks for changed settings
STOP_S_MAX: Final = 30.0  # how long a stopping gateway lets open calls finish
CLOCK_BEHIND_MS_MAX: Final = 5 * 60 * 1000  # how far the machine's clock may be behind the journal's newest row before doctor objects
DISK_FREE_BYTES_MIN: Final = 200 * 1000 * 1000  # below this doctor fails
DISK_FREE_BYTES_LOW: Final = 2 * 1000 * 1000 * 1000  # below this doctor warns
DOCTOR_JOURNAL_BYTES_MAX: Final = 100 * 1000 * 1000  # a larger journal is not re-derived by doctor, only by ledger verify
FAKE_CALLS_MAX: Final = 100_000  # calls that the fake provider remembers
PRICES_CACHED_MAX: Final = 20_000  # resolved prices (model, tier and quarter of an hour) that are remembered
SEAL_AFTER_MS: Final = 10 * 60 * 1000  # how long after its end (UTC) a day is closed
COUNT_S_MAX: Final = 5.0  # asking a provider to count a prompt before a budget refuses it
ALERT_ATTEMPTS_MAX: Final = 3  # deliveries of one alert
ALERT_RETRY_S: Final = 2.0  # before the second delivery; doubled before each further one
SEAL_CHECK_S: Final = 600.0  # how often a running gateway looks for a closed day to seal
ALERT_S_MAX: Final = 10.0  # how long alert_url may be silent
TURN_CALLS_MAX: Final = 1_000  # calls of one Codex turn that are remembered; a turn with more has no cost to show
TURNS_ASKED_MAX: Final = 1_000  # Codex turns whose cost one request may ask for
ALERT_PERCENT_MAX: Final = 1000  # the largest share of a limit, in percent, at which a budget can tell
FIXED_DAYS_MAX: Final = 36_600  # days of a fixed budget: a hundred years
PEOPLE_MIN: Final = 5  # an aggregate over fewer people is not shown apart
LOG_LINE_BYTES_MAX: Final = 128 * 1024 * 1024  # one line of a coding agent's log; Codex writes images into its lines
LOG_READ_BYTES: Final = 1024 * 1024  # read of a log at once
LOGGED_TOKENS_MAX: Final = 10**12  # a logged quantity above this cannot be true
LOGGED_NAME_CHARS_MAX: Final = 1_024  # a name or path read from a log
LOG_STREAM_S_MAX: Final = 3_600.0  # between the first and the last line that a client writes about one answer
REPLAY_S_MAX: Final = 1.0  # within which Codex copies a session's history into its fork, where no turn tells its age
