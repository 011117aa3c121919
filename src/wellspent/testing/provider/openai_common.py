"""What OpenAI's dialects share: usage with cached and reasoning tokens counted inside, tiers, errors."""

from typing import Any

from wellspent.facts.usage import Usage
from wellspent.testing.provider.plan import Plan

ERROR_TYPES = {401: "authentication_error", 403: "permission_error", 404: "invalid_request_error", 429: "rate_limit_error"}


def usage(plan: Plan, prompt: str, answer: str) -> dict[str, Any] | None:
    """``usage`` as Chat (prompt_tokens, completion_tokens) or Responses (input_tokens, output_tokens) names it."""
    if plan.said.on("no_usage"):
        return None
    blank = plan.said.on("zero_usage")
    given = 0 if blank else plan.input_tokens
    written = 0 if blank else plan.asked.answers * plan.output_tokens
    reasoning = 0 if blank else plan.asked.answers * plan.reasoning_tokens
    inside: dict[str, int] = {"cached_tokens": 0 if blank else plan.cached_tokens}
    shown: dict[str, int] = {"reasoning_tokens": reasoning}
    if prompt == "prompt_tokens":
        inside["audio_tokens"] = 0 if blank else plan.audio_tokens
        shown |= {"audio_tokens": 0 if blank else plan.audio_out_tokens, "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}
    return {prompt: given, f"{prompt}_details": inside, answer: written, f"{answer}_details": shown, "total_tokens": given + written}


def served_tier(plan: Plan) -> str:
    """The tier an answer names: ``default`` where ``auto`` or nothing was asked for."""
    asked = plan.said.text("service_tier", plan.asked.tier)
    return "default" if asked in ("", "auto", "standard") else asked


def bill(plan: Plan, shown_tokens: int, *, audio: bool) -> Usage:
    """What is truly charged, in disjoint units."""
    audio_in = plan.audio_tokens if audio else 0
    audio_out = min(plan.audio_out_tokens, shown_tokens) if audio else 0
    tier = served_tier(plan)
    return Usage(
        input_tokens=plan.input_tokens - plan.cached_tokens - audio_in,
        cache_read_tokens=plan.cached_tokens,
        input_audio_tokens=audio_in,
        output_tokens=shown_tokens - audio_out,
        output_reasoning_tokens=plan.asked.answers * plan.reasoning_tokens,
        output_audio_tokens=audio_out,
        service_tier="" if tier == "default" else tier,
    )


def error(status: int, message: str) -> dict[str, Any]:
    """OpenAI's error body."""
    kind = ERROR_TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error")
    code = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}.get(status)
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}
