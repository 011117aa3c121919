"""``wellspent policies``, ``stop`` and ``resume``."""

from typing import Annotated

import msgspec
from cyclopts import Parameter

from wellspent.budgets.background import left_out
from wellspent.budgets.budget import Policy
from wellspent.facts.attribution import Scope
from wellspent.facts.errors import InvalidInput, NotFound
from wellspent.identity.settings import Settings
from wellspent.surfaces.cli.common import COMMON, SHAPE, Common, Shape, Yes, confirm, settings_of, talk
from wellspent.surfaces.cli.output import Column, emit, joined

COLUMNS = (
    Column("scope", "scope"),
    Column("state", "state"),
    Column("models_allowed", "models allowed", show=lambda value: joined(value) or "all"),
    Column("requests_per_minute", "requests a minute", right=True, show=lambda value: str(value or "unlimited")),
    Column("tokens_per_minute", "tokens a minute", right=True, show=lambda value: f"{value:,}" if value else "unlimited"),
    Column("reason", "reason"),
)


def list_policies(*, common: Common = COMMON, shape: Shape = SHAPE) -> None:
    """List what scopes may do besides spending: allow-lists, rates, and which are stopped."""
    with settings_of(common.load()) as settings:
        policies = settings.policies()
    rows = [{**msgspec.structs.asdict(policy), "scope": str(policy.scope), "state": "stopped" if policy.killed else "open"} for policy in policies]
    emit(rows, COLUMNS, shape, empty="there are no policies; set one with: wellspent policies set team:core --models 'gpt-*,claude-*'")


def set_policy(
    scope: str,
    *,
    models: Annotated[str | None, Parameter(help="Patterns of the models allowed, separated by commas; '*' allows all.")] = None,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
    common: Common = COMMON,
) -> None:
    """Set a scope's allow-list of models and its rates: what is not said stays as it is.

    Args:
        scope: KIND:NAME, e.g. team:core; NAME * means each value by itself.
        requests_per_minute: 0 is unlimited.
        tokens_per_minute: 0 is unlimited.
    """
    if models is None and requests_per_minute is None and tokens_per_minute is None:
        raise InvalidInput("nothing to set", fix="give --models, --requests-per-minute or --tokens-per-minute")
    for rate in (requests_per_minute, tokens_per_minute):
        if rate is not None and rate < 0:
            raise InvalidInput("a rate is below zero", fix="use 0 for unlimited, or wellspent stop SCOPE to let nothing through")
    changes: dict[str, object] = {}
    if models is not None:
        patterns = tuple(part.strip() for part in models.split(",") if part.strip())
        changes["models_allowed"] = () if patterns == ("*",) else patterns
    changes |= {
        name: rate for name, rate in (("requests_per_minute", requests_per_minute), ("tokens_per_minute", tokens_per_minute)) if rate is not None
    }
    with settings_of(common.load()) as settings:
        _change(settings, Scope.parse(scope), **changes)
    talk(f"the policy of {scope} is set")
    allowed = changes.get("models_allowed")
    for each in left_out(allowed) if isinstance(allowed, tuple) else ():
        talk(f"note: {each.client} also calls {each.model} ({each.use}), which is not on this list; add it, or {each.instead}")


def remove(scope: str, *, yes: Yes = False, common: Common = COMMON) -> None:
    """Remove a scope's policy: its allow-list, its rates, and its stop."""
    parsed = Scope.parse(scope)
    confirm(f"Remove the policy of {scope}, with its allow-list, rates and stop?", yes)
    with settings_of(common.load()) as settings:
        settings.remove_policy(parsed)
    talk(f"the policy of {scope} is removed")


def stop(scope: str, *, reason: str = "", yes: Yes = False, common: Common = COMMON) -> None:
    """Stop a scope: none of its calls pass until it is resumed. A running gateway obeys within a second; calls in flight end.

    Args:
        scope: KIND:NAME, e.g. key:laptop, team:core or org:acme.
        reason: Shown to every caller that is refused.
    """
    parsed = Scope.parse(scope)
    confirm(f"Stop every call of {scope}?", yes)
    with settings_of(common.load()) as settings:
        _change(settings, parsed, killed=True, reason=reason)
    talk(f"{scope} is stopped; let it go on with: wellspent resume {scope}")


def resume(scope: str, *, common: Common = COMMON) -> None:
    """Let a stopped scope call again."""
    parsed = Scope.parse(scope)
    with settings_of(common.load()) as settings:
        policy = next((each for each in settings.policies() if each.scope == parsed), None)
        if policy is None or not policy.killed:
            raise NotFound(f"{scope} is not stopped", fix="see: wellspent policies list")
        resumed = msgspec.structs.replace(policy, killed=False, reason="")
        if resumed == Policy(parsed):
            settings.remove_policy(parsed)
        else:
            settings.set_policy(resumed)
    talk(f"{scope} may call again")


def _change(settings: Settings, scope: Scope, **changes: object) -> None:
    before = next((each for each in settings.policies() if each.scope == scope), Policy(scope))
    settings.set_policy(msgspec.structs.replace(before, **changes))
