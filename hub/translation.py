"""The seam between the core and the translators: what a payload turns into, event by event.

A translator reads bytes as a stream of events and never holds more than one message at a time::

    InterchangeOpened, MessageRead, MessageRead, …, InterchangeClosed, InterchangeOpened, …

Bytes that are no interchange at all still end in one ``InterchangeClosed`` with status ``rejected`` and findings.
Reading never raises for what a partner sent; it raises ``ConfigurationError`` for what we configured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pathlib import Path

    from hub.findings import Finding
    from hub.grammar import Grammar
    from hub.mapping.compiled import CompiledMapping
    from hub.model.document import Document


@dataclass(frozen=True, slots=True)
class EnvelopeParty:
    """A sender or receiver as the envelope names it: ISA05/ISA06, UNB S002 (0004:0007); trimmed."""

    id: str
    qualifier: str = ""

    def __str__(self) -> str:
        return f"{self.qualifier}:{self.id}" if self.qualifier else self.id


@dataclass(frozen=True, slots=True)
class Envelope:
    """One interchange's header. ``control`` is ISA13 or UNB 0020 as sent. ``version`` is ISA12 or the syntax
    identifier and version (``UNOC:3``). ``test`` is ISA15=T or UNB 0035=1. ``acknowledge`` is ISA14 or UNB 0031.
    ``prepared`` is date and time as sent. ``extra`` holds what only the translator itself needs again."""

    standard: str
    sender: EnvelopeParty = EnvelopeParty("")
    receiver: EnvelopeParty = EnvelopeParty("")
    control: str = ""
    version: str = ""
    test: bool = False
    acknowledge: bool = False
    prepared: str = ""
    offset: int = 0
    extra: Mapping[str, Any] = field(default_factory=dict)


class Status(StrEnum):
    """What became of an interchange, a group or a message."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a received acknowledgment (TA1, 997, 999, CONTRL, 824) says about one thing that we sent.

    ``level`` is interchange, group or message; the control values are ours as the partner repeats them.
    ``application``: it is not about the form but about the content, as the partner's application sees it; where it
    does not repeat our control numbers, ``reference`` is the number of the document it is about.
    """

    level: str
    status: Status
    code: str
    interchange: str = ""
    group: str = ""
    group_type: str = ""
    message: str = ""
    message_type: str = ""
    findings: tuple[Finding, ...] = ()
    application: bool = False
    reference: str = ""


@dataclass(slots=True)
class InterchangeOpened:
    """The header of an interchange was read. ``acknowledged`` holds TA1 segments found in it."""

    envelope: Envelope
    findings: list[Finding] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)


@dataclass(slots=True)
class MessageRead:
    """One transaction set, message or record group. ``type`` and ``version`` are ``850``/``004010``,
    ``ORDERS``/``D96A``, or the feed's name. ``position`` counts messages in the interchange from 1. ``offset`` and
    ``length`` are bytes in the payload. A message that has no mapping is accepted with no documents and a warning."""

    envelope: Envelope
    type: str
    version: str
    control: str
    group: str = ""
    position: int = 1
    accepted: bool = True
    documents: list[Document] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    acknowledged: list[Acknowledged] = field(default_factory=list)
    mapping: str = ""
    offset: int = 0
    length: int = 0


@dataclass(slots=True)
class InterchangeClosed:
    """The end of an interchange. ``findings`` are those of the envelope only (each message carried its own).
    ``state`` is the translator's own summary, small whatever the interchange's size, from which it builds the
    acknowledgment. ``wants_acknowledgment`` is False for an interchange that only acknowledges."""

    envelope: Envelope
    status: Status
    findings: list[Finding] = field(default_factory=list)
    received: int = 0
    accepted: int = 0
    wants_acknowledgment: bool = True
    state: Any = None


Event = InterchangeOpened | MessageRead | InterchangeClosed


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on hostile input; every one can be set, and each names itself in its finding."""

    segment_bytes: int = 1_000_000
    message_segments: int = 2_000_000
    message_bytes: int = 64_000_000
    elements: int = 2_000
    findings_per_message: int = 1_000
    nesting: int = 64
    payload_bytes: int = 2_000_000_000


class ReadContext(Protocol):
    """What the core gives a translator that reads."""

    limits: Limits
    file: str

    def options(self, envelope: Envelope) -> Mapping[str, Any]:
        """The agreement's translator options (tolerances, character set, acknowledgment policy); {} if unknown."""

    def mapping(self, standard: str, message: str, version: str, envelope: Envelope) -> CompiledMapping | None:
        """The compiled mapping for a message under the agreement of this envelope, or None if there is none."""


class WriteContext(Protocol):
    """What the core gives a translator that writes. Control numbers are drawn in the caller's transaction."""

    sender: EnvelopeParty
    receiver: EnvelopeParty
    test: bool
    now: datetime
    options: Mapping[str, Any]

    def next_control(self, level: str) -> int:
        """The next number for ``interchange``, ``group`` or ``message`` of this sender and receiver, from 1."""

    def mapping(self, standard: str, message: str, version: str) -> CompiledMapping | None:
        """The compiled mapping to write with."""


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """One message that was written: what the acknowledgment ledger waits for. ``reference`` is the number of its
    document, as a partner may quote it."""

    type: str
    version: str
    control: str
    group: str = ""
    group_type: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """An outgoing payload: one interchange."""

    payload: bytes
    envelope: Envelope
    messages: tuple[WrittenMessage, ...] = ()
    filename: str = ""
    findings: tuple[Finding, ...] = ()


