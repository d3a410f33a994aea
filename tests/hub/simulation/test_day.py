"""``hub simulate stores``: a day of a few stores, the same one twice; the workspace's own stores; what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.workspace import initialize

SMALL = (
    "--products", "20", "--prices", "10", "--customers", "3", "--changes", "300", "--pull", "240", "--seal", "360",
)  # fmt: skip


def simulated(*options: str) -> Any:
    done = CliRunner().invoke(cli, ["simulate", "stores", "--json", *SMALL, *options])
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def test_the_same_seed_gives_the_same_day(tmp_path: Path) -> None:
    options = ("--stores", "8", "--faults", "30", "--cut", "50", "--real-every", "4")
    first, again = simulated(*options), simulated(*options)
    first.pop("measured")
    again.pop("measured")
    assert first == again
    assert first["real"] == 2
    assert first["sales"] > 0
    assert first["requests"]["poll"] > 8
    assert first["lag_minutes"]["p50"] <= first["lag_minutes"]["p99"]
    assert first["disk_bytes"] > 0


def test_in_a_database_of_the_user(postgresql_database: str) -> None:
    data = simulated("--stores", "4", "--changes", "60", "--database", postgresql_database)
    assert (data["stores"], data["requests"]["poll"] > 4) == (4, True)


def test_a_capacity_plan_for_the_workspaces_own_stores(tmp_path: Path) -> None:
    root = initialize(tmp_path / "ws")
    (root / "stores.toml").write_text(
        '[[store]]\nid = "KIEL"\nmode = "distributed"\nprice_lists = ["RTL"]\nterritories = ["N"]\nlocations = ["K1"]\n'
        '[[store]]\nid = "BONN"\nmode = "autonomous"\n'
    )
    before = sorted(root.rglob("*"))
    done = CliRunner().invoke(cli, ["-w", str(root), "simulate", "stores", "--mine", "--real-every", "1", *SMALL])
    assert done.exit_code == 0, done.output
    assert "2 stores, 1 days, seed 1" in done.output
    for word in ("requests", "bytes", "lag", "disk", "processor", "alarms"):
        assert f"\n{word} " in done.output
    assert sorted(root.rglob("*")) == before
    assert "leave --stores out" in CliRunner().invoke(cli, ["simulate", "stores", "--mine", "--stores", "3"]).output


def test_what_goes_wrong_is_said_with_the_command_that_repeats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["hub", "simulate", "stores", "--stores", "3"])
    from hub.simulation import truth

    genuine = truth.Truth._take

    def forgetful(self: Any, change: Any) -> None:
        if change.seq % 7:
            genuine(self, change)

    monkeypatch.setattr(truth.Truth, "_take", forgetful)
    done = CliRunner().invoke(cli, ["simulate", "stores", "--stores", "3", *SMALL])
    assert done.exit_code == 1
    assert "must hold" in done.output
    assert "repeat it: hub simulate stores --stores 3" in done.output
