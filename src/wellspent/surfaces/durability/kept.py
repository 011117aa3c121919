"""The newest report, as a file of the data folder: made by the command, shown by the page. It can be deleted and made again."""

import os
from pathlib import Path

import msgspec

from wellspent.rework.report import Report

FILE = "durability.json"
FORMAT = 2  # raised whenever a report means something else


class Kept(msgspec.Struct, frozen=True):
    """A report with the form that it is in."""

    format: int
    report: Report


def keep(report: Report, data_dir: Path) -> None:
    """Keep it, whole or not at all."""
    data_dir.mkdir(parents=True, exist_ok=True)
    pending = data_dir / f".{FILE}.{os.getpid()}"
    try:
        with os.fdopen(os.open(pending, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(msgspec.json.encode(Kept(FORMAT, report)))
        pending.replace(data_dir / FILE)
    finally:
        pending.unlink(missing_ok=True)


def made_ms(data_dir: Path) -> int:
    """When the newest report of this form was made; 0 where there is none."""
    report = newest(data_dir)
    return report.asked.now_ms if report else 0


def newest(data_dir: Path) -> Report | None:
    """The newest report; None where there is none that can be read, or none of this form."""
    try:
        kept = msgspec.json.decode((data_dir / FILE).read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError):
        return None
    return kept.report if kept.format == FORMAT and kept.report.asked.days in kept.report.asked.windows else None