POLICIES = ("accept", "warn", "refuse")
"""What an agreement may say of a deviation: its finding is then a notice, a warning, or an error."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A way of departing from its standard that a translator can read all the same. ``name`` is what a partner's file
    calls it, ``findings`` the codes of the findings that tell of it, ``default`` the policy without a word about it."""

    name: str
    findings: tuple[str, ...]
    default: str
    description: str

    def as_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {name: getattr(self, name) for name in self.__slots__}


@runtime_checkable
class Translator(Protocol):
    """Bytes to documents and back, for one family of formats. Stateless: safe to share between threads.

    A translator may offer ``deviations``, a sequence of ``Deviation``: a partner's file sets a policy for each of them
    under ``deviations:``, which comes back in the option ``deviations`` (name → policy); the hub counts them."""

    name: str

    def identify(self, head: bytes, filename: str) -> bool:
        """Whether a payload that begins with ``head`` (up to 4 KB) is for this translator."""

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event]:
        """The events of a payload, in order. Closing the iterator early is allowed at any point."""

    def write(self, documents: Sequence[Document], message: str, version: str, context: WriteContext) -> Written:
        """One interchange with one message per document, or as many as the mapping's form says. Raises
        ``DocumentRejected`` if what comes out would not pass this translator's own check."""

    def acknowledge(self, closed: InterchangeClosed, context: WriteContext) -> Written | None:
        """The acknowledgment of an interchange that was read, or None where none is due (by options, or because
        the interchange itself only acknowledges)."""

    def refuse(self, envelope: Envelope, reason: str, context: WriteContext) -> Written | None:
        """The negative acknowledgment of a whole interchange that the core did not process. ``reason``:
        ``duplicate``, ``unknown_sender``, ``unknown_receiver``, ``test_not_expected``."""


@runtime_checkable
class Generator(Protocol):
    """What a translator may offer beside ``Translator``: random valid interchanges, for ``hub generate``."""

    name: str

    def generate(
        self, message: str, version: str, seed: str, context: WriteContext, *, messages: int, incoming: bool
    ) -> Iterator[Written]:
        """Random interchanges without end, each with so many messages; one seed always gives the same ones.

        Sender, receiver, control numbers and options are the context's; ``incoming`` says that the partner sends them
        (options such as separators are then taken as how it does). ``version`` '' leaves it to the mapping or the
        translator. Where the context has a mapping, every interchange can be read with it without an error. Raises
        ``ConfigurationError`` for a message or version that the translator cannot generate."""


class Connector(Protocol):
    """A place to fetch documents from and deliver them to, such as an ERP's SOAP endpoint."""

    name: str

    def pull(self, kind: str, since: str | None) -> Iterator[Pulled]:
        """Documents of ``kind`` (``Party``, ``Product``, …) that changed after the watermark ``since`` (None: all),
        oldest first, in batches; each batch carries the watermark to continue from once it is stored."""

    def push(self, document: Document, key: str) -> Receipt:
        """Deliver one document. ``key`` is the same on every retry: the connector looks it up before it creates,
        and again after a lost answer. Raises ``TemporaryError`` where the outcome is still unknown."""

    def close(self) -> None:
        """Give back connections."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A batch from ``Connector.pull``: documents, what was found in them, and the watermark after them."""

    documents: tuple[Document, ...]
    watermark: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What ``Connector.push`` achieved. ``created`` is False where the endpoint had the document already.
    ``findings`` say what reading it back showed to differ."""

    external_id: str
    created: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectorType:
    """A kind of endpoint that a plugin offers: ``type`` in the endpoint's file, and how to open one."""

    type: str
    open: Callable[[Any], Connector]


class ReplicaLink(Protocol):
    """The store's side as the hub sees it: a replica that takes checkpoints, made of sealed segments of the feed.

    A checkpoint leads from the cursor that the hub saw to position ``last`` of the feed of ``epoch``, all buckets at
    once::

        {"epoch", "schema", "from": {"epoch", "seq", "buckets"}, "last", "reset", "as_of"?, "settings"?,
         "unsubscribe": [bucket],
         "segments": [{"bucket", "first", "last", "snapshot", "changes": [{"seq", "entity", "id", "op", "row"}]}]}

    ``op`` is ``put`` or ``del``. A row is in the replica as long as one of its buckets holds it. ``changes`` may be an
    iterator that can be read once. All of it, and what a replica answers to what it cannot apply, is described in
    ``plugins/hub_pos/PROTOCOL.md``.
    """

    def cursor(self) -> dict[str, Any]:
        """``{"epoch": str, "seq": int, "schema": int, "buckets": [str]}`` of what the replica holds; epoch "" and
        seq 0 when it is new."""

    def apply(self, checkpoint: Mapping[str, Any]) -> int:
        """Apply a checkpoint in one transaction together with its cursor, if the cursor is still the one in ``from``;
        if not, somebody else was faster, and nothing is done. ``reset`` empties the replica in the same transaction.
        Returns the number of rows that changed. Raises, and changes nothing, where a gap would be left."""

    def reset(self, epoch: str) -> None:
        """Empty the replica and its cursor, by hand or for repair; what the store has not sent yet stays."""

    def close(self) -> None:
        """Release the replica."""


@dataclass(frozen=True, slots=True)
class ReplicaType:
    """A kind of replica that a plugin offers: ``kind`` in ``stores.toml``, and how to open one from its settings.
    ``simulated``, where there is one, makes a till for ``hub simulate`` from a folder, its node and the hub's public
    keys; ``hub.simulation.tills.Real`` says what it must do."""

    kind: str
    open: Callable[[Mapping[str, Any]], ReplicaLink]
    simulated: Callable[[Path, str, Mapping[str, str]], Any] | None = None


GrammarLoader = Callable[[str], "Grammar | None"]
