"""A second till on the real line: everything that it sends and believes is from ``PROTOCOL.md``, nothing from our code
but the second till, which was written from the same text."""

from __future__ import annotations

import base64
import http.client
import json
import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import jobs
from hub.repository import Repository
from hub.simulation.refusals import Refused
from hub.simulation.second_outbox import SecondOutbox
from hub.simulation.second_till import SecondTill
from hub.simulation.segment_reading import Segment, read


class Line:
    """Section 8: signed requests of one node, with nothing but the standard library and Ed25519."""

    def __init__(self, port: int, node: str) -> None:
        self.port, self.node, self.key, self.ahead = port, node, Ed25519PrivateKey.generate(), 0

    def register(self, token: str) -> dict[str, str]:
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        status, data = self._send("POST", "/nodes/register", {"node": self.node, "token": token, "public_key": public})
        assert status == 200
        keys: dict[str, str] = json.loads(data)["keys"]
        return keys

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """A signed request; where the hub says that the clock is wrong, with its time, once more."""
        for _ in range(2):
            stamp, nonce = str(int(time.time() * 1000) + self.ahead), secrets.token_urlsafe(16)
            text = "\n".join((method, target, self.node, stamp, nonce, sha256(body).hexdigest()))
            signature = base64.b64encode(self.key.sign(b"hub-request-1\n" + text.encode())).decode()
            signed = {"Hub-Node": self.node, "Hub-Time": stamp, "Hub-Nonce": nonce, "Hub-Signature": signature}
            status, data = self._send(method, target, body, **signed, **headers)
            if status != 401 or json.loads(data)["error"]["code"] != "clock":
                break
            self.ahead = json.loads(data)["error"]["time"] - int(time.time() * 1000)
        return status, data

    def _send(self, method: str, target: str, body: Any, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, target, body if isinstance(body, bytes) else json.dumps(body).encode(), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def segment(self, digest: str) -> Segment:
        """A segment in two halves, as after a download that broke off."""
        status, data = self.ask("GET", f"/segments/{digest}")
        assert status == 200
        half = len(data) // 2
        status, rest = self.ask("GET", f"/segments/{digest}", Range=f"bytes={half}-")
        assert status == 206
        return read(data[:half] + rest, digest)

    def pull(self, till: SecondTill) -> None:
        status, answer = self.ask("POST", "/sync/poll", json.dumps(till.poll()).encode())
        assert status == 200, answer
        till.take(answer, self.segment)


@pytest.fixture
def till(server: Any, repo: Repository) -> tuple[SecondTill, Line]:
    line = Line(server.port, "S001-1")
    return SecondTill("S001-1", line.register("of S001-1")), line


def amounts(till: SecondTill) -> set[str]:
    return {row.fields["amount"] for row in till.state.rows.values() if row.entity == "price"}


def test_it_pulls_what_changed_and_no_more(
    till: tuple[SecondTill, Line], prices: Callable[..., None], root: Any, server: Any
) -> None:
    second, line = till
    prices(range(40), "1.00")
    prices(range(40), "9.00", "SALE")
    jobs.seal(root)
    server.service.refresh()
    line.pull(second)
    assert amounts(second) == {"1.00"}
    assert len(second.state.rows) == 80  # products and prices, and nothing of the other store's list
    prices(range(3), "2.00")
    jobs.seal(root)
    server.service.refresh()
    line.ahead = -3_600_000
    line.pull(second)
    assert line.ahead > -60_000  # it took the hub's time
    assert amounts(second) == {"1.00", "2.00"}
    assert second.state.settings["currency"] == "EUR"


def test_it_takes_nothing_that_the_hub_did_not_sign_for_it(
    till: tuple[SecondTill, Line], prices: Callable[..., None], root: Any, server: Any
) -> None:
    second, line = till
    prices(range(3), "1.00")
    jobs.seal(root)
    server.service.refresh()
    _, answer = line.ask("POST", "/sync/poll", json.dumps(second.poll()).encode())
    other = Line(server.port, "S002-1")
    keys = other.register("of S002-1")
    with pytest.raises(Refused, match="node"):
        SecondTill("S002-1", keys).take(answer, line.segment)
    with pytest.raises(Refused, match="signature"):
        SecondTill("S001-1", {"0" * 16: next(iter(keys.values()))}).take(answer, line.segment)
    listed = json.loads(json.loads(answer)["manifest"])["segments"]
    foreign = next(one["digest"] for one in listed if one["bucket"] == "zone:RTL")
    assert other.ask("GET", f"/segments/{foreign}")[0] == 404
    second.take(answer, line.segment)
    prices(range(3), "2.00")
    jobs.seal(root)
    server.service.refresh()
    line.pull(second)
    with pytest.raises(Refused, match="old"):
        second.take(answer, line.segment)
    assert amounts(second) == {"2.00"}


def test_what_it_sold_is_at_the_hub(till: tuple[SecondTill, Line], repo: Repository) -> None:
    _, line = till
    now = datetime.now(UTC)
    outbox = SecondOutbox("S001", "1", random.Random(1))
    goods = {"line_id": "1", "quantity": {"value": "1", "unit": "EA"}, "amount": {"amount": "2.50", "currency": "EUR"}}
    tender = {"type": "cash", "amount": {"amount": "2.50", "currency": "EUR"}}
    printed = [outbox.sell([goods], tender, now, "") for _ in range(3)]
    body = outbox.upload(2)
    line.ask("POST", "/uploads", body)  # the answer is lost
    status, answer = line.ask("POST", "/uploads", body)
    assert status == 200
    outbox.answered(b"<html>a proxy's page</html>", now)
    assert len(outbox.waiting()) == 3
    outbox.answered(answer, now)
    assert [one.seq for one in outbox.waiting()] == [3]
    outbox.answered(line.ask("POST", "/uploads", outbox.upload(10))[1], now)
    assert outbox.waiting() == []
    with repo.read() as tx:
        keys = [record.data()["key"] for record in tx.list("PosTransaction")]
    assert sorted(f"{key['store']}-{key['workstation']}-{key['sequence']}" for key in keys) == printed
