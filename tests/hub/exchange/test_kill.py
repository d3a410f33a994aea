"""``hub receive`` and ``hub deliver``, killed at random instants: nothing is lost, nothing happens twice.

The children are forked from a process that has everything imported, so that a kill comes in the middle of the work
and not in the middle of Python's start.
"""

from __future__ import annotations

import importlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.exchange.session import Hub
from hub.plugins import Plugins
from hub.repository.records import ExchangeState

KILLS = 60
CHUNK = 4
MESSAGES = 25
"""Messages of the large interchange: several transactions each."""


class Sender:
    """The partner: puts numbered interchanges into the inbox and remembers the orders in them."""

    def __init__(self, workspace: Path, interchange: Callable[..., bytes]) -> None:
        self.folder = workspace / "inbox" / "grocer"
        self.interchange = interchange
        self.control = 0
        self.orders: set[str] = set()
        self.interchanges = 0

    def send(self) -> None:
        """A large interchange, a file with two of them (one bad order), and a copy of an earlier one."""
        large = [f"L{self.control}-{number}" for number in range(MESSAGES)]
        small = [f"S{self.control}-{number}" for number in range(3)]
        bad = f"B{self.control}"
        first, second, third = self.control + 1, self.control + 2, self.control + 3
        self.control += 3
        large_bytes = self.interchange(first, large)
        self._put(f"large-{first}.edi", large_bytes)
        both = self.interchange(second, small) + b"\n" + self.interchange(third, [bad, f"G{third}"], bad=[bad])
        self._put(f"both-{second}.edi", both)
        self._put(f"zz-copy-{first}.edi", large_bytes + b"\n")
        self.orders |= {*large, *small, f"G{third}"}
        self.interchanges += 4

    def _put(self, name: str, content: bytes) -> None:
        hidden = self.folder / f".{name}"
        hidden.write_bytes(content)
        hidden.rename(self.folder / name)


def child(workspace: Path) -> None:
    """What one process of the hub does: the commands, as a person or a scheduler calls them."""
    from hub.cli import cli

    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    for command in ("receive", "deliver"):
        status = cli.main(["--workspace", str(workspace), command], standalone_mode=False)
        if status not in (0, 1, None):
            os._exit(status)
    os._exit(0)


def run_and_kill(workspace: Path, after: float | None) -> bool:
    """Run a child and kill it after a while (never, if None). Returns whether the kill found it alive."""
    process = os.fork()
    if process == 0:
        try:
            child(workspace)
        finally:
            os._exit(99)
    if after is None:
        _, status = os.waitpid(process, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        return False
    end = time.monotonic() + after
    while time.monotonic() < end:
        if os.waitpid(process, os.WNOHANG)[0]:
            return False
        time.sleep(0.001)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


@pytest.mark.slow
def test_a_killed_run_loses_nothing_and_does_nothing_twice(
    workspace: Path, plugins: Plugins, interchange: Callable[..., bytes]
) -> None:
    for module in ("hub.exchange.deliver", "hub.exchange.receive", "hub.commands.exchange", "hub.cli"):
        importlib.import_module(module)  # the children must not pay for it
    file = workspace / "hub.toml"
    file.write_text(file.read_text() + f"chunk = {CHUNK}\n")
    sender = Sender(workspace, interchange)
    chance = random.Random(20260101)
    kills = 0
    while kills < KILLS:
        if not list(sender.folder.glob("[!.]*")):
            sender.send()
        kills += run_and_kill(workspace, chance.uniform(0.02, 0.6))
    run_and_kill(workspace, None)
    run_and_kill(workspace, None)
    assert kills >= 50
    with Hub.open(workspace, plugins=plugins) as hub:
        nothing_lost_nothing_twice(hub, sender)


def nothing_lost_nothing_twice(hub: Hub, sender: Sender) -> None:
    assert list(sender.folder.glob("[!.]*")) == []
    with hub.repository.read() as tx:
        orders = Counter(record.number for record in tx.list("Order", limit=100_000))
        assert set(orders) == sender.orders
        assert set(orders.values()) == {1}
        versions = {record.version for record in tx.list("Order", limit=100_000)}
        assert versions == {1}
        answered = Counter(record.data()["buyer_order_id"] for record in tx.list("OrderResponse", limit=100_000))
        assert answered == orders

        incoming = tx.exchanges(direction="in", limit=100_000)
        assert len(incoming) == sender.interchanges
        states = Counter(record.state for record in incoming)
        rounds = sender.interchanges // 4
        assert states == {
            ExchangeState.ACCEPTED: 2 * rounds, ExchangeState.PARTIAL: rounds, ExchangeState.DUPLICATE: rounds,
        }  # fmt: skip
        for record in incoming:
            if record.state is not ExchangeState.DUPLICATE:
                positions = [message.position for message in tx.messages(record.id)]
                assert positions == list(range(1, record.received + 1))

        outgoing = tx.exchanges(direction="out", limit=100_000)
        controls = sorted(int(record.control) for record in outgoing)
        assert controls == list(range(1, len(outgoing) + 1))
        acknowledged = [record for record in incoming if record.state is not ExchangeState.DUPLICATE]
        assert len({record.acknowledgment.sha256 for record in acknowledged}) == 3 * rounds
        assert tx.outbox(state="pending") == []
        delivered = tx.outbox(state="delivered", limit=100_000)
        assert {item.payload.sha256 for item in delivered} == {record.payload.sha256 for record in outgoing}
    files = {file.name: file for file in (hub.workspace.outbox / "grocer").iterdir() if not file.name.startswith(".")}
    assert set(files) == {item.filename for item in delivered}
