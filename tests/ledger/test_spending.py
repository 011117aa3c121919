"""Spending by anything is the same calls added up, whether the projections include them yet or not."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.test_verify import written

from wellspent.facts.attribution import Attribution
from wellspent.facts.entry import Amounts, Reserved, Settled
from wellspent.facts.errors import InvalidInput
from wellspent.facts.usage import Quality, Usage
from wellspent.ledger.projection import HOUR_MS
from wellspent.ledger.reader import GROUPS, JournalReader
from wellspent.ledger.sqlite import SqliteJournal

BEGIN_MS = 1_795_478_400_000  # 2026-11-24 00:00 UTC
ZONE = ZoneInfo("Asia/Kolkata")  # hours that do not begin where those of UTC do
WHO = st.builds(
    lambda team, person, project: Attribution("acme", team, person, f"key-{person}", project, tags=(("customer", project),)),
    st.sampled_from(["", "core", "web"]), st.sampled_from(["ann", "bob"]), st.sampled_from(["p", "q"]),
)  # fmt: skip
CALL = st.tuples(st.integers(0, 60), WHO, st.sampled_from(["m", "n"]), st.sampled_from(Quality), st.integers(0, 9), st.integers(0, 1))
Call = tuple[int, Attribution, str, Quality, int, int]


def entries(number: int, call: Call) -> list[Reserved | Settled]:
    hour, who, model, quality, nanousd, calls = call
    at_ms = BEGIN_MS + hour * HOUR_MS + number
    usage = Usage(input_tokens=nanousd, cache_read_tokens=2, output_tokens=calls)
    held = Reserved(str(number), at_ms, who, "w", model, model, Amounts(9))
    return [held, Settled(str(number), at_ms, Amounts(nanousd, 1, calls), quality, usage, upstream="u", overrun_nanousd=1)]


def values(call: Call) -> dict[str, str]:
    hour, who, model, quality, *_ = call
    at = datetime.fromtimestamp(BEGIN_MS / 1000 + hour * 3600, UTC).astimezone(ZONE)
    times = {"day": f"{at:%Y-%m-%d}", "hour": f"{at:%Y-%m-%d %H:00}", "month": f"{at:%Y-%m}"}
    named = {"org": who.org, "team": who.team, "person": who.person, "key": who.key, "project": who.project, "workflow": "", "client": ""}
    return {**times, **named, "tags": f"customer={who.project}", "model": model, "upstream": "u", "wire": "w", "quality": str(quality)}


@given(st.lists(CALL, max_size=12), st.lists(st.sampled_from(GROUPS), unique=True, max_size=4), st.integers(0, 12), st.booleans())
def test_spending_by_anything_is_its_calls_added_up(calls: list[Call], by: list[str], projected: int, only_core: bool) -> None:
    expected: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * 6)
    qualities: dict[tuple[str, ...], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for call in calls:
        if call[0] < 48 and (not only_core or call[1].team == "core"):
            named = values(call)
            group = tuple(named[name] for name in by)
            sums = [call[4], call[5], call[4] + 2, 2, call[5], 1]
            expected[group] = [one + other for one, other in zip(expected[group], sums, strict=True)]
            qualities[group][named["quality"]] += call[5]
    with TemporaryDirectory() as place:
        path = Path(place) / "journal.db"
        written(path, [entries(number, call) for number, call in enumerate(calls)], projected)
        found = JournalReader(path).spend(BEGIN_MS, BEGIN_MS + 48 * HOUR_MS, by, {"team": "core"} if only_core else None, ZONE)
    assert {
        row.group: [row.nanousd, row.calls, row.context_tokens, row.cached_tokens, row.answer_tokens, row.overrun_nanousd] for row in found
    } == expected
    assert {row.group: row.by_quality for row in found} == qualities
    assert [(-row.nanousd, row.group) for row in found] == sorted((-row.nanousd, row.group) for row in found)


def test_what_spending_is_not_kept_by_is_said(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    SqliteJournal(path)._db.close()
    for by, where in ((["tag"], {}), (["session"], {}), ([], {"day": "2026-11-24"})):
        with pytest.raises(InvalidInput, match="is not kept by"):
            JournalReader(path).spend(0, 1, by, where)
