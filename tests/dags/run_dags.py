"""Runs every DAG in a real Airflow, twice, and prints what became of it as JSON. A program of its own, because Airflow
reads its settings when it is imported and leaves traces in the process it runs in.

Usage: ``python run_dags.py DAGS_FOLDER``, with ``AIRFLOW_HOME`` and ``HUB_WORKSPACE`` set.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

folder = Path(sys.argv[1])
home = Path(os.environ["AIRFLOW_HOME"])
os.environ |= {
    "AIRFLOW__CORE__DAGS_FOLDER": str(folder),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}
warnings.simplefilter("ignore")  # Airflow's own, about its own libraries


def run() -> dict[str, Any]:
    """Load and run; ``{"import_errors", "runs": {dag: [[(task, map index, state, result)], …]}}``."""
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils.db import initdb

    initdb()
    bag = DagBag(dag_folder=str(folder))
    out: dict[str, Any] = {"import_errors": bag.import_errors, "runs": {}}
    for name in sorted(bag.dags):
        out["runs"][name] = []
        for _ in range(2):
            done = bag.dags[name].test()
            tasks = [
                (
                    one.task_id,
                    one.map_index,
                    str(one.state),
                    one.xcom_pull(task_ids=one.task_id, map_indexes=one.map_index),
                )
                for one in done.get_task_instances()
            ]
            out["runs"][name].append({"state": str(done.state), "tasks": tasks})
    return out


with contextlib.redirect_stdout(sys.stderr):
    result = run()
sys.stdout.write(json.dumps(result, default=str))
