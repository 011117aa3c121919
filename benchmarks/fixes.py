"""How often the commit that brought a bug is found, held against what developers themselves state in ``Fixes:`` lines.

Each fix that states its cause is asked again without that line. The plain ways of the literature are asked the same, from the same lines: every
commit whose lines the fix killed (like B-SZZ), the newest of them (R-SZZ), the one with most lines (L-SZZ).
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from wellspent.rework.fixes.links import NAMED, REVERT, Linking
from wellspent.rework.fixes.quality import Judged, judged_of, quality_of
from wellspent.rework.fixes.signs import words_measured
from wellspent.rework.fixes.told import told_of
from wellspent.rework.history import History
from wellspent.rework.survey import Ask, Followed, follow
from wellspent.rework.survival.fixes import LinkQuality

Pick = Callable[[Counter[int]], Sequence[int]]  # of the lines that a fix killed, by the commit they were born in
PLAIN: Mapping[str, Pick] = {
    "every commit with a killed line": lambda lines: sorted(lines),
    "the newest of them": lambda lines: sorted(lines)[-1:],
    "the one with most lines": lambda lines: sorted(lines, key=lambda commit: (lines[commit], commit))[-1:],
}


def measure(repositories: Sequence[Path], history: History, tell: Callable[[str], object]) -> str:
    """A table for each repository, as Markdown."""
    return "\n\n".join(_measured(path, history, tell) for path in repositories)


def name_of(path: Path) -> str:
    """What people call a repository."""
    return path.parent.name if path.name in ("repo", ".git") else path.name


def _measured(path: Path, history: History, tell: Callable[[str], object]) -> str:
    name = name_of(path)
    tell(f"fixes: {name}: reading")
    with tempfile.TemporaryDirectory() as kept:
        followed = follow(Ask(path, "HEAD", history, Path(kept), int(time.time())))
    tell(f"fixes: {name}: linking")
    return table(name, followed)


def table(name: str, followed: Followed) -> str:
    """Each way with its recall, precision and F1, over all fixes that state their cause and over the older and the newer half of them."""
    began = time.process_time()
    told = told_of(followed.repository, followed.lifetimes)
    linking = Linking(followed.lifetimes, followed.lifetimes.fates(), told)
    judged = judged_of(linking)
    if not judged:
        return f"{name}: no commit of it states in a Fixes: line which one it mends, so nothing can be measured."
    took_s = time.process_time() - began
    pairs, ghosts = sum(len(each.causes) for each in judged), sum(not linking.evidence[each.link.commit].lines for each in judged)
    words = words_measured(told)
    return "\n".join(
        [
            f"{name}, {followed.lifetimes.history}: {len(followed.lifetimes.commits):,} commits, {len(judged):,} fixes that state {pairs:,} causes;"
            f" {ghosts:,} of them ({ghosts / len(judged):.0%}) delete nothing; linked in {took_s:.1f} s of CPU",
            "",
            "| | links | recall | precision | F1 | F1, older half | F1, newer half |",
            "|---|---:|---:|---:|---:|---:|---:|",
            *(_row(what, each) for what, each in _ways(linking, judged)),
            "",
            f"Words take {words.worded:,} commits for fixes, {words.both:,} of {words.stating:,} known ones among them ({_share(words.recall)}).",
        ]
    )


def _ways(linking: Linking, judged: Sequence[Judged]) -> Iterator[tuple[str, list[Judged]]]:
    for what, pick in PLAIN.items():
        yield what, [_as(each, pick(linking.evidence[each.link.commit].lines)) for each in judged]
    lines = [Judged(linking.by_lines(each.link.commit), each.causes) for each in judged]
    yield "wellspent, from lines and words", lines
    yield "wellspent", list(judged)
    for kind in dict.fromkeys(each.link.kind for each in sorted(judged, key=lambda each: (each.link.kind not in (REVERT, NAMED), each.link.kind))):
        yield f"of it: {kind or 'no link'}", [each for each in judged if each.link.kind == kind]


def _as(judged: Judged, causes: Sequence[int]) -> Judged:
    link = judged.link
    return Judged(type(link)(link.commit, link.sign, "plain" if causes else "", tuple((cause, 1) for cause in causes)), judged.causes)


def _row(what: str, judged: list[Judged]) -> str:
    middle = len(judged) // 2
    whole, older, newer = (quality_of(what, each, "") for each in (judged, judged[:middle], judged[middle:]))
    figures = [] if whole is None else [whole.recall, whole.precision, whole.f1]
    cells = [f"{sum(len(each.link.causes) for each in judged):,}", *map(_share, figures or [None] * 3), _f1(older), _f1(newer)]
    return f"| {what} | {' | '.join(cells)} |"


def _f1(quality: LinkQuality | None) -> str:
    return _share(quality.f1 if quality else None)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"
