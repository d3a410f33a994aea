"""A share of the random histories on both databases; and that their checks find what they are there to find."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub.errors import TemporaryError
from hub.replication import catalog, intake, windows
from hub.replication.sealed import Contents
from hub.repository import Repository
from hub.simulation.center import SqliteFile
from hub.simulation.histories import Shape, World
from hub.simulation.second_outbox import SecondOutbox
from hub.simulation.second_till import SecondTill, State
from hub.simulation.tills import Diverged
from hub_pos import numbered, writing
from tests.bench.histories import Databases, Server, real, run

COUNT = 1_200
SMALL = Shape(stores=40, rounds=6, selling=10)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "hub.sqlite"
    Repository.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def databases(request: pytest.FixtureRequest, template: Path) -> Databases:
    if request.param == "sqlite":
        return Databases(template, None)
    name = request.getfixturevalue("_postgresql_template")
    return Databases(None, Server(request.getfixturevalue("postgresql_url"), name))


@pytest.mark.slow
@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
def test_random_histories(databases: Databases, tmp_path: Path) -> None:
    told = run(COUNT, 1, databases, tmp_path, Shape(stores=120, selling=20, other=20))
    assert told["histories"] >= COUNT
    for what in ("killed within", "moved scope", "restored", "new epoch", "sealer died", "merged", "purged", "real"):
        assert told[what] > 0, what


@pytest.fixture
def world(template: Path, tmp_path: Path) -> Callable[..., World]:
    """Makes a small world with a seed."""

    def make(seed: int, **more: Any) -> World:
        root = tmp_path / f"w{seed}"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        shutil.copyfile(template, root / "hub.sqlite")
        return World(SqliteFile(root / "hub.sqlite"), root, seed, **{"shape": SMALL, **more})

    return make


def test_the_same_seed_is_the_same_history(world: Callable[..., World]) -> None:
    digests, told = [], []
    for seed in (3, 3, 4):
        one = world(seed)
        told.append(one.run())
        digests.append(one.digest())
    assert told[0] == told[1]
    assert digests[0] == digests[1] != digests[2]


def _forgets_deletions(genuine: Any) -> Any:
    def distribute(*given: Any) -> Any:
        buckets, after = genuine(*given)
        return {name: Contents(one.puts, one.sets, []) for name, one in buckets.items()}, after

    return distribute


def _skips_a_segment(genuine: Any) -> Any:
    return lambda self, position: genuine(self, position)[1:]


def _forgets_to_unsubscribe(genuine: Any) -> Any:
    def checkpoint(*given: Any) -> Any:
        made = genuine(*given)
        return made and {**made, "unsubscribe": []}

    return checkpoint


def _knows_no_membership(_genuine: Any) -> Any:
    return lambda _self, _held, new, _unsubscribed: set(new.gone)


def _commits_in_two_steps(genuine: Any) -> Any:
    def apply(self: SecondTill, manifest: Any, fetch: Any) -> Any:
        self.state = State(
            manifest["epoch"], manifest["last"], 1, self.state.as_of, self.state.rows, self.state.members
        )
        return genuine(self, manifest, fetch)

    return apply


def _believes_whatever_comes(_genuine: Any) -> Any:
    def answered(self: SecondOutbox, _data: bytes, now: Any) -> None:
        for one in self.entries.values():
            one.status, one.acknowledged = one.status or "accepted", now

    return answered


def _forgets_what_it_waits_for(_genuine: Any) -> Any:
    return lambda *_given: None


def _writes_no_list(_genuine: Any) -> Any:
    return lambda *_given: None


def _sweeps_nothing(_genuine: Any) -> Any:
    return lambda _connection: 0


@pytest.mark.parametrize(
    ("owner", "name", "fault", "real_till"),
    [
        (windows, "distribute", _forgets_deletions, False),
        (catalog._Shelved, "since", _skips_a_segment, False),
        (catalog.Catalog, "checkpoint", _forgets_to_unsubscribe, False),
        (SecondTill, "_gone", _knows_no_membership, False),
        (SecondTill, "_apply", _commits_in_two_steps, False),
        (SecondOutbox, "answered", _believes_whatever_comes, False),
        (intake, "_decide_waiting", _forgets_what_it_waits_for, False),
        (writing, "replace_children", _writes_no_list, True),
        (writing, "sweep", _sweeps_nothing, True),
        (numbered, "_leave", _writes_no_list, True),
    ],
)
def test_a_fault_is_found(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, fault: Any, real_till: bool
) -> None:
    from hub.replication import sealing

    planted = fault(getattr(owner, name))
    monkeypatch.setattr(owner, name, planted)
    if owner is windows:
        monkeypatch.setattr(sealing, name, planted)
    shape = Shape(stores=20, rounds=5, other=2) if real_till else SMALL

    def several() -> None:
        for seed in range(4):
            world(seed, shape=shape, make=real).run()

    with pytest.raises((Diverged, TemporaryError)):
        several()
