"""Drop the changes that every reader has, and tell what a person must look at: tills that are silent or differ, gaps in
what they sent, a transaction that holds the feed back. Alarms are warnings in the log of the task ``watch``.

Runs every ten minutes. ``[feed]`` and ``[stores]`` in ``hub.toml`` say how long changes are kept and what is an alarm.
"""

from datetime import timedelta

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

NO_RETRY = RetryRule(exception="hub.errors.ConfigurationError", action=RetryAction.FAIL)


@dag(
    schedule=timedelta(minutes=10),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    default_args={"retries": 3, "retry_policy": ExceptionRetryPolicy(rules=[NO_RETRY])},
    tags=["hub"],
    doc_md=__doc__,
)
def look_after_stores():
    @task
    def purge():
        from hub import jobs

        return jobs.purge_feed()

    @task
    def watch():
        from hub import jobs

        return jobs.watch_stores()

    purge()
    watch()


look_after_stores()
