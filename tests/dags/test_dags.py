"""Every DAG in a real Airflow: it loads, runs to success, and a second run does nothing twice."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub.demo.workspace import erp, prepare

pytestmark = pytest.mark.xdist_group("airflow")  # the runs are made once, on one worker

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"
NAMES = sorted(path.stem for path in DAGS.glob("*.py") if path.stem != "__init__")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Both runs of every DAG over the demo's workspace, its ERP running."""
    workspace = prepare(tmp_path_factory.mktemp("dags") / "workspace")
    home = tmp_path_factory.mktemp("airflow")
    environment = {**os.environ, "AIRFLOW_HOME": str(home), "HUB_WORKSPACE": str(workspace)}
    with erp(workspace):
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("run_dags.py")), str(DAGS)],
            env=environment,
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_every_file_is_one_dag_of_its_name():
    assert NAMES == [
        "deliver_and_watch",
        "look_after_stores",
        "rebalance_rights",
        "receive_partner_documents",
        "replicate_to_stores",
        "seal_for_stores",
        "synchronize_erp",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_tasks_only_call_jobs(name):
    """No logic in a DAG file: every task imports ``jobs`` and returns one call of it."""
    tree = ast.parse((DAGS / f"{name}.py").read_text())
    tasks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and any("task" in ast.dump(one) for one in node.decorator_list)
    ]
    assert tasks
    for task in tasks:
        first, second = task.body
        assert isinstance(first, ast.ImportFrom)
        assert (first.module, first.names[0].name) == ("hub", "jobs")
        assert isinstance(second, ast.Return)
        assert isinstance(second.value, ast.Call)
        assert ast.unparse(second.value.func).startswith("jobs.")


@pytest.mark.airflow
def test_dags_load_without_errors(runs):
    assert runs["import_errors"] == {}
    assert sorted(runs["runs"]) == NAMES


@pytest.mark.airflow
@pytest.mark.parametrize("name", NAMES)
def test_dag_runs_to_success_twice(runs, name):
    for run in runs["runs"][name]:
        assert run["state"] == "success", run
        assert all(state == "success" for _, _, state, _ in run["tasks"]), run


def _results(runs, name, task):
    return [[result for one, _, _, result in run["tasks"] if one == task] for run in runs["runs"][name]]


@pytest.mark.airflow
def test_second_run_does_nothing_twice(runs):
    first, second = _results(runs, "receive_partner_documents", "receive")
    assert first[0]["exchanges"] >= 4
    assert second[0]["exchanges"] == 0
    first, second = _results(runs, "receive_partner_documents", "deliver")
    assert first[0]["delivered"] >= 6
    assert second[0]["delivered"] == 0
    first, second = _results(runs, "synchronize_erp", "synchronize")
    assert first[0]["pushed"] == 6
    assert second[0]["pushed"] == 0
    assert sum(second[0]["changed"].values()) == 0


@pytest.mark.airflow
def test_stores_are_mapped_in_groups_and_stay_where_they_are(runs):
    first, second = _results(runs, "replicate_to_stores", "replicate")
    assert len(first) == 1
    assert {store["store"] for store in first[0]["stores"]} == {"0101", "0102", "hamburg"}
    assert first[0]["rows"] > 0
    assert second[0]["rows"] == 0
