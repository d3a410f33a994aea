"""The till's side of the wire: poll, fetch what is missing, check it, apply it as one checkpoint.

Segments are fetched to the disk first (``S001.segments/`` beside the replica), where a download that broke off goes on
from where it was; then all of them are applied in one transaction. Killed at any moment, the next pull does what is
left. Needs httpx, zstandard and cryptography: ``pip install 'erp-edi-hub-pos[wire]'``.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import TYPE_CHECKING, Any

from hub_pos import card_key
from hub_pos.card_record import CardsUnavailable
from hub_pos.decisions import decided
from hub_pos.errors import (
    CheckpointRefused,
    HubAway,
    HubRefused,
    ReplicaError,
    SegmentDamaged,
    SegmentGone,
    SignatureRefused,
)
from hub_pos.identity import Identity, identity_path
from hub_pos.manifest import checked, checkpoint_of, fresh, verified
from hub_pos.outbox import unsent
from hub_pos.replica import Replica
from hub_pos.schema import SCHEMA
from hub_pos.till import Till

if TYPE_CHECKING:
    import httpx

ANSWER_BYTES = 64 << 20
"""The most that is read of an answer that is no segment."""

_AGAIN = (408, 429, 500, 502, 503, 504)
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did: where the replica stands now, rows written or deleted, bytes fetched, whether it was loaded
    anew."""

    epoch: str
    last: int
    rows: int
    bytes: int
    loaded: bool


