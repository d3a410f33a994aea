"""JSON lines: an order a line, ``{"order": {…}}``, and an answer a line, ``{"line": 1, "status": "accepted"}``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from hub.errors import ConfigurationError
from hub.findings import Finding, Position, error, rejects
from hub.translation import Envelope, InterchangeClosed, InterchangeOpened, MessageRead, Status, Written, WrittenMessage

if TYPE_CHECKING:
    from hub.mapping.compiled import CompiledMapping
    from hub.model.document import Document
    from hub.translation import Event, ReadContext, WriteContext

ANSWERS = 10_000


class AcmeTranslator:
    """Stateless, as translators are."""

    name = "acme"

    def identify(self, head: bytes, filename: str) -> bool:
        """ACME's files begin with the key ``order``."""
        return head.lstrip().startswith(b'{"order":')

    def read(self, stream: BinaryIO, context: ReadContext) -> Iterator[Event]:
        """One message per line; a line that is no order is a rejected message."""
        envelope = Envelope("acme")
        mapping = context.mapping("acme", "orders", "1", envelope)
        if mapping is None:
            raise ConfigurationError("there is no mapping acme/orders.1", hint="Reinstall acme-hub.")
        yield InterchangeOpened(envelope)
        findings: list[Finding] = []
        answers: list[str] = []
        received = accepted = 0
        for number, offset, line in _lines(stream, context.limits.segment_bytes):
            received += 1
            message = _message(envelope, mapping, number, offset, line, context)
            accepted += message.accepted
            if received <= ANSWERS:
                reason = "; ".join(one.message for one in message.findings)
                answer = {"line": number, "status": "accepted" if message.accepted else "rejected", "reason": reason}
                answers.append(json.dumps(answer))
            yield message
        if not received:
            findings.append(error("acme.empty", "the file has no orders", Position(file=context.file)))
        whole = Status.PARTIAL if accepted else Status.REJECTED
        if received and accepted == received:
            whole = Status.ACCEPTED
        yield InterchangeClosed(envelope, whole, findings, received, accepted, state="\n".join(answers))

    def write(self, documents: Sequence[Document], message: str, version: str, context: WriteContext) -> Written:
        """An order a line."""
        mapping = context.mapping("acme", message, version)
        if mapping is None:
            raise ConfigurationError(f"there is no mapping acme/{message} to write with")
        lines = [json.dumps({"order": mapping.write(document)}, ensure_ascii=False) for document in documents]
        control = str(context.next_control("interchange"))
        envelope = Envelope("acme", context.sender, context.receiver, control)
        messages = tuple(WrittenMessage(message, version, f"{control}-{at}") for at in range(1, len(lines) + 1))
        return Written(("\n".join(lines) + "\n").encode(), envelope, messages, f"orders-{control}.jsonl")

    def acknowledge(self, closed: InterchangeClosed, context: WriteContext) -> Written | None:
        """What became of each line."""
        return self._answer(closed.state or '{"status": "rejected"}', context)

    def refuse(self, envelope: Envelope, reason: str, context: WriteContext) -> Written | None:
        """One line for the whole file."""
        return self._answer(json.dumps({"status": "refused", "reason": reason}), context)

    @staticmethod
    def _answer(text: str, context: WriteContext) -> Written:
        control = str(context.next_control("interchange"))
        envelope = Envelope("acme", context.sender, context.receiver, control)
        return Written((text + "\n").encode(), envelope, (), f"answer-{control}.jsonl")


def _lines(stream: BinaryIO, limit: int) -> Iterator[tuple[int, int, bytes | None]]:
    """Number, offset and bytes of each line that is not blank; None for a line beyond the limit."""
    number = offset = 0
    rest, over, more = b"", False, True
    while more:
        chunk = stream.read(65_536)
        more = bool(chunk)
        pieces = (rest + chunk).split(b"\n")
        rest = pieces.pop() if more else b""
        for piece in pieces:
            number += 1
            if piece.strip() or over:
                yield number, offset, None if over or len(piece) > limit else piece
            offset, over = offset + len(piece) + 1, False
        if len(rest) > limit:
            offset, over, rest = offset + len(rest), True, b""


def _message(
    envelope: Envelope, mapping: CompiledMapping, number: int, offset: int, line: bytes | None, context: ReadContext
) -> MessageRead:
    read = MessageRead(envelope, "orders", "1", str(number), position=number, mapping=mapping.name, offset=offset)
    read.length = len(line or b"")
    order = _order(line, context.limits.segment_bytes)
    if isinstance(order, str):
        read.findings.append(error("acme.line", order))
    else:
        reading = mapping.read(order)
        read.findings.extend(reading.findings)
        if reading.document is not None:
            read.documents.append(reading.document)
    read.findings[:] = [one.at(file=context.file, line=number) for one in read.findings]
    read.accepted = not rejects(read.findings)
    return read


def _order(line: bytes | None, limit: int) -> dict[str, Any] | str:
    """The order in a line, every leaf a text; or what is wrong with the line."""
    if line is None:
        return f"the line is longer than segment_bytes ({limit})"
    try:
        data = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return "the line is not JSON"
    order = data.get("order") if isinstance(data, dict) else None
    return order if isinstance(order, dict) else 'the line has no object "order"'
