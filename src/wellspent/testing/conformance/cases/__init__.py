"""The cases, in the order of the report."""

import re
from collections.abc import Callable

from msgspec import Struct

from wellspent.testing.conformance.bench import Bench
from wellspent.testing.conformance.cases import life, limits, meter, paths
from wellspent.testing.conformance.result import Finding
from wellspent.testing.conformance.wires import Wire

SOURCE = re.compile(r"[\w.-]+/[\w.-]+#\d+")
ALL = ("openai-chat", "openai-responses", "openai-embeddings", "anthropic-messages", "gemini")
TEXT = ("openai-chat", "openai-responses", "anthropic-messages", "gemini")
OPENAI = ("openai-chat", "openai-responses", "openai-embeddings")


class Case(Struct, frozen=True):
    """One case; its function's docstring says what is right, and which bugs of the field it comes from.

    Attributes:
        number: The group it belongs to.
        wires: The APIs it is for.
    """

    number: int
    run: Callable[[Bench, Wire], Finding]
    wires: tuple[str, ...] = TEXT

    @property
    def name(self) -> str:
        """Its function's name, in words."""
        return self.run.__name__.replace("_", " ")

    @property
    def sources(self) -> tuple[str, ...]:
        """The bugs of the field it comes from."""
        return tuple(dict.fromkeys(SOURCE.findall(self.run.__doc__ or "")))


def cases() -> tuple[Case, ...]:
    """Every case."""
    return (
        Case(1, limits.many_calls_at_once, ALL),
        Case(1, limits.many_calls_at_two_processes, ALL),
        Case(2, limits.no_output_cap),
        Case(3, meter.a_long_prompt),
        Case(3, meter.a_long_prompt_mostly_cached),
        Case(3, limits.a_long_prompt_against_a_limit, ("openai-chat", "anthropic-messages")),
        Case(4, meter.leaving_before_the_first_chunk),
        Case(4, meter.leaving_after_one_chunk),
        Case(4, meter.leaving_before_the_end_marker),
        Case(4, meter.leaving_an_answer_that_is_not_streamed),
        Case(4, meter.a_stream_that_the_provider_breaks),
        Case(5, meter.a_stream_without_usage),
        Case(5, meter.an_answer_without_usage),
        Case(5, meter.a_stream_with_zero_usage),
        Case(5, meter.usage_beside_choices, ("openai-chat",)),
        Case(5, meter.usage_twice, ("openai-chat", "anthropic-messages", "gemini")),
        Case(6, meter.cached_prompt),
        Case(6, meter.cached_prompt_in_a_stream),
        Case(6, meter.cache_writes, ("anthropic-messages",)),
        Case(6, meter.cache_writes_in_a_stream, ("anthropic-messages",)),
        Case(7, meter.reasoning_that_is_not_shown),
        Case(7, meter.reasoning_in_a_stream),
        Case(7, meter.audio, ("openai-chat", "gemini")),
        Case(7, meter.pictures, ("gemini",)),
        Case(7, meter.hosted_web_search, ("openai-responses", "anthropic-messages")),
        Case(8, paths.side_doors_of_a_spent_key, ("openai-chat", "anthropic-messages", "gemini")),
        Case(8, paths.counting_tokens_is_free, ("anthropic-messages", "gemini")),
        Case(8, meter.embeddings, ("openai-embeddings",)),
        Case(9, paths.a_failed_call_costs_nothing),
        Case(9, paths.failures_do_not_use_a_limit_up, ("openai-chat", "anthropic-messages")),
        Case(9, paths.a_retry_is_billed_once),
        Case(9, paths.a_fallback_is_billed_as_what_answered),
        Case(9, paths.a_fallback_to_a_dearer_model_against_a_limit, ("openai-chat",)),
        Case(10, life.killed_in_the_middle_of_a_call, ("openai-chat", "anthropic-messages")),
        Case(10, life.killed_in_the_middle_of_a_stream, ("openai-chat", "anthropic-messages")),
        Case(11, life.a_window_begins_anew_with_calls_open, ("openai-chat",)),
        Case(11, life.a_window_that_slept_for_two_periods, ("openai-chat",)),
        Case(11, life.limits_by_the_day_and_the_month_begin_anew, ("openai-chat",)),
        Case(12, meter.the_rows_are_the_counter),
        Case(13, limits.no_price_against_a_limit),
        Case(13, meter.no_price_is_not_free),
        Case(14, meter.the_same_request_twice, ("openai-chat", "anthropic-messages")),
        Case(14, life.the_same_call_imported_again, ("openai-chat",)),
        Case(15, limits.a_limit_above_two_keys, ("openai-chat", "anthropic-messages")),
        Case(15, limits.a_limit_lowered_below_what_was_spent, ("openai-chat",)),
        Case(15, limits.a_key_revoked_in_the_middle_of_a_stream, ("openai-chat", "anthropic-messages")),
        Case(16, paths.a_refusal_that_people_can_read),
        Case(16, paths.a_refusal_is_not_retried_by_the_sdk),
        Case(17, life.a_price_changes_with_a_call_open, ("openai-chat",)),
        Case(18, limits.a_run_of_two_hundred_calls, ("openai-chat", "anthropic-messages")),
    )
