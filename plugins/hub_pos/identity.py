"""Who this till is to the hub: its name and key pair, the hub's address and the keys that the hub signs with.

One file beside the replica, ``S001.node.json``, which only the till's user can read. The private key is made here and
never leaves; the hub knows the public half. Needs cryptography (``pip install 'erp-edi-hub-pos[wire]'``).
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from hub_pos.durable import write_whole
from hub_pos.errors import NotRegistered

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

REQUEST = b"hub-request-1\n"


def identity_path(replica: Path) -> Path:
    """The file of a replica's node: ``S001.sqlite`` has ``S001.node.json`` beside it."""
    return replica.with_name(replica.stem + ".node.json")


@dataclass(slots=True)
class Identity:
    """A registered node. ``private_key`` is base64 of the 32 bytes of an Ed25519 key, ``hub_keys`` the hub's public
    keys by id; ``offset`` is what the hub's clock is ahead of ours, in milliseconds."""

    node: str
    url: str
    private_key: str
    hub_keys: dict[str, str] = field(default_factory=dict)
    offset: int = 0

    @classmethod
    def new(cls, node: str, url: str) -> Identity:
        """A node with a new key, not registered yet."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        key = Ed25519PrivateKey.generate()
        return cls(node, url.rstrip("/"), base64.b64encode(key.private_bytes_raw()).decode())

    @classmethod
    def load(cls, path: Path) -> Identity:
        """The node of the file at ``path``. Raises ``NotRegistered`` where there is none."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            raise NotRegistered(
                f"this till is not registered ({path} is missing): hub-pos REPLICA register …"
            ) from None
        except (ValueError, TypeError) as problem:
            raise NotRegistered(f"{path} is damaged ({problem}): register again with a new token") from problem

    def save(self, path: Path) -> None:
        """Write the file, readable by its owner alone, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(asdict(self)).encode(), 0o600)

    @property
    def public_key(self) -> str:
        """The public half, base64."""
        return base64.b64encode(self._key().public_key().public_bytes_raw()).decode()

    def sign(self, method: str, target: str, body: bytes) -> Mapping[str, str]:
        """The headers that make a request ours; ``target`` is path and query. Each call makes another nonce."""
        stamp, nonce = str(int(time.time() * 1000) + self.offset), secrets.token_urlsafe(18)
        text = "\n".join((method, target, self.node, stamp, nonce, sha256(body).hexdigest()))
        signature = base64.b64encode(self._key().sign(REQUEST + text.encode())).decode()
        return {"Hub-Node": self.node, "Hub-Time": stamp, "Hub-Nonce": nonce, "Hub-Signature": signature}

    def _key(self) -> Ed25519PrivateKey:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.private_key))
