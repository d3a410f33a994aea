"""Uploads carried by hand: files in a folder, such as a stick's, that the hub reads and answers beside them.

``S001-1.17-42.upload.json`` holds documents 17 to 42 of node S001-1; ``hub uploads take FOLDER`` writes
``S001-1.17-42.answer.json``; the next call here reads the answer and removes both. A stick that is lost costs nothing:
what was not answered is written again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hub_pos.book import Book
from hub_pos.clock import instant
from hub_pos.durable import write_whole
from hub_pos.errors import NoAnswer
from hub_pos.giving_back import carried, give_back
from hub_pos.outbox import Entry, Outbox
from hub_pos.upload import BOUNDS, Bounds, UploadReport, acknowledge, read_answer, upload_bytes

UPLOAD, ANSWER = ".upload.json", ".answer.json"


def exchange(
    outbox: Outbox,
    folder: Path,
    bounds: Bounds = BOUNDS,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> UploadReport:
    """Take the hub's answers out of ``folder``, and put in what waits. Files of other nodes are left alone."""
    report, node = UploadReport(), outbox.state("node")
    for file in sorted(folder.iterdir()):
        if file.name.startswith(f"{node}.") and file.name.endswith(ANSWER) and file.is_file():
            try:
                answer = read_answer(file.read_bytes())
                acknowledge(outbox, answer, instant(now()), report)
            except NoAnswer as problem:
                report.errors.append(f"{file.name}: {problem}")
                continue
            file.with_name(file.name.removesuffix(ANSWER) + UPLOAD).unlink(missing_ok=True)
            file.unlink()
            if answer["node"] == node:
                with outbox.transaction():
                    outbox.keep("upload.asked", "yes")
    give_back(outbox, now())
    _write_waiting(outbox, folder, bounds)
    report.waiting = outbox.waiting()
    return report


def _write_waiting(outbox: Outbox, folder: Path, bounds: Bounds) -> None:
    about = carried(outbox)
    batch: list[Entry] = []
    size = 0
    for entry in outbox.entries(waiting=True):
        length = len(entry.body.encode()) + 200
        if batch and (len(batch) == bounds.documents or size + length > bounds.size):
            about = _write(outbox, folder, batch, about)
            batch, size = [], 0
        batch.append(entry)
        size += length
    if batch:
        _write(outbox, folder, batch, about)


def _write(outbox: Outbox, folder: Path, batch: list[Entry], about: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is left to be said beside the documents of the next file."""
    node = outbox.state("node")
    file = folder / f"{node}.{batch[0].seq}-{batch[-1].seq}{UPLOAD}"
    if file.exists():
        return about
    # Under another name first, so that a stick that is pulled out never holds half a file.
    write_whole(file, upload_bytes(node, batch, about))
    with outbox.transaction():
        # A hint, said once: if the stick is lost, the next sales say it again.
        Book(outbox).told(about.get("demand", ()))
    return {name: value for name, value in about.items() if name != "demand"}
