"""The suites find what is wrong: each translator here breaks one promise, and the check of that promise says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ConfigurationError, TemporaryError
from hub.findings import error
from hub.mapping.converters import Converter, Pair
from hub.model import Order
from hub.testing import ConnectorConformance, ConverterConformance, ReplicaConformance, TranslatorConformance
from hub.testing.checking import run_suite
from hub.testing.contexts import StandaloneWriteContext
from hub.testing.expect import NotConforming
from hub.translation import (
    Envelope,
    InterchangeClosed,
    InterchangeOpened,
    MessageRead,
    Pulled,
    Receipt,
    Status,
    Written,
)


class Good:
    """Order numbers, one a line, behind a line ``ORDERS`` and before a line ``END n``."""

    name = "good"

    def identify(self, head: bytes, filename: str) -> bool:
        return head.startswith(b"ORDERS\n")

    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        envelope = Envelope("good")
        data = b""
        while chunk := stream.read(4096):
            data += chunk
        yield InterchangeOpened(envelope)
        lines = data.split(b"\n")
        findings = []
        if lines[0] != b"ORDERS" or lines[-1] or not lines[-2].startswith(b"END") or len(lines) < 4:
            findings.append(error("good.form", "not ORDERS … END"))
        if len(data) > context.limits.payload_bytes:
            findings.append(error("good.large", "too large"))
        count = 0
        for line in lines[1:-2] if not findings else ():
            if not line.isdigit():
                findings.append(error("good.line", "no number"))
                break
            count += 1
            yield MessageRead(envelope, "o", "1", str(count), documents=[Order(buyer_order_id=line.decode())])
        yield InterchangeClosed(envelope, Status.REJECTED if findings else Status.ACCEPTED, findings, count, count)

    def write(self, documents: Any, message: str, version: str, context: Any) -> Written:
        if message != "orders":
            raise ConfigurationError("no such message")
        text = "ORDERS\n" + "".join(f"{one.buyer_order_id}\n" for one in documents) + "END\n"
        return Written(text.encode(), Envelope("good"))

    def acknowledge(self, closed: Any, context: Any) -> Written | None:
        return Written(str(closed.status).encode(), Envelope("good"))

    def refuse(self, envelope: Any, reason: str, context: Any) -> Written | None:
        return Written(reason.encode(), Envelope("good"))


@pytest.fixture
def suite(tmp_path: Path) -> Any:
    """A function: the suite over a translator, with one good sample."""
    sample = tmp_path / "sample.txt"
    sample.write_bytes(b"ORDERS\n1\n22\n333\nEND\n")

    def make(translator: Any) -> TranslatorConformance:
        made = TranslatorConformance()
        made.translator = translator
        made.samples = (sample,)  # type: ignore[misc]
        made.writes = {"Order": ("orders", "")}  # type: ignore[misc]
        made.library = None  # type: ignore[assignment]
        return made

    return make


def test_a_good_translator_passes(suite: Any) -> None:
    assert [check for check in run_suite(suite(Good()), "good") if check.problem] == []


class Greedy(Good):
    def identify(self, head: bytes, filename: str) -> bool:
        return True


class Raising(Good):
    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        data = stream.read()
        data.index(b"\nEND\n")
        yield from super().read(BytesIO(data), context)


class Forgetful(Good):
    """Counts what it did not read."""

    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        for event in super().read(stream, context):
            if isinstance(event, InterchangeClosed):
                event.accepted += 1
            yield event


class Silent(Good):
    """Says nothing of what it refuses."""

    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        for event in super().read(stream, context):
            event.findings = []
            yield event


class Impatient(Good):
    """Takes the first chunk for the whole."""

    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        return super().read(BytesIO(stream.read(5)), context)


class Endless(Good):
    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        return (event for event in super().read(stream, context) if not isinstance(event, InterchangeClosed))


class Counting(Good):
    """Keeps state between payloads."""

    calls = 0

    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        for event in super().read(stream, context):
            if isinstance(event, MessageRead):
                self.calls += 1
                event.documents = [Order(buyer_order_id=str(self.calls))]
            yield event


class Mute(Good):
    def acknowledge(self, closed: Any, context: Any) -> Written | None:
        return Written(b"", Envelope("good"))


class Lossy(Good):
    def write(self, documents: Any, message: str, version: str, context: Any) -> Written:
        return super().write(documents[:1], message, version, context)


class Boundless(Good):
    def read(self, stream: Any, context: Any) -> Iterator[Any]:
        context.limits = type(context.limits)()
        return super().read(stream, context)


class Guessing(Good):
    def write(self, documents: Any, message: str, version: str, context: Any) -> Written:
        return super().write(documents, "orders", version, context)


@pytest.mark.parametrize(
    ("broken", "check", "text"),
    [
        (Greedy, "garbage is not identified", "it must be False"),
        (Raising, "truncated input", "raised ValueError"),
        (Raising, "garbage is refused", "raised ValueError"),
        (Forgetful, "samples are accepted", "the acknowledgment would be wrong"),
        (Silent, "garbage is refused", "is refused without a reason"),
        (Silent, "doubled input", "the second copy was lost without a word"),
        (Impatient, "samples are accepted", "not ORDERS"),
        (Endless, "samples are accepted", "do not end in InterchangeClosed"),
        (Counting, "output is stable", "is read differently again"),
        (Mute, "acknowledgments", "empty payload"),
        (Lossy, "round trip", "Order is not what was written when read"),
        (Boundless, "oversized input", "is accepted although it is over every limit"),
        (Guessing, "writing without mapping", "must raise ConfigurationError"),
    ],
)
def test_a_broken_promise_is_found(suite: Any, broken: type, check: str, text: str) -> None:
    (found,) = [one for one in run_suite(suite(broken()), "t") if one.name == f"t: {check}"]
    assert text in found.problem


def test_converters(tmp_path: Path) -> None:
    class Upper(ConverterConformance):
        converter = Converter("t.upper", lambda args, env: Pair(str.upper, str.lower), "upper case")
        values = ("A", "BC")
        texts = ("a", "B")

    assert [check.problem for check in run_suite(Upper(), "u") if check.problem] == []
    Upper.values = ("ß",)  # type: ignore[assignment]
    Upper.bad = ("1",)
    assert [check.problem for check in run_suite(Upper(), "u") if check.problem] == [
        "t.upper: '1' was read as '1'",
        "t.upper: 'ß' is written as 'ß', which reads 'SS'",
    ]


class Shop:
    """An endpoint in memory, and a connector to it."""

    name = "shop"

    def __init__(self, orders: dict[str, str], broken: str = "") -> None:
        self.orders, self.broken = orders, broken

    def pull(self, kind: str, since: str | None) -> Iterator[Pulled]:
        if kind != "Order":
            raise KeyError(kind) if self.broken == "raises" else ConfigurationError(f"the shop has no {kind}")
        for number in range(int(since or 0) + 1, 4):
            yield Pulled((Order(buyer_order_id=str(number)),), "3" if self.broken == "skips" else str(number))

    def push(self, document: Any, key: str) -> Receipt:
        created = self.broken == "doubles" or key not in self.orders
        return Receipt(self.orders.setdefault(key, str(len(self.orders) + 1)), created)

    def close(self) -> None:
        if self.broken == "away":
            raise TemporaryError("away")


@pytest.mark.parametrize(
    ("broken", "failing"),
    [
        ("", set()),
        ("raises", {"unknown kind and closing twice"}),
        ("skips", {"pulling again from every watermark"}),
        ("doubles", {"pushing twice is pushing once"}),
    ],
)
def test_connectors(broken: str, failing: set[str]) -> None:
    orders: dict[str, str] = {}

    class Suite(ConnectorConformance):
        kinds = ("Order",)

        def connect(self) -> Any:
            return Shop(orders, broken)

        def document(self) -> Any:
            return Order(buyer_order_id="9")

    assert {check.name for check in run_suite(Suite(), "c") if check.problem} == {f"c: {one}" for one in failing}


class Replica:
    """A replica in one dictionary."""

    def __init__(self, data: dict[str, Any], careless: bool) -> None:
        self.data, self.careless = data, careless

    def cursor(self) -> dict[str, Any]:
        return {"epoch": self.data.get("epoch", ""), "seq": self.data.get("seq", 0), "schema": 1}

    def apply(self, checkpoint: Any) -> int:
        if checkpoint["from"]["seq"] != self.cursor()["seq"] and not self.careless:
            return 0
        self.data["seq"] = checkpoint["last"]
        return len(checkpoint["segments"])

    def reset(self, epoch: str) -> None:
        self.data.clear()
        self.data["epoch"] = epoch

    def close(self) -> None:
        pass


@pytest.mark.parametrize("careless", [False, True])
def test_replicas(careless: bool) -> None:
    data: dict[str, Any] = {}

    class Suite(ReplicaConformance):
        def open(self) -> Any:
            return Replica(data, careless)

        def checkpoints(self) -> Any:
            origins = [{"epoch": "e", "seq": at, "buckets": []} for at in (0, 1)]
            return [{"epoch": "e", "from": one, "last": one["seq"] + 1, "segments": [{}]} for one in origins]

    if careless:
        with pytest.raises(NotConforming, match="applied already changed rows again"):
            Suite().test_checkpoints_are_applied_once()
        return
    Suite().test_checkpoints_are_applied_once()
    Suite().test_reset_empties_the_replica()


def test_write_context_counts() -> None:
    context = StandaloneWriteContext(None)  # type: ignore[arg-type]
    assert [context.next_control("a"), context.next_control("a"), context.next_control("b")] == [1, 2, 1]
    assert json.dumps(str(context.now.date())) == f'"{date(2026, 1, 2)}"'
    assert Decimal(context.next_control("a")) == 3
