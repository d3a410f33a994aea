from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any

import zstandard

from hub.replication.segments import cut
from hub.replication.spool import Spool


@dataclass(frozen=True)
class Line:
    seq: int
    entity: str
    id: str
    op: str
    old_scopes: frozenset[str]
    new_scopes: frozenset[str]
    row: dict[str, Any] | None


def line(seq: int, id_: str, old: str, new: str, entity: str = "Product") -> Line:
    row = {"name": [{"value": str(seq)}]}
    scopes = frozenset(old), frozenset(new)
    return Line(seq, entity, id_, "PUT" if new else "DEL", *scopes, row if new else None)


def shown(segments: dict[str, Any]) -> dict[str, list[tuple[str, str, int]]]:
    return {
        name: [(change["op"], change["id"], change["seq"]) for change in segment.changes]
        for name, segment in segments.items()
    }


def test_the_last_change_of_a_row_wins() -> None:
    made = cut([line(1, "p", "", "a"), line(2, "q", "", "a"), line(3, "p", "a", "a")], 0, 3)
    assert shown(made) == {"a": [("put", "q", 2), ("put", "p", 3)]}
    assert made["a"].changes[1]["row"] == {"name": "3"}


def test_a_row_leaves_the_buckets_that_it_left() -> None:
    assert shown(cut([line(5, "p", "ab", "bc")], 4, 5)) == {
        "a": [("del", "p", 5)],
        "b": [("put", "p", 5)],
        "c": [("put", "p", 5)],
    }


def test_a_row_leaves_the_buckets_in_between_as_well() -> None:
    history = [line(1, "p", "", "a"), line(2, "p", "a", "b"), line(3, "p", "b", "c")]
    assert shown(cut(history, 0, 3)) == {"a": [("del", "p", 3)], "b": [("del", "p", 3)], "c": [("put", "p", 3)]}
    assert shown(cut([*history, line(4, "p", "c", "")], 0, 4)) == {
        "a": [("del", "p", 4)],
        "b": [("del", "p", 4)],
        "c": [("del", "p", 4)],
    }


def test_only_wanted_buckets_and_known_kinds_are_cut() -> None:
    changes = [line(1, "p", "", "ab"), line(2, "r", "", "a", "Invoice"), line(3, "s", "", "")]
    assert shown(cut(changes, 0, 3, frozenset("b"))) == {"b": [("put", "p", 1)]}


def test_a_segment_is_sealed_once_and_the_same_every_time() -> None:
    changes = [line(1, "p", "", "ab")]
    first, second = cut(changes, 0, 1)["a"], cut(changes, 0, 1)["a"]
    assert first.sealed is first.sealed
    assert first.digest == second.digest
    plain = json.loads(zstandard.ZstdDecompressor().decompress(first.sealed))
    assert plain == {**first.plain(), "changes": list(first.changes)}


def test_a_window_ends_right_from_any_place_inside_it() -> None:
    rng = random.Random(3)
    for _ in range(200):
        scopes: dict[str, str] = {}
        log = []
        for seq in range(1, 13):
            row = rng.choice("pqr")
            new = "".join(tag for tag in "abc" if rng.random() < 0.4)
            log.append(line(seq, row, scopes.get(row, ""), new))
            scopes[row] = new
        segments = cut(log, 0, 12)
        for start in range(13):
            held: dict[str, set[str]] = {tag: set() for tag in "abc"}
            for one in log[:start]:
                for tag in "abc":
                    (held[tag].add if tag in one.new_scopes else held[tag].discard)(one.id)
            for tag, segment in segments.items():
                for change in segment.changes:
                    (held[tag].add if change["op"] == "put" else held[tag].discard)(change["id"])
            assert held == {tag: {row for row in "pqr" if tag in scopes.get(row, "")} for tag in "abc"}


def test_a_spool_gives_back_every_bucket() -> None:
    with Spool() as spool:
        for number in range(45_000):
            spool.add(frozenset({"all", f"b{number % 3}"}), {"seq": number, "row": {"name": f"Käse\n{number}"}})
        spool.flush()
        assert [change["seq"] for change in spool.rows("b1")] == list(range(1, 45_000, 3))
        assert sum(1 for _ in spool.rows("all")) == 45_000
        assert next(spool.rows("all"))["row"]["name"] == "Käse\n0"
        assert list(spool.rows("empty")) == []
        assert (spool.size("empty"), spool.size("all") > 1_000) == (0, True)
