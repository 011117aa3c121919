"""What a case found."""

from typing import Literal

from msgspec import Struct

Verdict = Literal["pass", "fail", "not offered"]


class Finding(Struct, frozen=True):
    """What a case says of one API.

    Attributes:
        ok: Whether the gateway did right.
        note: What was seen, in a sentence.
        true_nanousd: What the provider charged.
        billed_nanousd: What the gateway counted.
        limit_nanousd: The limit it was held to.
        refused_falsely: Calls refused although the limit could have paid them.
    """

    ok: bool
    note: str = ""
    true_nanousd: int | None = None
    billed_nanousd: int | None = None
    limit_nanousd: int | None = None
    refused_falsely: int | None = None

    @property
    def overshoot_nanousd(self) -> int | None:
        """How far the provider's bill went past the limit."""
        if self.limit_nanousd is None or self.true_nanousd is None:
            return None
        return max(0, self.true_nanousd - self.limit_nanousd)


class Result(Struct, frozen=True):
    """One line of the report.

    Attributes:
        case: The case's number and name, e.g. ``"4 leaving after one chunk"``.
        sources: The bugs of the field it comes from, ``owner/name#number``.
    """

    number: int
    case: str
    wire: str
    verdict: Verdict
    finding: Finding
    sources: tuple[str, ...] = ()
