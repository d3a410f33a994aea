"""The commands of a till that talk to the hub: ``register`` and ``pull``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub_pos.errors import ReplicaError

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
            return _told(client.pull())

        def tell(what: Pulled | ReplicaError) -> None:
            line = _told(what)[0][0] if isinstance(what, Pulled) else f"hub_pos: {what}"
            sys.stderr.write(f"{line}\n")

        client.keep_pulling(max(1.0, options.every), told=tell)
    return ["stopped"], None


def _told(done: Any) -> Answer:
    how = "loaded anew" if done.loaded else "up to date"
    return [f"{how} at {done.last}: {done.rows} rows, {done.bytes} bytes"], asdict(done)
