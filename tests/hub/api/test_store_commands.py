"""``hub store``, ``hub serve`` and ``hub-pos register|pull`` as a person runs them."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from hub import jobs
from hub.replication import sealed_log
from hub.replication.signing import HubKeys
from hub.repository import RepositoryBusy
from hub.workspace import initialize


@pytest.fixture
def hub(root: Path) -> Callable[..., tuple[int, str]]:
    def run(*words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "hub", "-w", str(root), "store", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
        return done.returncode, done.stdout + done.stderr

    return run


def pos(*words: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "hub_pos", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_store_from_token_to_status(
    root: Path,
    repo: Any,
    hub: Callable[..., tuple[int, str]],
    process: Any,
    prices: Callable[..., None],
    tmp_path: Path,
) -> None:
    prices(range(4), "1.00")
    replica = str(tmp_path / "t.sqlite")
    assert "sealed up to 8 for" in hub("seal")[1]
    with repo.read() as tx:
        assert {one.state for one in tx.nodes()} == {"invited"}
    status, text = hub("add-node", "S003")
    assert (status, "no store 'S003'" in text) == (2, True)
    assert hub("add-node", "S001", "a/b")[0] == 2
    invited = json.loads(hub("add-node", "S001", "1", "--json")[1])
    assert invited["node"] == "S001-1"
    assert pos(replica, "pull")[0] == 2
    with process() as (url, _):
        status, text = pos(replica, "register", url, "S001-1", "wrong")
        assert (status, text.startswith("hub_pos: the hub answers 403: the token is not this node's")) == (2, True)
        assert pos(replica, "register", url, "S001-1", invited["token"])[0] == 0
        assert pos(replica, "pull") == (0, "loaded anew at 8: 8 rows, " + pos_bytes(root) + " bytes\n")
        assert json.loads(pos(replica, "--json", "pull")[1])["rows"] == 0
        assert "S001-1  active" in hub("nodes")[1]
        assert hub("revoke", "S001-1")[0] == 0
    assert json.loads(hub("nodes", "--json")[1])[0]["state"] == "revoked"
    assert hub("revoke", "S001-9")[0] == 2
    assert hub("export", "S001-1", str(tmp_path / "stick"))[0] == 2
    status, text = hub("status")
    assert (status, "0 of 2 nodes active" in text) == (0, True)


def pos_bytes(root: Path) -> str:
    """The bytes of everything on the shelf: all of it is for this store."""
    return str(sum(file.stat().st_size for file in (root / "segments").glob("??/*")))


def test_nothing_is_sealed_for_stores_without_nodes(tmp_path: Path) -> None:
    root = initialize(tmp_path / "new")
    (root / "stores.toml").write_text('[[store]]\nid = "S001"\n')
    for _ in range(2):
        assert (jobs.seal(root)["buckets"], (root / "segments").exists()) == (0, False)


def test_a_node_that_is_away_is_told(root: Path, repo: Any, hub: Callable[..., tuple[int, str]]) -> None:
    from datetime import timedelta

    repo.retrying(lambda tx: tx.invite_node("S001", "S001", "t", timedelta(1)))
    repo.retrying(lambda tx: tx.register_node("S001", "t", "key"))
    status, text = hub("status", "--json")
    assert (status, json.loads(text)["away"]) == (0, [])  # it has only just come
    with (root / "hub.toml").open("a") as file:
        file.write('\n[stores]\nsilent = "1s"\n')
    time.sleep(1.1)
    status, text = hub("status", "--json")
    assert (status, json.loads(text)["away"]) == (1, ["S001"])


def test_signing_keys_are_the_hubs_alone(root: Path, hub: Callable[..., tuple[int, str]]) -> None:
    assert "new signing key" in hub("rotate-key")[1]
    first, second = sorted((root / "keys").glob("*.pem"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in (first, second)} == {0o600}
    keys = HubKeys(root / "keys")
    assert keys.choose(()) == keys.newest
    assert keys.choose([next(iter(keys.public()))]) != keys.newest
    second.chmod(0o644)
    status, text = hub("rotate-key")
    assert status == 2
    assert "others than its owner can read" in text


@contextmanager
def _lock(repo: Any) -> Iterator[None]:
    """The sealer's lock, as soon as the process that seals has given it back."""
    for _ in range(200):
        with suppress(RepositoryBusy), repo.lock("seal", 60):
            yield
            return
        time.sleep(0.01)
    raise AssertionError("the sealer never gave its lock back")


@pytest.mark.parametrize("kill", [False, True])
def test_sealing_again_and_again(root: Path, repo: Any, prices: Callable[..., None], kill: bool) -> None:
    """What is written is sealed soon after, also while another process seals for a moment, and after a kill."""
    command = [sys.executable, "-m", "hub", "-w", str(root), "store", "seal", "--every", "0.1"]

    def sealed() -> int:
        with repo.read() as tx:
            found = sealed_log.progress(tx)
        return found.position if found else 0

    def until(position: int) -> None:
        for _ in range(600):
            if sealed() == position:
                return
            time.sleep(0.05)
        raise AssertionError(f"sealed up to {sealed()}, not {position}")

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            prices(range(4), "1.00")
            until(8)
            with _lock(repo):
                prices(range(1), "2.00")
                assert process.stderr is not None
                assert "'seal' is being done by" in process.stderr.readline()
            if not kill:
                until(9)
                prices(range(1), "3.00")
                until(10)
        finally:
            process.kill()
    if kill:
        jobs.seal(root)
        assert sealed() == 9
