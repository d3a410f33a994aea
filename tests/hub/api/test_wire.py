"""The whole way over HTTP: registration, polls, segments, what is refused, and what a kill leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

import hub_pos
from hub import jobs
from hub.commands.store import store as store_group
from hub.replication import load_stores, replicate
from hub.repository import Repository
from hub.repository.wire_tables import nodes
from hub_pos.client import HubClient, pull_from, register
from hub_pos.errors import HubAway, HubRefused, NotRegistered, Replayed, SegmentDamaged, SignatureRefused
from hub_pos.identity import Identity, identity_path
from hub_pos.plugin import hub_register_replicas

Prices = Callable[..., None]


def invite(repo: Repository, node: str = "S001-1", token: str = "one-time", lasts: float = 60) -> str:
    repo.retrying(lambda tx: tx.invite_node(node, node[:4], token, timedelta(seconds=lasts)))
    return token


def till(repo: Repository, url: str, path: Path, node: str = "S001-1") -> Path:
    register(path, url, node, invite(repo, node))
    return path


def amounts(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [amount for (amount,) in connection.execute("SELECT amount FROM price ORDER BY id")]


def contents(path: Path) -> dict[str, set[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {
            name: set(connection.execute(f"SELECT {columns} FROM {name}"))
            for name, columns in (("price", "id, item, amount"), ("product", "id, name, search"), ("bucket", "name"))
        }


def test_a_till_registers_pulls_and_follows(
    repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(30), "1.00")
    jobs.seal(root)
    path = till(repo, server.url, tmp_path / "t.sqlite")
    assert identity_path(path).stat().st_mode & 0o777 == 0o600
    with HubClient(path) as client:
        server.service.refresh()
        first = client.pull()
        assert (first.loaded, first.rows) == (True, 60)
        assert client.pull().bytes == 0
        prices(range(5), "2.00")
        jobs.seal(root)
        server.service.refresh()
        second = client.pull()
    assert (second.loaded, second.rows) == (False, 5)
    assert second.bytes < 250
    assert sorted(amounts(path)) == ["1.00"] * 25 + ["2.00"] * 5
    (north, _) = load_stores(root / "stores.toml")
    replicate(repo, [north], {one.kind: one for one in hub_register_replicas()})
    assert north.path is not None
    assert contents(path) == contents(north.path)
    assert list((tmp_path / "t.segments").glob("*")) == []
    server.service.save()
    with repo.read() as tx:
        (node,) = tx.nodes("S001")
    assert (node.state, node.polls, node.cursor_seq) == ("active", 3, first.last)
    assert node.bytes_sent > first.bytes


def test_tokens_work_once_and_in_time(repo: Repository, server: Any, tmp_path: Path) -> None:
    token = invite(repo)
    path = tmp_path / "t.sqlite"
    with pytest.raises(HubRefused, match="token is not this node's"):
        register(path, server.url, "S001-1", "guessed")
    with pytest.raises(HubRefused, match="token is not this node's"):
        register(path, server.url, "S002-1", token)
    register(path, server.url, "S001-1", token)
    with pytest.raises(HubRefused, match="was used"):
        register(tmp_path / "other.sqlite", server.url, "S001-1", token)
    # Killed after the hub took the key and before the answer was kept: the same key for the same token again.
    identity_path(path).replace(identity_path(path).with_name("t.node.json.pending"))
    assert register(path, server.url, "S001-1", token).hub_keys
    invite(repo, "S002-1", "late", lasts=-1)
    with pytest.raises(HubRefused, match="too old"):
        register(path, server.url, "S002-1", "late")
    with repo.read() as tx:
        assert {one.node: one.state for one in tx.nodes()} == {"S001-1": "active", "S002-1": "expired"}
        assert "one-time" not in str(tx.rows(select(nodes)))
    with pytest.raises(NotRegistered):
        HubClient(tmp_path / "nobody.sqlite")


def ask(identity: Identity, method: str, target: str, body: bytes = b"", **headers: str) -> httpx.Response:
    signed = {**identity.sign(method, target, body), **headers}
    return httpx.request(method, identity.url + target, content=body, headers=signed)


def poll(identity: Identity, **more: Any) -> bytes:
    place = {"seq": 0, "buckets": []}
    data = {"node": identity.node, "epoch": "", "schema": 1, "cursor": place, "numbered": True, **more}
    return json.dumps(data).encode()


def test_forged_replayed_and_malformed_requests_are_refused(
    repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(3), "1.00")
    prices(range(3), "0.50", "SALE")
    jobs.seal(root)
    server.service.refresh()
    mine = Identity.load(identity_path(till(repo, server.url, tmp_path / "a.sqlite", "S001-1")))
    other = Identity.load(identity_path(till(repo, server.url, tmp_path / "b.sqlite", "S002-1")))
    body = poll(mine)
    headers = mine.sign("POST", "/sync/poll", body)
    post = lambda data, signed: httpx.post(f"{server.url}/sync/poll", content=data, headers=signed)  # noqa: E731
    answers = [
        post(body, headers),
        post(body, headers),  # the same again
        post(body, {}),
        post(body + b" ", mine.sign("POST", "/sync/poll", body)),
        post(body, {**other.sign("POST", "/sync/poll", body), "Hub-Node": "S001-1"}),
        post(body, other.sign("POST", "/sync/poll", body)),  # rightly signed, but speaks of another node
        post(b"{}", mine.sign("POST", "/sync/poll", b"{}")),
        post(b"[", mine.sign("POST", "/sync/poll", b"[")),
        post(b"x" * 1_100_000, {}),
        post(poll(mine, cursor={"seq": True, "buckets": []}), {}),
    ]
    codes = [one.status_code if one.status_code == 200 else one.json()["error"]["code"] for one in answers]
    assert codes == [200, "replay", "node", "signature", "signature", "node", "node", "shape", "too_large", "node"]
    broken = poll(mine, cursor={"seq": True, "buckets": []})
    assert post(broken, mine.sign("POST", "/sync/poll", broken)).status_code == 400
    mine.offset = -400_000
    late = ask(mine, "POST", "/sync/poll", body).json()["error"]
    assert late["code"] == "clock"
    assert abs(late["time"] - time.time() * 1000) < 5_000
    mine.offset = 0
    listed = json.loads(json.loads(answers[0].content)["manifest"])
    assert (listed["node"], listed["store"], listed["reset"]) == ("S001-1", "S001", True)
    assert {one["bucket"] for one in listed["segments"]} == {"all", "store:S001", "products", "zone:RTL"}
    digest = next(one["digest"] for one in listed["segments"] if one["bucket"] == "zone:RTL")
    assert ask(mine, "GET", f"/segments/{digest}").status_code == 200
    assert ask(other, "GET", f"/segments/{digest}").json()["error"]["code"] == "segment"
    assert httpx.get(f"{server.url}/segments/{digest}").status_code == 401
    assert httpx.get(f"{server.url}/../hub.db").status_code == 404
    assert httpx.get(f"{server.url}/docs").json()["error"]["code"] == "unknown"


def test_a_request_is_no_good_after_the_server_was_started_again(
    repo: Repository, root: Path, running: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(3), "1.00")
    jobs.seal(root)
    with running(repo, root) as first:
        path = till(repo, first.url, tmp_path / "a.sqlite")
        mine = Identity.load(identity_path(path))
        body = poll(mine)
        headers = mine.sign("POST", "/sync/poll", body)
        assert httpx.post(f"{first.url}/sync/poll", content=body, headers=headers).status_code == 200
    with running(repo, root, first.port) as second:
        again = httpx.post(f"{second.url}/sync/poll", content=body, headers=headers)
        assert again.json()["error"]["code"] == "clock"
        with HubClient(path) as client:
            assert client.pull().rows == 6


def test_segments_in_ranges_and_for_ever(
    repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(50), "1.00")
    jobs.seal(root)
    server.service.refresh()
    mine = Identity.load(identity_path(till(repo, server.url, tmp_path / "a.sqlite")))
    listed = json.loads(ask(mine, "POST", "/sync/poll", poll(mine)).json()["manifest"])["segments"]
    target = f"/segments/{next(one['digest'] for one in listed if one['digest'])}"
    whole = ask(mine, "GET", target)
    assert whole.headers["cache-control"] == "public, max-age=31536000, immutable"
    tag = whole.headers["etag"]
    size = len(whole.content)
    part = ask(mine, "GET", target, Range=f"bytes=10-{size + 99}")
    assert (part.status_code, part.content) == (206, whole.content[10:])
    assert part.headers["content-range"] == f"bytes 10-{size - 1}/{size}"
    assert ask(mine, "GET", target, Range=f"bytes={size}-").status_code == 416
    assert ask(mine, "GET", target, **{"If-None-Match": tag}).status_code == 304
    assert ask(mine, "GET", target, **{"Range": "bytes=1-", "If-Range": '"old"'}).status_code == 200


def test_a_revoked_node_is_refused(repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path) -> None:
    prices(range(3), "1.00")
    jobs.seal(root)
    path = till(repo, server.url, tmp_path / "t.sqlite")
    server.service.refresh()
    with HubClient(path) as client:
        client.pull()
        repo.retrying(lambda tx: tx.revoke_node("S001-1"))
        server.service.refresh()
        with pytest.raises(HubRefused, match="was its key revoked"):
            client.pull()
    register(path, server.url, "S001-1", invite(repo, token="another"))
    with HubClient(path) as client:
        assert client.pull().rows == 0


def test_what_was_tampered_with_is_refused(
    repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices(range(30), "1.00")
    jobs.seal(root)
    server.service.refresh()
    path = till(repo, server.url, tmp_path / "t.sqlite")
    genuine = HubClient._ask

    def changed(self: HubClient, method: str, target: str, body: bytes) -> bytes:
        answer = json.loads(genuine(self, method, target, body))
        answer["manifest"] = answer["manifest"].replace("zone:RTL", "zone:XXX")
        return json.dumps(answer).encode()

    with HubClient(path) as client:
        monkeypatch.setattr(HubClient, "_ask", changed)
        with pytest.raises(SignatureRefused, match="changed on its way"):
            client.pull()
        monkeypatch.setattr(HubClient, "_ask", genuine)
        for digest in server.service.catalog.files:
            server.service.remember(digest, bytes(server.service.shelf.path(digest).stat().st_size))
        with pytest.raises(SegmentDamaged, match="hash that is its name"):
            client.pull()
        server.service._blobs.clear()
        # What came broken is thrown away; the next pull takes it whole.
        assert client.pull().rows == 60
    foreign = tmp_path / "u.sqlite"
    till(repo, server.url, foreign, "S002-1")
    identity = Identity.load(identity_path(foreign))
    identity.hub_keys = {"0" * 16: next(iter(identity.hub_keys.values()))}
    identity.save(identity_path(foreign))
    with HubClient(foreign) as client, pytest.raises(SignatureRefused, match="not signed with a key"):
        client.pull()


def test_a_store_whose_scope_changed_follows(
    repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(3), "1.00")
    prices(range(2), "0.50", "SALE")
    jobs.seal(root)
    server.service.refresh()
    path = till(repo, server.url, tmp_path / "t.sqlite")
    with HubClient(path) as client:
        client.pull()
        text = (root / "stores.toml").read_text().replace('price_lists = ["RTL"]', 'price_lists = ["SALE", "NONE"]')
        (root / "stores.toml").write_text(text)
        jobs.seal(root)
        server.service.refresh()
        done = client.pull()
        assert (done.loaded, amounts(path)) == (False, ["0.50", "0.50"])
        assert client.pull().bytes == 0


def test_keys_change_without_a_visit(
    repo: Repository, root: Path, running: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(3), "1.00")
    jobs.seal(root)
    with running(repo, root) as server:
        path = till(repo, server.url, tmp_path / "t.sqlite")
        port = server.port
        server.service.keys.rotate()
        with HubClient(path) as client:
            assert client.pull().rows == 6
            assert server.service.keys.newest in client.identity.hub_keys
    (first, *_) = sorted((root / "keys").glob("*.pem"))
    first.unlink()
    with running(repo, root, port), HubClient(path) as client:
        assert client.pull().rows == 0
        assert len(client.identity.hub_keys) == 2


def test_a_stick_brings_the_same(repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path) -> None:
    from click.testing import CliRunner

    prices(range(20), "1.00")
    jobs.seal(root)
    path, stick = till(repo, server.url, tmp_path / "t.sqlite"), tmp_path / "stick"
    export = ["export", "S001-1", str(stick), "-w", str(root)]
    done = CliRunner().invoke(store_group, export)
    assert done.exit_code == 0, done.output
    assert pull_from(path, stick).rows == 40
    with HubClient(path) as client:
        server.service.refresh()
        assert client.pull().rows == 0
    server.service.save()
    prices(range(2), "3.00")
    jobs.seal(root)
    shutil.rmtree(stick)
    assert CliRunner().invoke(store_group, export).exit_code == 0
    (file,) = stick.glob("segments/*")
    data = file.read_bytes()
    file.write_bytes(data[:-1] + b"?")
    with pytest.raises(SegmentDamaged):
        pull_from(path, stick)
    file.write_bytes(data)
    assert pull_from(path, stick).rows == 2
    assert pull_from(path, stick).rows == 0
    prices(range(1), "4.00")
    jobs.seal(root)
    server.service.refresh()
    with HubClient(path) as client:
        assert client.pull().rows == 1
    with pytest.raises(Replayed, match="export it again"):
        pull_from(path, stick)
    assert CliRunner().invoke(store_group, [*export, "--full"]).exit_code == 0
    assert (pull_from(path, stick).loaded, sorted(amounts(path))[-3:]) == (True, ["1.00", "3.00", "4.00"])


def test_a_wrong_clock_is_put_right(repo: Repository, root: Path, server: Any, prices: Prices, tmp_path: Path) -> None:
    prices(range(3), "1.00")
    jobs.seal(root)
    server.service.refresh()
    path = till(repo, server.url, tmp_path / "t.sqlite")
    identity = Identity.load(identity_path(path))
    identity.offset = -86_400_000
    identity.save(identity_path(path))
    with HubClient(path) as client:
        assert client.pull().rows == 6
    assert abs(Identity.load(identity_path(path)).offset) < 5_000


def test_uploads_are_mounted(repo: Repository, server: Any, tmp_path: Path) -> None:
    server.service.refresh()
    path = till(repo, server.url, tmp_path / "t.sqlite")
    upload = {"node": "S001-1", "documents": [{"seq": 1, "id": "x", "kind": "Nothing", "created_at": "", "body": {}}]}
    with HubClient(path) as client:
        (result,) = json.loads(client.send(json.dumps(upload).encode()))["results"]
        assert (result["seq"], result["status"]) == (1, "quarantined")
        with pytest.raises(hub_pos.ReplicaError, match="speaks of another node"):
            client.send(json.dumps({**upload, "node": "S002-1"}).encode())


def test_a_store_server_brings_what_its_terminals_wrote(repo: Repository, server: Any, tmp_path: Path) -> None:
    server.service.refresh()
    path = till(repo, server.url, tmp_path / "s.sqlite", node="S001")
    upload = {"node": "S001-1", "documents": [{"seq": 1, "id": "x", "kind": "Nothing", "created_at": "", "body": {}}]}
    with HubClient(path) as client:
        assert json.loads(client.send(json.dumps(upload).encode()))["node"] == "S001-1"
        with pytest.raises(hub_pos.ReplicaError, match="no node of store"):
            client.send(json.dumps({**upload, "node": "S002-1"}).encode())


def test_the_policy_of_the_workspace_is_taken_in_as_it_changes(root: Path, server: Any) -> None:
    file, service = root / "conflicts.toml", server.service
    service.refresh()
    assert "Interaction" not in service.policies.kinds
    file.write_text('[kinds]\nInteraction = "append_only"\n')
    service.refresh()
    assert service.policies.kinds["Interaction"] == "append_only"
    file.write_text('[kinds]\nInteraction = "append_only"\nPrice = "nonsense"\n')
    service.refresh()  # wrong just now: what held before stays
    assert service.policies.kinds["Interaction"] == "append_only"
    file.unlink()
    service.refresh()
    assert "Interaction" not in service.policies.kinds


PULL = """
import os, sys, hub_pos.client as c, hub_pos.replica as r, pathlib
path, where = sys.argv[1:]
if where == "apply":
    r.numbered.write = lambda *a: os.kill(os.getpid(), 9)
