"""A registered till compares all that it holds with the hub, over the line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from hub_pos.client import HubClient
from hub_pos.healing import Proved
from hub_pos.replica import Replica

_TRIES = 3


@dataclass(slots=True)
class Verified:
    """What a comparison found, and the bytes that it cost (bodies of requests and answers, without a reload)."""

    found: Proved
    sent: int = 0
    received: int = 0


def verify(client: HubClient, *, heal: bool = False) -> Verified:
    """Bring the replica up to date, and compare all of it with what the hub knows that this store must hold. With
    ``heal`` rows that differ are put right; where they are too many, everything is loaded anew. Raises as ``pull``
    does."""
    done = Verified(Proved(0))

    def ask(question: dict[str, Any]) -> Mapping[str, Any]:
        answer, sent, received = client.compare(question)
        done.sent += sent
        done.received += received
        return answer

    for _ in range(_TRIES):
        client.pull()
        done.found = _proved(client, ask, heal=heal)
        if heal and done.found.reload:
            client.pull(reload=True)
            again = _proved(client, ask)
            done.found = replace(done.found, healed=again.equal, equal=again.equal, position=again.position)
        if done.found.comparable:  # else the hub went on between the pull and the comparison
            break
    return done


def _proved(client: HubClient, ask: Any, *, heal: bool = False) -> Proved:
    with closing(Replica(client.replica)) as replica:
        return replica.prove(ask, heal=heal)