class HubClient:
    """One registered node. Use it in a ``with`` block; not for several threads at once."""

    def __init__(self, replica: Path | str, *, timeout: float = 60.0) -> None:
        """The node whose file lies beside ``replica``. Raises ``NotRegistered``."""
        self.replica = Path(replica)
        self._place = identity_path(self.replica)
        self.identity = Identity.load(self._place)
        self._http = _http(self.identity.url, timeout)
        self._folder = self.replica.with_name(self.replica.stem + ".segments")

    def __enter__(self) -> HubClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def pull(self, *, reload: bool = False) -> Pulled:
        """Bring the replica to the end of what the hub has sealed for this store, and have the key certified with
        which the till writes cards, where it may. Where the replica cannot go on from what it holds, it is loaded anew,
        by itself; ``reload`` asks for that. Raises ``HubAway`` (try again), ``HubRefused`` and ``SignatureRefused`` (a
        person must act), ``SegmentDamaged``, ``CheckpointRefused``."""
        with closing(Replica(self.replica)) as replica:
            try:
                done = self._pull(replica, reload=reload)
            except SegmentGone:
                # Merged into another, or dropped, since the poll a moment ago.
                done = self._pull(replica, reload=reload)
            except CheckpointRefused:
                done = self._pull(replica, reload=True)
        # The rows are there already, whatever becomes of it; the next pull asks again.
        with suppress(HubAway, HubRefused, CardsUnavailable):
            self._certify()
        return done

    def _certify(self) -> None:
        """Have the key certified with which this till writes cards, where its store may write any."""
        with Till(self.replica) as till:
            if till.settings().get("cards") is not None:
                card_key.renew(self.replica, datetime.now(UTC), self._ask_certificate)

    def _ask_certificate(self, public: bytes) -> None:
        body = {"node": self.identity.node, "public": base64.b64encode(public).decode()}
        self._ask("POST", "/cards/certificate", json.dumps(body).encode())

    def _pull(self, replica: Replica, *, reload: bool) -> Pulled:
        cursor = replica.cursor()
        manifest = self._poll(cursor, reload)
        if int(manifest["schema"]) > SCHEMA:
            raise HubRefused(
                f"the hub sends rows of schema {manifest['schema']}, this till understands {SCHEMA}: update"
            )
        needed = {one["digest"]: int(one["bytes"]) for one in manifest["segments"] if one["digest"]}
        fetched = sum(self._fetch(digest, size) for digest, size in needed.items())
        rows = replica.apply(checkpoint_of(manifest, lambda digest: (self._folder / digest).read_bytes()))
        self._clear()
        return Pulled(manifest["epoch"], int(manifest["last"]), rows, fetched, bool(manifest["reset"]))

    def keep_pulling(
        self,
        every: float = 60.0,
        stop: Event | None = None,
        told: Callable[[Pulled | ReplicaError], None] = lambda _what: None,
    ) -> None:
        """Pull every so many seconds until ``stop`` is set. The time differs a little from one to the next, so that
        tills switched on together do not ask together; after failures it grows up to a quarter of an hour."""
        stop = stop or Event()
        wait = every
        while True:
            try:
                told(self.pull())
                wait = every
            except ReplicaError as problem:
                told(problem)
                wait = min(max(wait, 1.0) * 2, max(900.0, every))
            if stop.wait(wait * random.uniform(0.8, 1.2)):
                return

    def send(self, upload: bytes) -> bytes:
        """Bring an upload to the hub, and its answer back: what ``hub_pos.upload.Uploader`` sends with."""
        from hub_pos.errors import NoAnswer, UploadRefused

        try:
            return self._ask("POST", "/uploads", upload)
        except HubRefused as problem:
            raise UploadRefused(str(problem)) from problem
        except HubAway as problem:
            raise NoAnswer(str(problem)) from problem

    def authorize(self, question: Mapping[str, Any], outbox: str = "") -> str:
        """The hub's decision about an operation (``PROTOCOL.md``, section 11.4), as the text that it signed: what
        ``Register.authorize`` asks with. ``outbox`` is the id of the till's outbox. Raises ``HubAway``, ``HubRefused``
        and ``SignatureRefused``."""
        known = self.identity.hub_keys
        asked = {"node": self.identity.node, "keys": sorted(known), "outbox": outbox, "authorization": question}
        return decided(self._ask("POST", "/authorizations", json.dumps(asked).encode()), question, known)

    def _poll(self, cursor: Mapping[str, Any], reload: bool) -> dict[str, Any]:
        known = sorted(self.identity.hub_keys)
        body = {
            "node": self.identity.node,
            "epoch": cursor["epoch"],
            "schema": cursor["schema"],
            "cursor": {"seq": cursor["seq"], "buckets": cursor["buckets"]},
            "numbered": cursor["numbered"],
            "reload": reload,
            "keys": known,
            "outbox": unsent(self.replica, datetime.now(UTC)),
        }
        answer = json.loads(self._ask("POST", "/sync/poll", json.dumps(body).encode()))
        manifest = verified(answer, self.identity.hub_keys, self.identity.node)
        fresh(manifest, cursor)  # before its keys are believed: an old answer must not bring old keys back
        remember_keys(self.identity, manifest, self._place)
        return manifest

    def compare(self, question: Mapping[str, Any]) -> tuple[dict[str, Any], int, int]:
        """The hub's answer to a question of a comparison (``hub_pos.verifying``), and the bytes sent and received."""
        body = json.dumps({"node": self.identity.node, "keys": sorted(self.identity.hub_keys), **question}).encode()
        text = self._ask("POST", "/sync/verify", body)
        answer = verified(json.loads(text), self.identity.hub_keys, self.identity.node)
        if answer.get("asked") != sha256(body).hexdigest():
            raise SignatureRefused("the answer belongs to another question: it was recorded earlier")
        return answer, len(body), len(text)

    def _ask(self, method: str, target: str, body: bytes) -> bytes:
        """A signed request and its answer. Where the hub says that our clock is wrong, its clock holds from then on."""
        for last in (False, True):
            response = self._sent(method, target, body)
            if response.status_code == 200:
                return response.content
            if last or not self._other_clock(response):
                raise _refused(response)
        raise AssertionError("the loop ends in a return or a raise")

    def _sent(self, method: str, target: str, body: bytes) -> httpx.Response:
        import httpx

        headers = {**self.identity.sign(method, target, body), "Content-Type": "application/json"}
        try:
            with self._http.stream(method, target, content=body, headers=headers) as response:
                parts, size = [], 0
                for part in response.iter_bytes(_BLOCK):
                    size += len(part)
                    if size > ANSWER_BYTES:
                        raise HubRefused(f"{method} {target}: the answer is larger than {ANSWER_BYTES} bytes")
                    parts.append(part)
                return httpx.Response(response.status_code, content=b"".join(parts))
        except httpx.HTTPError as problem:
            raise HubAway(f"{self.identity.url}{target}: {problem or type(problem).__name__}") from problem

    def _other_clock(self, response: httpx.Response) -> bool:
        error = _error(response)
        if error.get("code") != "clock" or not isinstance(error.get("time"), int):
            return False
        import time

        self.identity.offset = error["time"] - int(time.time() * 1000)
        self.identity.save(self._place)
        return True

    def _fetch(self, digest: str, size: int) -> int:
        """Bring one segment to the disk, unless it is there; the bytes that travelled. A part that is there already is
        gone on with."""
        whole, part = self._folder / digest, self._folder / f"{digest}.part"
        if whole.exists():
            return 0
        self._folder.mkdir(parents=True, exist_ok=True)
        travelled = 0
        for _attempt in range(2):
            have = part.stat().st_size if part.exists() else 0
            if have < size:
                travelled += self._download(digest, part, have, size)
            try:
                checked(part.read_bytes(), digest)
            except SegmentDamaged:
                part.unlink()
                # What was there from an earlier time may have been bad; from the beginning once more.
                if have == 0:
                    raise
                continue
            part.replace(whole)
            return travelled
        raise SegmentDamaged(f"segment {digest[:12]} came twice with another hash than its name")

    def _download(self, digest: str, part: Path, have: int, size: int) -> int:
        import httpx

        target = f"/segments/{digest}"
        for last in (False, True):
            headers = dict(self.identity.sign("GET", target, b""))
            if have:
                headers["Range"] = f"bytes={have}-"
            try:
                with self._http.stream("GET", target, headers=headers) as response:
                    if response.status_code in (200, 206):
                        return _written(response, part, have if response.status_code == 206 else 0, size)
                    response.read()
                    if last or not self._other_clock(response):
                        raise _refused(response)
            except httpx.HTTPError as problem:
                raise HubAway(f"{self.identity.url}{target}: {problem or type(problem).__name__}") from problem
        raise AssertionError("the loop ends in a return or a raise")

    def _clear(self) -> None:
        for file in self._folder.glob("*"):
            file.unlink(missing_ok=True)


