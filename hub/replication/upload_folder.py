"""Uploads carried by hand: a folder, such as a stick's, whose files are taken in and answered beside them.

A file says itself which node it is from: whoever can put a file into the folder is trusted with that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.durable import write_whole
from hub.errors import ConfigurationError, DocumentRejected
from hub.replication.acceptance import belongs, refused
from hub.replication.intake import CardShown, take
from hub.replication.upload import MAX_BYTES, read_upload

if TYPE_CHECKING:
    from hub.authorizations.policies import Policies as Authorizations
    from hub.replication.policies import Policies
    from hub.replication.stores import Store
    from hub.repository import Repository

UPLOAD, ANSWER = ".upload.json", ".answer.json"


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of one file: its name, and the answer or why it was not taken."""

    file: str
    answer: dict[str, Any]
    error: str = ""

    def count(self, status: str) -> int:
        """How many of its documents are accepted, quarantined, duplicate."""
        return sum(one["status"] == status for one in self.answer.get("results", ()))


def store_of(node: str, stores: Sequence[Store]) -> Store:
    """The store of a node. Raises ``DocumentRejected`` where it is of none."""
    exact = [one for one in stores if one.id == node]
    fitting = exact or sorted((one for one in stores if belongs(node, one)), key=lambda one: -len(one.id))
    if not fitting:
        raise refused("return.node", f"{node[:64]!r} is no node of any store in stores.toml")
    return fitting[0]


def take_folder(
    repo: Repository,
    stores: Sequence[Store],
    folder: Path,
    now: datetime,
    policies: Policies | None = None,
    shown: CardShown | None = None,
    authorizations: Authorizations | None = None,
) -> Iterator[FileTaken]:
    """Take in every upload of ``folder`` that has no answer yet, and write the answers. A file that is none is named
    with its error, and stays as it is."""
    if not folder.is_dir():
        raise ConfigurationError(f"{folder} is no folder", hint="Name the folder that holds the uploads.")
    for file in sorted(folder.glob(f"*{UPLOAD}")):
        answer_file = file.with_name(file.name.removesuffix(UPLOAD) + ANSWER)
        if answer_file.exists() or file.is_symlink() or not file.is_file():
            continue
        try:
            with file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
            answer = take(repo, store_of(read_upload(data).node, stores), data, now, policies, shown, authorizations)
        except (DocumentRejected, OSError) as problem:
            yield FileTaken(file.name, {}, str(problem))
            continue
        write_whole(answer_file, json.dumps(answer, ensure_ascii=False).encode())
        yield FileTaken(file.name, answer)
