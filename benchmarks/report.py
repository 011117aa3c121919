"""Figures as Markdown: medians over the rounds with the least and the most, ratios, and each target met or missed."""

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.gateway import Figures
from benchmarks.peers import version

Found = Mapping[str, Figures | str]

ROWS = (
    ("CPU µs a call", "json us", 0),
    ("CPU µs a call, TLS upstream", "tls json us", 0),
    ("CPU µs a 60-chunk stream", "stream us", 0),
    ("CPU µs a 60-chunk stream, TLS upstream", "tls stream us", 0),
    ("calls/s on one core", "calls/s", 0),
    ("added median ms, 2 connections", "added json p50 ms", 2),
    ("added p99 ms, 2 connections", "added json p99 ms", 2),
    ("added median ms to first byte, 50 streams", "added first byte p50 ms", 2),
    ("added p99 ms to first byte, 50 streams", "added first byte p99 ms", 2),
    ("many streams: ended whole", "crowd whole", 0),
    ("many streams: added median ms to first byte", "added crowd first byte p50 ms", 1),
    ("many streams: longest silence ms", "crowd silence max ms", 0),
    ("many streams: CPU µs each", "crowd us", 0),
    ("many streams: MB before", "crowd before MB", 0),
    ("many streams: MB at peak", "crowd peak MB", 0),
    ("many streams: MB 2 s after", "crowd after MB", 0),
    ("MB at rest", "rest MB", 0),
    ("MB after the loads", "loaded MB", 0),
    ("s from start to first answer", "start s", 2),
)
TARGETS = (  # what wellspent's median has to be at most: FIGURE, FACTOR × that of PEER, or FACTOR by itself
    ("CPU a call: at most 8 × nginx", "json us", 8.0, "nginx"),
    ("CPU a call: at most 2 × Envoy", "json us", 2.0, "envoy"),
    ("CPU a call: a hundredth of LiteLLM", "json us", 0.01, "litellm"),
    ("CPU a call: a tenth of Portkey", "json us", 0.1, "portkey"),
    ("CPU a call: less than TensorZero", "json us", 1.0, "tensorzero"),
    ("CPU a stream: at most 3 × nginx", "stream us", 3.0, "nginx"),
    ("CPU a stream: at most TensorZero", "stream us", 1.0, "tensorzero"),
    ("added median at 2 connections: at most 1.5 ms", "added json p50 ms", 1.5, ""),
    ("first byte at 50 streams: within 3 ms of direct", "added first byte p50 ms", 3.0, ""),
    ("resident after the loads: under 120 MB", "loaded MB", 120.0, ""),
    ("resident with many streams: under 120 MB", "crowd peak MB", 120.0, ""),
)


def machine() -> str:
    """Where it ran."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
    load = os.getloadavg()[0]
    cores = len(os.sched_getaffinity(0))
    return f"{model}, {cores} cores, Linux {platform.release()}, Python {platform.python_version()}; load average at the start {load:.1f}"


def values(found: Found, name: str, figure: str) -> list[float]:
    """A figure's values over the rounds; *added* is the difference to ``direct`` of the same round."""
    figures = found.get(name)
    if figures is None or isinstance(figures, str):
        return []
    if not figure.startswith("added "):
        return figures.found.get(figure, [])
    of = figure.removeprefix("added ")
    return [each - direct for each, direct in zip(figures.found.get(of, []), values(found, "direct", of))]


def cell(numbers: Sequence[float], places: int) -> str:
    """``median (least–most)``."""
    if not numbers:
        return "–"
    middle = f"{statistics.median(numbers):,.{places}f}"
    return middle if len(numbers) == 1 else f"{middle} ({min(numbers):,.{places}f}–{max(numbers):,.{places}f})"


def gateways(found: Found) -> str:
    """The one table, who was not run and why, and the targets."""
    ran = [name for name, figures in found.items() if not isinstance(figures, str)]
    lines = [f"| | {' | '.join(ran)} |", "|---|" + "---:|" * len(ran)]
    for text, figure, places in ROWS:
        cells = [cell(values(found, name, figure), places) for name in ran]
        if any(each != "–" for each in cells):
            lines.append(f"| {text} | {' | '.join(cells)} |")
    for text, figure in (("CPU a call", "json us"), ("CPU a stream", "stream us")):
        for peer in ("nginx", "envoy"):
            cells = [_times(found, name, figure, peer) for name in ran]
            if any(each != "–" for each in cells):
                lines.append(f"| {text}, × {peer} | {' | '.join(cells)} |")
    lines.append(f"| calls that failed | {' | '.join(_errors(found[name]) for name in ran)} |")
    lines += ["", *(f"- {name} {version(name)}" for name in ran if name != "direct")]
    lines += [f"- {name}: **not run**: {figures}" for name, figures in found.items() if isinstance(figures, str)]
    failed = [f"- {name}: the first failed call said {each.why[:160]!r}" for name, each in found.items() if isinstance(each, Figures) and each.errors]
    return "\n".join([*lines, *failed, "", *targets(found)])


def _times(found: Found, name: str, figure: str, peer: str) -> str:
    own, others = values(found, name, figure), values(found, peer, figure)
    return f"{statistics.median(own) / statistics.median(others):.1f}" if own and others and statistics.median(others) else "–"


def _errors(figures: Figures | str) -> str:
    return str(figures.errors) if isinstance(figures, Figures) else "–"


def targets(found: Found) -> list[str]:
    """Each target with what was found: met, or missed."""
    out = ["| target | found | |", "|---|---:|---|"]
    for text, figure, factor, peer in TARGETS:
        own, others = values(found, "wellspent", figure), values(found, peer, figure) if peer else [1.0]
        if own and others and statistics.median(others):
            ratio = statistics.median(own) / statistics.median(others)
            shown = f"{ratio:.2f} ×" if peer and ratio >= 1 else f"1/{1 / ratio:.1f}" if peer else f"{ratio:.2f}"
            out.append(f"| {text} | {shown} | {'met' if ratio <= factor else '**missed**'} |")
    return out


def plain(found: Mapping[str, Sequence[float]]) -> str:
    """Figures by name."""
    lines = ["| | median | least | most |", "|---|---:|---:|---:|"]
    return "\n".join(lines + [f"| {name} | {statistics.median(each):,.2f} | {min(each):,.2f} | {max(each):,.2f} |" for name, each in found.items()])
