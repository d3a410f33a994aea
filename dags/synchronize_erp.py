"""Pull what changed in the ERP and push the orders it does not have yet, one task an endpoint.

The watermark of each pull is stored with the documents it brought, so a run that was cut off is continued by the next.
"""

from datetime import timedelta

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

DOCUMENTS = Asset(name="hub_documents", uri="hub://documents")
NO_RETRY = RetryRule(exception="hub.errors.ConfigurationError", action=RetryAction.FAIL)


@dag(
    schedule=timedelta(minutes=15),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args={"retries": 3, "retry_policy": ExceptionRetryPolicy(rules=[NO_RETRY])},
    tags=["hub"],
    doc_md=__doc__,
)
def synchronize_erp():
    @task
    def endpoints():
        from hub import jobs

        return jobs.endpoints()

    @task(outlets=[DOCUMENTS], map_index_template="{{ endpoint }}")
    def synchronize(endpoint):
        from hub import jobs

        return jobs.sync(endpoint)

    synchronize.expand(endpoint=endpoints())


synchronize_erp()
