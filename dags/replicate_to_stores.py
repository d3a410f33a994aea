"""Bring every store's replica up to date, one mapped task for a group of stores.

Runs whenever documents arrived. The event is a signal only: each store continues from its own position in the change
feed, so that several events in one run, or a run too many, change nothing.
"""

from datetime import timedelta

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

DOCUMENTS = Asset(name="hub_documents", uri="hub://documents")
NO_RETRY = RetryRule(exception="hub.errors.ConfigurationError", action=RetryAction.FAIL)


@dag(
    schedule=[DOCUMENTS],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args={"retries": 3, "retry_policy": ExceptionRetryPolicy(rules=[NO_RETRY])},
    tags=["hub"],
    doc_md=__doc__,
)
def replicate_to_stores():
    @task
    def groups():
        from hub import jobs

        return jobs.store_groups()

    @task(max_active_tis_per_dagrun=8)
    def replicate(stores):
        from hub import jobs

        return jobs.replicate(stores=stores)

    replicate.expand(stores=groups())


replicate_to_stores()
