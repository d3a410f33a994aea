"""Send what is due to partners again where it failed, and find what they have not acknowledged in time."""

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
def deliver_and_watch():
    @task
    def deliver():
        from hub import jobs

        return jobs.deliver()

    @task
    def watch_acknowledgments():
        from hub import jobs

        return jobs.watch_acknowledgments()

    deliver() >> watch_acknowledgments()


deliver_and_watch()