elif where == "commit":
    r.Replica._save = lambda *a: os.kill(os.getpid(), 9)
elif where == "download":
    def written(response, part, have, size):
        part.write_bytes(next(response.iter_bytes(64))); os.kill(os.getpid(), 9)
    c._written = written
elif where == "fetched":
    c.checkpoint_of = lambda *a: os.kill(os.getpid(), 9)
with c.HubClient(path) as client:
    print(client.pull().rows)
"""


def test_killed_tills_and_servers_lose_nothing(
    repo: Repository, root: Path, process: Any, prices: Prices, tmp_path: Path
) -> None:
    prices(range(400), "1.00")
    jobs.seal(root)

    def pull(where: str) -> int:
        command = [sys.executable, "-c", PULL, str(path), where]
        return subprocess.run(command, env=os.environ, capture_output=True, check=False).returncode

    with process() as (url, server):
        path = till(repo, url, tmp_path / "t.sqlite")
        with closing(hub_pos.Replica(path)):
            pass
        for where in ("download", "fetched", "apply", "commit"):
            assert pull(where) == -signal.SIGKILL, where
            assert amounts(path) == []
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        with HubClient(path) as client, pytest.raises(HubAway):
            client.pull()
    with process(int(url.rpartition(":")[2])), HubClient(path) as client:
        done = client.pull()
        # Everything was fetched before the first kill inside the applying, and nothing is fetched twice.
        assert (done.rows, done.bytes, len(amounts(path))) == (800, 0, 400)


def test_health_and_a_hub_that_has_not_sealed(repo: Repository, server: Any, tmp_path: Path) -> None:
    health = httpx.get(f"{server.url}/health")
    assert (health.status_code, health.json()["status"]) == (503, "nothing is sealed yet")
    with HubClient(till(repo, server.url, tmp_path / "t.sqlite")) as client, pytest.raises(HubAway, match="not sealed"):
        client.pull()
