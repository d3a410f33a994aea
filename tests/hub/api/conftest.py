"""A workspace with stores, and real servers on loopback: in a thread for most tests, else as a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from hub import jobs
from hub.api.app import application
from hub.api.serve import service_of
from hub.model import Price, Product
from hub.replication import scopes_of
from hub.repository import Repository
from hub.workspace import initialize, open_workspace
from hub_pos.client import register

STORES = """
[[store]]
id = "S001"
mode = "distributed"
currency = "EUR"
assortments = ["*"]
price_lists = ["RTL"]
[[store]]
id = "S002"
mode = "distributed"
currency = "EUR"
price_lists = ["SALE"]
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = initialize(tmp_path / "ws")
    (made / "stores.toml").write_text(STORES)
    return made


@pytest.fixture
def repo(root: Path) -> Iterator[Repository]:
    with Repository.open(open_workspace(root).database_url, scope_function=scopes_of) as opened:
        # Sealed is for stores that have nodes.
        for node in ("S001-1", "S002-1"):
            opened.retrying(lambda tx, node=node: tx.invite_node(node, node[:4], f"of {node}", timedelta(1)))
        yield opened


@pytest.fixture
def prices(repo: Repository) -> Callable[..., None]:
    """Stores a product and a price for each number."""

    def put(numbers: range, amount: str, price_list: str = "RTL") -> None:
        with repo.begin() as tx:
            for number in numbers:
                sku = [{"scheme": "sku", "value": str(number)}]
                if price_list == "RTL":
                    tx.put(
                        Product(external_id=str(number), identifiers=sku, name=[{"value": f"P{number}"}]), system="e"
                    )
                price = {"amount": amount, "currency": "EUR"}
                tx.put(
                    Price(external_id=f"{price_list}{number}", identifiers=sku, price_list=price_list, price=price),
                    system="e",
                )

    return put


class Running:
    """A server in a thread of this process."""

    def __init__(self, repo: Repository, root: Path, port: int = 0) -> None:
        self.service = service_of(repo, root)
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(application(self.service), host="127.0.0.1", port=self.port, log_level="warning")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> Running:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)


@pytest.fixture
def running() -> type[Running]:
    return Running


@pytest.fixture
def server(repo: Repository, root: Path) -> Iterator[Running]:
    with Running(repo, root) as running:
        yield running


@pytest.fixture
def registered(repo: Repository, root: Path, server: Running, tmp_path: Path) -> Callable[[], Path]:
    """Seals, and registers the node S001-1 at the server; the path of its replica, which is not there yet."""

    def join() -> Path:
        jobs.seal(root)
        path = tmp_path / "till" / "S001.sqlite"
        register(path, server.url, "S001-1", "of S001-1")
        server.service.refresh()
        return path

    return join


@pytest.fixture
def process(root: Path) -> Callable[..., Any]:
    """``hub serve`` as a process of its own."""

    @contextmanager
    def run(port: int = 0) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
        port = port or free_port()
        command = [sys.executable, "-m", "hub", "-w", str(root), "serve", "--port", str(port)]
        started = subprocess.Popen(command, env=os.environ, stderr=subprocess.PIPE)
        try:
            for _ in range(200):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/health")
                    break
                except httpx.ConnectError:
                    assert started.poll() is None, started.stderr.read() if started.stderr else ""
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", started
        finally:
            started.kill()
            started.wait()
            if started.stderr:
                started.stderr.close()

    return run
