"""A workspace with partners, and interchanges to send to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from hub.exchange.outcome import Outcome
from hub.exchange.receive import receive
from hub.exchange.session import Hub
from hub.plugins import Plugins
from hub.workspace import initialize

GROCER = """\
title: Grocer
identities: {x12: ["ZZ:GROCER", "01:123456789"]}
defaults:
  buyer: {name: Grocer Inc.}
  seller: {name: Our Company}
documents:
  - {direction: in, standard: x12, message: "850", response: accept_all}
  - {direction: out, standard: x12, message: "855", version: "004010"}
  - {direction: in, standard: x12, message: "997"}
"""


def x12_850(
    control: int = 1,
    orders: Sequence[str] = ("PO1",),
    *,
    sender: str = "GROCER",
    receiver: str = "MYCOMPANY",
    test: str = "P",
    bad: Sequence[str] = (),
    quantity: int = 12,
    gtin: str = "012345678905",
) -> bytes:
    """An interchange with one 850 for each order number; those in ``bad`` have a quantity that is no number."""
    lines = [
        f"ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*{receiver:<15}*260101*1200*U*00401*{control:09d}*0*{test}"
        "*>",
        f"GS*PO*{sender}*{receiver}*20260101*1200*{control}*X*004010",
    ]
    for number, order in enumerate(orders, 1):
        amount = "xx" if order in bad else str(quantity)
        body = [
            f"BEG*00*SA*{order}**20260101",
            "CUR*BY*USD",
            "N1*ST*STORE 1*92*0001",
            f"PO1*1*{amount}*EA*9.25**UP*{gtin}*VN*SKU00042",
            "PID*F****WIDGET BLUE",
            "CTT*1",
        ]
        lines += [f"ST*850*{number:04d}", *body, f"SE*{len(body) + 2}*{number:04d}"]
    lines += [f"GE*{len(orders)}*{control}", f"IEA*1*{control:09d}"]
    return ("~".join(lines) + "~").encode()


@pytest.fixture(scope="session")
def interchange() -> Callable[..., bytes]:
    """``x12_850``."""
    return x12_850


@pytest.fixture(scope="session")
def plugins() -> Plugins:
    """The installed plugins, loaded once."""
    return Plugins()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with the partner ``grocer``."""
    root = initialize(tmp_path / "ws")
    (root / "partners" / "grocer.yaml").write_text(GROCER)
    (root / "inbox" / "grocer").mkdir()
    return root


@pytest.fixture
def run(workspace: Path, plugins: Plugins) -> Callable[..., list[Outcome]]:
    """``run(content, …)`` puts files into the grocer's inbox and receives everything there."""
    number = 0

    def receiving(*contents: bytes, folder: str = "grocer", name: str = "") -> list[Outcome]:
        nonlocal number
        for content in contents:
            number += 1
            target = workspace / "inbox" / folder
            target.mkdir(exist_ok=True)
            (target / (name or f"{number:04d}.edi")).write_bytes(content)
        with Hub.open(workspace, plugins=plugins) as hub:
            return list(receive(hub))

    return receiving


@pytest.fixture
def hub(workspace: Path, plugins: Plugins) -> Iterator[Hub]:
    """The workspace's hub."""
    with Hub.open(workspace, plugins=plugins) as opened:
        yield opened
