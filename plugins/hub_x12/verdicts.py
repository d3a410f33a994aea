"""What became of an interchange, small whatever its size: all that its acknowledgment needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class ElementError:
    """An AK4 to be: place in the segment, data element number, code of list 723, the bad value."""

    element: int
    component: int | None
    repetition: int | None
    number: str
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class SegmentError:
    """An AK3 to be, with its AK4s. ``position`` counts from ST = 1."""

    id: str
    position: int
    loop: str
    code: str
    elements: tuple[ElementError, ...] = ()


@dataclass(frozen=True, slots=True)
class SetVerdict:
    """A set that cannot be told in a range: rejected, or accepted with errors. ``status`` is AK501; ``codes`` are
    of list 718."""

    type: str
    control: str
    status: str
    codes: tuple[str, ...] = ()
    segments: tuple[SegmentError, ...] = ()
    convention: str = ""


@dataclass(slots=True)
class AcceptedRange:
    """Accepted sets of one type whose numbers follow each other: ``first`` and ``count - 1`` more."""

    type: str
    first: str
    count: int = 1
    convention: str = ""

    def follows(self, kind: str, control: str, convention: str) -> bool:
        """Whether a set continues this range."""
        return (
            kind == self.type
            and convention == self.convention
            and len(control) == len(self.first)
            and control.isascii()
            and control.isdigit()
            and self.first.isascii()
            and self.first.isdigit()
            and int(control) == int(self.first) + self.count
        )

    def controls(self) -> list[str]:
        """The control numbers of the range."""
        if self.count == 1:
            return [self.first]
        width = len(self.first)
        return [str(int(self.first) + step).zfill(width) for step in range(self.count)]


@dataclass(slots=True)
class GroupVerdict:
    """A functional group: GS as sent, what was counted, and its errors (codes of list 716). ``refused``: the group
    as a whole is rejected, whatever its sets are like."""

    functional: str = ""
    sender: str = ""
    receiver: str = ""
    control: str = ""
    agency: str = ""
    version: str = ""
    declared: str = ""
    received: int = 0
    accepted: int = 0
    refused: bool = False
    codes: list[str] = field(default_factory=list)
    sets: list[AcceptedRange | SetVerdict] = field(default_factory=list)

    def accept(self, kind: str, control: str, convention: str) -> None:
        """Count an accepted set."""
        self.received += 1
        self.accepted += 1
        last = self.sets[-1] if self.sets else None
        if isinstance(last, AcceptedRange) and last.follows(kind, control, convention):
            last.count += 1
        else:
            self.sets.append(AcceptedRange(kind, control, 1, convention))

    def note(self, verdict: SetVerdict) -> None:
        """Count a set that was rejected, or accepted with errors."""
        self.received += 1
        self.accepted += verdict.status != "R"
        self.sets.append(verdict)

    @property
    def status(self) -> str:
        """AK901: A accepted, E with errors, P partly, R rejected."""
        if self.refused or (self.received and not self.accepted):
            return "R"
        if self.accepted < self.received:
            return "P"
        noted = any(isinstance(item, SetVerdict) for item in self.sets)
        return "E" if self.codes or noted else "A"

    @property
    def answers(self) -> bool:
        """Whether the group only acknowledges (997, 999): never acknowledge an acknowledgment."""
        return self.functional == "FA"


@dataclass(slots=True)
class InterchangeVerdict:
    """An interchange: ISA01 to ISA16 as sent, TA105 codes in the order found, and its groups. ``refused``:
    not read beyond its header."""

    elements: tuple[str, ...] = ()
    refused: bool = False
    codes: list[str] = field(default_factory=list)
    acknowledgments: int = 0
    groups: list[GroupVerdict] = field(default_factory=list)


MAX_SEGMENTS = 200
"""AK3s kept per set; the AK5 counts as well without more."""


def set_verdict(
    kind: str, control: str, convention: str, findings: list[Finding], numbers: dict[tuple[int, int], str], status: str
) -> SetVerdict:
    """What the findings of one set say in the words of 997: AK3, AK4 and AK5. ``numbers`` gives the data element
    number of ``(segment position, element)``. Only findings at least as grave as the status asks for are told."""
    told = [item for item in findings if item.severity is Severity.ERROR or (status == "E" and item.list_code)]
    codes: list[str] = []
    segments: dict[tuple[int, str], list[Finding]] = {}
    for item in told:
        if item.list_id == "718":
            codes.append(item.list_code)
        elif item.position.segment is not None:
            structural = item.list_code if item.list_id == "720" else "8"
            segments.setdefault((item.position.segment, structural), []).append(item)
    errors = tuple(_segment(at, code, found, numbers) for (at, code), found in sorted(segments.items(), key=_order))
    if errors and "5" not in codes:
        codes.append("5")
    unique = tuple(dict.fromkeys(codes))[:5]
    return SetVerdict(kind, control, status, unique, errors[:MAX_SEGMENTS], convention)


def _order(item: tuple[tuple[int, str], list[Finding]]) -> int:
    return item[0][0]


def _segment(at: int, code: str, found: list[Finding], numbers: dict[tuple[int, int], str]) -> SegmentError:
    first = found[0].position
    elements = tuple(
        ElementError(
            item.position.element,
            item.position.component,
            item.position.repetition,
            numbers.get((at, item.position.element), ""),
            item.list_code if item.list_id == "723" else "7",
            item.value,
        )
        for item in found
        if item.position.element is not None and item.list_id != "720"
    )
    return SegmentError(first.segment_id, at, first.loop, code, elements[:99])
