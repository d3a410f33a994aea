"""Seal what changed for the stores that pull, once for all of them, so that their next poll finds it.

Runs every minute; a run that finds another at work leaves it to that one and is tried again.
"""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

NO_RETRY = RetryRule(exception="hub.errors.ConfigurationError", action=RetryAction.FAIL)


@dag(
    schedule=timedelta(minutes=1),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args={"retries": 3, "retry_policy": ExceptionRetryPolicy(rules=[NO_RETRY])},
    tags=["hub"],
    doc_md=__doc__,
)
def seal_for_stores():
    @task
    def seal():
        from hub import jobs

        return jobs.seal()

    seal()


seal_for_stores()
