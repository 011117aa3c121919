"""For every test: Hypothesis judges laws, not timings, so that a busy machine fails nothing; signals end programs, whatever started the tests.

A shell's background jobs ignore SIGINT, and what nohup starts ignores SIGHUP; programs that tests start would inherit it.
"""

import signal

from hypothesis import settings

settings.register_profile("wellspent", deadline=None)
settings.load_profile("wellspent")

for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)
