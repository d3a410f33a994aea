"""The commands of a till that talk to the hub: ``register``, ``pull`` and ``verify``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub_pos.errors import CheckpointRefused, HubAway, ReplicaError
from hub_pos.healing import MOST

Add = Callable[[str, str], argparse.ArgumentParser]
Answer = tuple[list[str], Any]


def add_to(add: Add) -> None:
    """Add the commands to a parser: ``add`` makes one from its name and help."""
    register = add("register", "make this till's key and have the hub take it")
    register.add_argument("url", help="the hub's address, such as https://hub.example.com")
    register.add_argument("node", help="this till's name, such as S001-1")
    register.add_argument("token", help="from: hub store add-node")
    register.set_defaults(alone=_register)
    pull = add("pull", "bring the replica up to date")
    pull.add_argument("--from", dest="folder", type=Path, help="a folder or stick instead of the line")
    pull.add_argument("--every", type=float, metavar="SECONDS", help="keep pulling, about so often")
    pull.set_defaults(alone=_pull)
    verify = add("verify", "compare everything here with what the hub knows that this store must hold")
    verify.add_argument("--heal", action="store_true", help="put right what differs")
    verify.set_defaults(alone=_verify)


def _register(options: argparse.Namespace) -> Answer:
    from hub_pos.client import register

    identity = register(options.replica, options.url, options.node, options.token)
    return [f"{identity.node} is registered at {identity.url}"], {"node": identity.node, "url": identity.url}


def _pull(options: argparse.Namespace) -> Answer:
    from hub_pos.client import HubClient, Pulled, pull_from

    if options.folder is not None:
        return _told(pull_from(options.replica, options.folder))
    with HubClient(options.replica) as client:
        if options.every is None:
            done = client.pull()
            if done.rows or done.loaded:
                with suppress(HubAway):
                    client.pull()  # the hub knows where a till stands by its next poll
            return _told(done)

        def tell(what: Pulled | ReplicaError) -> None:
            line = _told(what)[0][0] if isinstance(what, Pulled) else f"hub_pos: {what}"
            sys.stderr.write(f"{line}\n")

        client.keep_pulling(max(1.0, options.every), told=tell)
    return ["stopped"], None


def _verify(options: argparse.Namespace) -> Answer:
    from hub_pos.client import HubClient
    from hub_pos.verifying import verify

    with HubClient(options.replica) as client:
        done = verify(client, heal=options.heal)
    found = done.found
    data = {**asdict(found), "sent": done.sent, "received": done.received}
    cost = f"{done.sent} bytes sent, {done.received} received"
    if not found.comparable:
        raise HubAway(f"the hub cannot compare now: {found.why}")
    if not found.differ:
        return [f"equal at {found.position} ({cost})"], data
    what = f"{found.rows} rows differ at {found.position}" + ("" if found.rows <= MOST else " at least")
    end = "; put right, and equal now" if found.healed else ""
    if not found.healed:
        raise CheckpointRefused(f"{what}, in {', '.join(one or '(no bucket)' for one in found.differ)}: verify --heal")
    return [f"{what}{end} ({cost})"], data


def _told(done: Any) -> Answer:
    how = "loaded anew" if done.loaded else "up to date"
    return [f"{how} at {done.last}: {done.rows} rows, {done.bytes} bytes"], asdict(done)
