from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub_pos import CheckpointRefused, Replica, ReplicaBusy, ReplicaMissing, Till
from hub_pos.outbox import outbox_path, waiting

Make = Callable[..., dict[str, Any]]


def product(name: str, *gtins: str) -> dict[str, Any]:
    return {"name": name, "barcodes": [{"gtin": gtin} for gtin in gtins]}


def names(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT id, name FROM product"))


def load(replica: Replica, checkpoint: Make) -> int:
    return replica.apply(
        checkpoint(
            0, 3, {"a": [(1, "product", "p1", product("one", "00012345678905")), (2, "product", "p2", product("two"))],
                   "b": [(3, "product", "p3", product("three")), (2, "product", "p2", product("two"))]},
            reset=("", 0),
        )
    )  # fmt: skip


def test_a_new_replica_stands_at_nothing(replica: Replica) -> None:
    assert replica.cursor() == {"epoch": "", "seq": 0, "schema": 1, "buckets": [], "as_of": "", "numbered": True}


def test_a_first_load_counts_every_row_once(replica: Replica, path: Path, checkpoint: Make) -> None:
    assert load(replica, checkpoint) == 3
    assert names(path) == {"p1": "one", "p2": "two", "p3": "three"}
    cursor = replica.cursor()
    assert (cursor["epoch"], cursor["seq"], cursor["buckets"]) == ("e1", 3, ["a", "b"])


def test_the_same_checkpoint_again_changes_nothing(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    delta = checkpoint(3, 4, {"a": [(4, "product", "p1", product("ONE", "04006381333931"))]})
    assert replica.apply(delta) == 1
    before = path.with_suffix(".copy")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(before)) as copy:
        source.backup(copy)
    assert replica.apply(delta) == 0
    assert load(replica, checkpoint) == 0
    assert replica.cursor()["seq"] == 4
    assert names(path) == names(before)
    with Till(path) as till:
        assert till.product_by_barcode("012345678905") is None
        found = till.product_by_barcode("4006381333931")
        assert found is not None
        assert found.name == "ONE"


def test_a_row_stays_as_long_as_one_bucket_holds_it(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    assert replica.apply(checkpoint(3, 4, {"a": [(4, "product", "p2", None)]})) == 0
    assert "p2" in names(path)
    assert replica.apply(checkpoint(4, 5, {"b": [(5, "product", "p2", None)]})) == 1
    assert "p2" not in names(path)


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_row_moves_between_buckets_in_one_checkpoint(
    replica: Replica, path: Path, checkpoint: Make, order: tuple[str, str]
) -> None:
    load(replica, checkpoint)
    moved: dict[str, Any] = {"a": [(4, "product", "p1", None)], "b": [(4, "product", "p1", product("moved"))]}
    replica.apply(checkpoint(3, 4, {bucket: moved[bucket] for bucket in order}))
    assert names(path)["p1"] == "moved"


def test_a_deleted_row_takes_its_lists_along(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    replica.apply(checkpoint(3, 4, {"a": [(4, "product", "p1", None)]}))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM barcode").fetchone() == (0,)


def test_a_bucket_is_gained_and_lost(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    gained = checkpoint(3, 3, {"c": [(1, "product", "p1", product("one")), (2, "product", "p9", product("nine"))]},
                        snapshots=["c"])  # fmt: skip
    assert replica.apply(gained) == 1
    assert replica.apply(gained) == 0
    assert replica.apply(checkpoint(3, 3, {}, unsubscribe=["a"], held=["a", "b", "c"])) == 0
    assert names(path) == {"p1": "one", "p2": "two", "p3": "three", "p9": "nine"}
    assert replica.apply(checkpoint(3, 3, {}, unsubscribe=["b", "unknown"], held=["b", "c"])) == 2
    assert names(path) == {"p1": "one", "p9": "nine"}
    assert replica.cursor()["buckets"] == ["c"]


def test_rows_of_unknown_entities_and_fields_are_left_out(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    newer = {"name": "neu", "hologram": "x"}
    assert replica.apply(checkpoint(3, 5, {"a": [(4, "robot", "r", {}), (5, "product", "p1", newer)]})) == 1
    assert names(path)["p1"] == "neu"


REFUSED = {
    "gap": {"first": 5, "last": 6, "buckets": {}},
    "other epoch": {"first": 3, "last": 4, "buckets": {}, "epoch": "e2", "origin": "e1"},
    "a way back": {"first": 3, "last": 2, "buckets": {}},
    "bucket held already": {"first": 3, "last": 4, "buckets": {"a": []}, "snapshots": ["a"]},
    "bucket never loaded": {"first": 3, "last": 4, "buckets": {"z": [(4, "product", "p1", {"name": "x"})]}},
    "row that does not fit": {
        "first": 3,
        "last": 4,
        "buckets": {"a": [(4, "product", "p1", {"name": "x", "barcodes": [{"unit": "EA"}]})]},
    },
    "list that is none": {"first": 3, "last": 4, "buckets": {"a": [(4, "product", "p1", {"barcodes": 7})]}},
    "item that is none": {"first": 3, "last": 4, "buckets": {"a": [(4, "product", "p1", {"barcodes": ["x"]})]}},
    "list in a column": {"first": 3, "last": 4, "buckets": {"a": [(4, "product", "p1", {"name": ["x"]})]}},
}


@pytest.mark.parametrize("why", sorted(REFUSED))
def test_what_does_not_fit_is_refused_whole(replica: Replica, path: Path, checkpoint: Make, why: str) -> None:
    load(replica, checkpoint)
    before = (names(path), replica.cursor())
    with pytest.raises(CheckpointRefused):
        replica.apply(checkpoint(**REFUSED[why]))
    assert (names(path), replica.cursor()) == before
    assert replica.apply(checkpoint(3, 4, {"a": [(4, "product", "p1", product("next"))]})) == 1


@pytest.mark.parametrize(
    "broken",
    [{}, {"schema": "x"}, {"segments": 3}, {"segments": [{"bucket": "a"}]}, {"from": "yes"},
     {"from": {"epoch": "e1", "seq": 3}},
     {"segments": [{"bucket": "a", "first": 0, "last": 99, "changes": []}]},
     {"segments": [{"bucket": "a", "first": 3, "last": 4, "changes": [{"seq": 4}]}]},
     {"segments": [{"bucket": "a", "first": 3, "last": 4, "changes": [7]}]},
     {"segments": [{"bucket": "a", "first": 3, "last": 4, "changes": [
         {"seq": 4, "entity": "product", "id": "p", "op": "upsert", "row": {}}]}]},
     {"segments": [{"bucket": "a", "first": 3, "last": 4, "changes": [
         {"seq": 4, "entity": "product", "id": "p", "op": "put", "row": None}]}]}],
)  # fmt: skip
def test_another_shape_is_refused(replica: Replica, checkpoint: Make, broken: dict[str, Any]) -> None:
    load(replica, checkpoint)
    shape = {**checkpoint(3, 4, {}), **broken} if broken else {}
    with pytest.raises(CheckpointRefused):
        replica.apply(shape)
    assert replica.cursor()["seq"] == 3


def test_a_newer_schema_is_refused_with_advice(replica: Replica, checkpoint: Make) -> None:
    with pytest.raises(CheckpointRefused, match="update hub_pos"):
        replica.apply({**checkpoint(0, 1, {}, reset=("", 0)), "schema": 2})


def test_a_reset_replaces_exactly_what_the_hub_saw(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    fresh = {"a": [(1, "product", "n1", product("new"))]}
    assert replica.apply(checkpoint(0, 1, fresh, reset=("e1", 2), epoch="e2")) == 0
    assert replica.cursor()["epoch"] == "e1"
    assert replica.apply(checkpoint(0, 1, fresh, reset=("e1", 3), epoch="e2")) == 1
    assert names(path) == {"n1": "new"}
    assert replica.cursor()["buckets"] == ["a"]


def test_another_run_was_faster(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    before = names(path)
    rows = {"a": [(4, "product", "p1", None)]}
    assert replica.apply(checkpoint(2, 4, rows)) == 0
    assert replica.apply(checkpoint(3, 4, rows, held=["a"])) == 0
    assert replica.apply(checkpoint(3, 4, rows, epoch="e0")) == 0
    assert (names(path), replica.cursor()["seq"]) == (before, 3)


def test_a_segment_may_begin_before_the_cursor(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    sent = checkpoint(3, 5, {"a": [(2, "product", "p2", product("two")), (5, "product", "p1", product("new"))]})
    sent["segments"][0]["first"] = 1
    assert replica.apply(sent) == 1
    assert names(path) == {"p1": "new", "p2": "two", "p3": "three"}


def test_an_empty_replica_after_reset_takes_a_first_load(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    replica.reset("e7")
    assert replica.cursor() == {"epoch": "e7", "seq": 0, "schema": 1, "buckets": [], "as_of": "", "numbered": True}
    assert names(path) == {}
    replica.apply(checkpoint(0, 1, {"a": [(1, "product", "n1", product("new"))]}, reset=("e7", 0), epoch="e7"))
    assert names(path) == {"n1": "new"}


def test_no_reload_touches_the_outbox(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    with closing(sqlite3.connect(outbox_path(path))) as outbox, outbox:
        outbox.execute("INSERT INTO outbox (id, kind, body, created_at) VALUES ('sale-1', 'sale', '{}', 'now')")
    replica.reset("e2")
    replica.apply(checkpoint(0, 1, {}, reset=("e2", 0), epoch="e3"))
    replica.close()
    path.unlink()
    Replica(path).close()
    assert waiting(outbox_path(path)) == 1


def test_tables_of_another_revision_are_rebuilt_and_loaded_again(path: Path, checkpoint: Make) -> None:
    first = Replica(path)
    load(first, checkpoint)
    first.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(ReplicaMissing, match="revision 99"):
        Till(path)
    again = Replica(path)
    assert again.cursor()["seq"] == 0
    assert load(again, checkpoint) == 3
    again.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "S.sqlite"
    path.write_bytes(b"this is a letter to the manager" * 100)
    with pytest.raises(ReplicaMissing, match="Move the file away"):
        Replica(path)
    with pytest.raises(ReplicaMissing, match="no usable replica"):
        Till(path)


def test_two_writers_wait_for_each_other(path: Path, checkpoint: Make) -> None:
    patient, hasty = Replica(path), Replica(path, busy_seconds=0.05)
    load(patient, checkpoint)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ReplicaBusy):
            hasty.apply(checkpoint(3, 4, {}))
        other.execute("ROLLBACK")
    assert hasty.apply(checkpoint(3, 4, {"a": [(4, "product", "p1", None)]})) == 1
    assert patient.apply(checkpoint(3, 4, {"a": [(4, "product", "p1", None)]})) == 0
    patient.close()
    hasty.close()


def test_a_segment_larger_than_a_batch(replica: Replica, path: Path, checkpoint: Make) -> None:
    load(replica, checkpoint)
    many = [(4 + i, "product", f"x{i}", product(f"n{i}", f"{i:014d}")) for i in range(4_500)]
    assert replica.apply(checkpoint(3, 4_503, {"a": many, "b": many})) == 4_500
    gone = [(5_000 + i, "product", f"x{i}", None) for i in range(4_500)]
    assert replica.apply(checkpoint(4_503, 9_999, {"a": gone})) == 0
    assert replica.apply(checkpoint(9_999, 20_000, {"b": gone})) == 4_500
    assert len(names(path)) == 3
