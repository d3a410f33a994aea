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
class SetRange:
    """Sets of one type with one verdict and no detail, whose numbers follow each other: ``first`` and ``count - 1``
    more."""

    type: str
    first: str
    count: int = 1
    convention: str = ""
    status: str = "A"
    codes: tuple[str, ...] = ()

    def follows(self, other: SetRange) -> bool:
        """Whether a range of one set continues this one."""
        control = other.first
        return (
            (other.type, other.convention, other.status, other.codes)
            == (self.type, self.convention, self.status, self.codes)
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
class Room:
    """How many segment and element errors of an interchange are still kept in detail. Behind that, a rejected set is
    told by its AK5 alone: an answer has its limits, and so has the memory for it."""

    left: int = 20_000


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
    sets: list[SetRange | SetVerdict] = field(default_factory=list)
    room: Room = field(default_factory=Room)
    answering: int = 0

    def accept(self, kind: str, control: str, convention: str) -> None:
        """Count an accepted set."""
        self.received += 1
        self.accepted += 1
        self._enter(SetRange(kind, control, 1, convention))

    def _enter(self, item: SetRange) -> None:
        self.answering += item.type in ACKNOWLEDGMENTS
        last = self.sets[-1] if self.sets else None
        if isinstance(last, SetRange) and last.follows(item):
            last.count += 1
        else:
            self.sets.append(item)

    def note(self, verdict: SetVerdict) -> None:
        """Count a set that was rejected, or accepted with errors."""
        self.received += 1
        self.accepted += verdict.status != "R"
        size = sum(1 + len(item.elements) for item in verdict.segments)
        if not size or size > self.room.left:
            told = verdict
            self._enter(SetRange(told.type, told.control, 1, told.convention, told.status, told.codes))
        else:
            self.room.left -= size
            self.answering += verdict.type in ACKNOWLEDGMENTS
            self.sets.append(verdict)

    @property
    def status(self) -> str:
        """AK901: A accepted, E with errors, P partly, R rejected."""
        if self.refused or (self.received and not self.accepted):
            return "R"
        if self.accepted < self.received:
            return "P"
        noted = any(isinstance(item, SetVerdict) or item.status != "A" for item in self.sets)
        return "E" if self.codes or noted else "A"

    @property
    def answers(self) -> bool:
        """Whether the group only acknowledges (997, 999), by what it says or by what it holds: an acknowledgment is
        never acknowledged."""
        return self.functional == "FA" or 0 < self.answering == self.received


@dataclass(slots=True)
class InterchangeVerdict:
    """An interchange: ISA01 to ISA16 as sent, TA105 codes in the order found, and its groups. ``note`` is the first
    code of an error, else of a warning. ``refused``: nothing of it is taken."""

    elements: tuple[str, ...] = ()
    refused: bool = False
    codes: list[str] = field(default_factory=list)
    note: str = ""
    acknowledgments: int = 0
    room: Room = field(default_factory=Room)
    groups: list[GroupVerdict] = field(default_factory=list)


ACKNOWLEDGMENTS = frozenset(("997", "999"))
"""Sets that are never acknowledged themselves."""

MAX_SEGMENTS = 200
"""AK3s kept per set; the AK5 counts as well without more."""


Numbers = dict[tuple[int, int, int | None], str]
"""Data element number by segment position, element and component."""


def set_verdict(
    kind: str, control: str, convention: str, findings: list[Finding], numbers: Numbers, status: str
) -> SetVerdict:
    """What the findings of one set say in the words of 997: AK3, AK4 and AK5. Only findings at least as grave as the
    status asks for are told."""
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


def _segment(at: int, code: str, found: list[Finding], numbers: Numbers) -> SegmentError:
    first = found[0].position
    elements = tuple(
        ElementError(
            item.position.element,
            item.position.component,
            item.position.repetition,
            numbers.get((at, item.position.element, item.position.component), ""),
            item.list_code if item.list_id == "723" else "7",
            item.value,
        )
        for item in found
        if item.position.element is not None and item.list_id != "720"
    )
    return SegmentError(first.segment_id, at, first.loop, code, elements[:99])
