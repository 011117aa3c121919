"""Turn the pinned genai-prices package into the bundled price book: ``python scripts/make_price_book.py``.

The file is named after the genai-prices version and never edited: a change of prices is a new version of the package, and a new file.
"""

import gzip
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
from genai_prices import types
from genai_prices.data import providers

FOLDER = Path(__file__).parent.parent / "src" / "wellspent" / "pricing" / "data"


def clause(match: Any) -> list[Any]:
    for kind, name in (
        (types.ClauseStartsWith, "starts_with"),
        (types.ClauseEndsWith, "ends_with"),
        (types.ClauseContains, "contains"),
        (types.ClauseEquals, "equals"),
        (types.ClauseRegex, "regex"),
    ):
        if isinstance(match, kind):
            value = getattr(match, name)
            return [name, value if isinstance(value, str) else value.pattern]
    if isinstance(match, types.ClauseOr):
        return ["or", *[clause(each) for each in match.or_]]
    return ["and", *[clause(each) for each in match.and_]]


def rates(prices: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in sorted(vars(prices).items()):
        if value is None or key.startswith("_"):
            continue
        tiered = isinstance(value, types.TieredPrices)
        found[key] = [str(value.base), *[[tier.start, str(tier.price)] for tier in value.tiers]] if tiered else [str(value)]
    return found


def when(constraint: Any) -> Any:
    if constraint is None:
        return None
    if isinstance(constraint, types.StartDateConstraint):
        return {"from": constraint.start_date.isoformat()}
    return {"start": constraint.start_time.isoformat(), "end": constraint.end_time.isoformat()}


def model(info: Any) -> dict[str, Any]:
    conditional = info.prices if isinstance(info.prices, list) else [types.ConditionalPrice(prices=info.prices)]
    return {
        "id": info.id,
        "match": clause(info.match),
        "context": info.context_window,
        "prices": [{"when": when(each.constraint), "rates": rates(each.prices)} for each in conditional],
        "variants": [{"for": each.when, "when": when(each.constraint), "rates": rates(each.prices)} for each in info.price_variants or []],
    }


def main() -> None:
    name = f"genai-prices-{version('genai-prices')}"
    book = {"version": name, "providers": {each.id: [model(info) for info in each.models] for each in providers}}
    path = FOLDER / f"{name}.json.gz"
    path.write_bytes(gzip.compress(orjson.dumps(book), mtime=0))
    print(f"{path.name}: {path.stat().st_size:,} bytes, {sum(len(each) for each in book['providers'].values()):,} models")


if __name__ == "__main__":
    main()
