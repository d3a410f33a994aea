"""Share customers' credit and points out to the tills that need them, and call back what lies idle.

Runs every five minutes; looks only at what was used, needed or changed since the last run. Tills learn of it with their
next pull.
"""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

NO_RETRY = RetryRule(exception="hub.errors.ConfigurationError", action=RetryAction.FAIL)


@dag(
    schedule=timedelta(minutes=5),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={"retries": 3, "retry_policy": ExceptionRetryPolicy(rules=[NO_RETRY])},
    tags=["hub"],
    doc_md=__doc__,
)
def rebalance_rights():
    @task
    def rebalance():
        from hub import jobs

        return jobs.rebalance_rights()

    rebalance()


rebalance_rights()