def register(replica: Path | str, url: str, node: str, token: str) -> Identity:
    """Make a key for this till and have the hub take it for the one-time ``token``. A till that was registered before
    keeps its old key until the hub has taken the new one. Raises ``HubAway``, ``HubRefused``."""
    import httpx

    place = identity_path(Path(replica))
    # On the disk before the hub knows it: a till killed in between must not be left with a used token and no key. The
    # same key with the same token again is the same registration.
    pending = place.with_name(place.name + ".pending")
    identity = Identity.load(pending) if pending.exists() else Identity.new(node, url)
    if (identity.node, identity.url) != (node, url.rstrip("/")):
        identity = Identity.new(node, url)
    identity.save(pending)
    body = {"node": node, "token": token, "public_key": identity.public_key}
    with _http(identity.url, 60.0) as http:
        try:
            response = http.post("/nodes/register", json=body)
        except httpx.HTTPError as problem:
            raise HubAway(f"{url}: {problem or type(problem).__name__}") from problem
    if response.status_code != 200:
        pending.unlink()
        raise _refused(response)
    identity.hub_keys = {str(name): str(key) for name, key in response.json()["keys"].items()}
    identity.save(place)
    pending.unlink()
    return identity


def pull_from(replica: Path | str, folder: Path) -> Pulled:
    """Apply what ``hub store export`` wrote into ``folder`` (a stick). The same signature and hashes count as on the
    line. Raises ``CheckpointRefused`` where it was made for another state of this replica."""
    place = identity_path(Path(replica))
    identity = Identity.load(place)
    file = folder / f"{identity.node}.manifest.json"
    try:
        answer = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise CheckpointRefused(f"{file} is missing: nothing was exported for node {identity.node}") from None
    except ValueError as problem:
        raise SignatureRefused(f"{file} is damaged: {problem}") from problem
    manifest = verified(answer, identity.hub_keys, identity.node)
    with closing(Replica(replica)) as held:
        cursor = held.cursor()
        fresh(manifest, cursor)
        remember_keys(identity, manifest, place)
        if manifest["from"] is None:
            if cursor["epoch"] == manifest["epoch"] and cursor["seq"] > manifest["last"]:
                raise CheckpointRefused(
                    f"{file} leads to {manifest['last']}, the replica is at {cursor['seq']} already"
                )
            manifest["from"] = {name: cursor[name] for name in ("epoch", "seq", "buckets")}
        rows = held.apply(checkpoint_of(manifest, lambda digest: _carried(folder, digest)))
        if held.cursor()["seq"] != manifest["last"]:
            raise CheckpointRefused(f"{file} was made for another state of this till: export it again (--full)")
    sizes = sum(int(one["bytes"]) for one in manifest["segments"])
    return Pulled(manifest["epoch"], int(manifest["last"]), rows, sizes, bool(manifest["reset"]))


def remember_keys(identity: Identity, manifest: Mapping[str, Any], place: Path) -> None:
    """Take over the hub's new keys from a manifest that was verified with a key known before."""
    keys = manifest.get("keys")
    if isinstance(keys, dict) and keys != identity.hub_keys:
        identity.hub_keys = {str(name): str(key) for name, key in keys.items()}
        identity.save(place)


def _carried(folder: Path, digest: str) -> bytes:
    if len(digest) != 64 or not digest.isalnum():
        raise SegmentDamaged(f"{digest[:20]!r} is no digest")
    try:
        return (folder / "segments" / digest).read_bytes()
    except FileNotFoundError:
        raise SegmentDamaged(f"segment {digest[:12]} is missing in {folder}: export it again") from None


def _written(response: httpx.Response, part: Path, have: int, size: int) -> int:
    """Append what comes to the part, or begin it anew; the bytes that came. More than was announced is not taken."""
    count = 0
    with part.open("r+b" if have else "wb") as stream:
        stream.seek(have)
        for block in response.iter_bytes(_BLOCK):
            count += len(block)
            if have + count > size:
                raise SegmentDamaged(f"segment {part.stem[:12]} is longer than its manifest says")
            stream.write(block)
    return count


def _http(url: str, timeout: float) -> httpx.Client:
    import httpx

    limits = httpx.Timeout(timeout, connect=min(timeout, 10.0))
    return httpx.Client(base_url=url, timeout=limits, headers={"Accept-Encoding": "identity"})


def _error(response: httpx.Response) -> dict[str, Any]:
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}


def _refused(response: httpx.Response) -> HubAway | HubRefused:
    error = _error(response)
    text = f"the hub answers {response.status_code}: {str(error.get('message', 'no reason given'))[:500]}"
    if error.get("code") == "segment":
        return SegmentGone(text)
    again = response.status_code in _AGAIN or error.get("code") == "clock"
    return HubAway(text) if again else HubRefused(text)
