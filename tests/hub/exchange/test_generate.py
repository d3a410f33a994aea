"""``hub generate`` as the core sees it: who sends, which version, and a translator that can generate."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.exchange.generate import Wanted, agreed_as, generated
from hub.exchange.session import Hub
from hub.translation import Envelope, Generator, WriteContext, Written
from hub.workspace import initialize

PARTNER = """
identities: { echo: THEM }
our_identities: { echo: US }
translator: { echo: { mark: "+" } }
documents:
  - { direction: in, standard: echo, message: ORDERS, version: D96A }
  - { direction: in, standard: echo, message: ORDERS, version: D01B }
  - { direction: out, standard: echo, message: ORDRSP, version: D01B, options: { mark: "|" } }
"""


class Echo:
    """A translator that generates what it was asked for, in words."""

    name = "echo"

    def generate(
        self, message: str, version: str, seed: str, context: WriteContext, *, messages: int, incoming: bool
    ) -> Iterator[Written]:
        parties = f"{context.sender.id}>{context.receiver.id}"
        for number in count(1):
            text = f"{message} {version} {seed} {parties} {messages} {incoming} {context.options['mark']} {number}"
            yield Written(text.encode(), Envelope("echo"))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    root = initialize(tmp_path / "ws")
    (root / "partners" / "acme.yaml").write_text(PARTNER)
    with Hub.open(root) as hub:
        hub.plugins.translators["echo"] = Echo()  # type: ignore[assignment]
        yield hub


def made(hub: Hub, message: str, number: int = 1, **more: Any) -> list[str]:
    wanted = Wanted(message, number, "s", **more)
    return [written.payload.decode() for written in generated(hub, hub.partners.named("acme"), wanted)]


def test_what_the_partner_sends_and_gets(hub: Hub) -> None:
    assert made(hub, "ORDERS", 2, version="D96A") == [
        "ORDERS D96A s THEM>US 1 True + 1",
        "ORDERS D96A s THEM>US 1 True + 2",
    ]
    assert made(hub, "ORDRSP", messages=3) == ["ORDRSP D01B s US>THEM 3 False | 1"]
    assert made(hub, "ORDERS", direction="out") == ["ORDERS  s US>THEM 1 False + 1"]


def test_the_version_asked_for_is_the_one(hub: Hub) -> None:
    assert made(hub, "ORDERS", version="D99Z") == ["ORDERS D99Z s THEM>US 1 True + 1"]
    assert made(hub, "INVOIC", version="D01B") == ["INVOIC D01B s THEM>US 1 True + 1"]


def test_what_is_agreed(hub: Hub) -> None:
    acme = hub.partners.named("acme")
    assert agreed_as(acme, Wanted("ORDRSP", 1, "s"))[0] == "out"
    direction, agreement = agreed_as(acme, Wanted("ORDERS", 1, "s", version="D01B"))
    assert (direction, agreement and agreement.version) == ("in", "D01B")
    assert agreed_as(acme, Wanted("INVOIC", 1, "s")) == ("in", None)


def test_a_standard_that_nobody_generates(hub: Hub) -> None:
    with pytest.raises(ConfigurationError, match="messages of 'soap' cannot be generated"):
        made(hub, "ORDERS", standard="soap")
    del hub.plugins.translators["echo"]
    with pytest.raises(ConfigurationError, match="messages of 'echo' cannot be generated"):
        made(hub, "ORDERS", standard="echo")


def test_the_installed_translators_that_generate(hub: Hub) -> None:
    able = {name for name, one in hub.plugins.translators.items() if isinstance(one, Generator)}
    assert able == {"echo", "x12"}
