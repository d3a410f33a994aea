"""Take in what partners sent, store it, and send what is due: acknowledgments, answers, routed documents.

Runs every five minutes, and again by hand or by mistake without harm: a payload is taken in once, whoever asks.
"""

from datetime import timedelta

from airflow.sdk import Asset, ExceptionRetryPolicy, RetryAction, RetryRule, dag, task

DOCUMENTS = Asset(name="hub_documents", uri="hub://documents")
NO_RETRY = RetryRule(exception="hub.errors.ConfigurationError", action=RetryAction.FAIL)


@dag(
    schedule=timedelta(minutes=5),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    default_args={"retries": 3, "retry_policy": ExceptionRetryPolicy(rules=[NO_RETRY])},
    tags=["hub"],
    doc_md=__doc__,
)
def receive_partner_documents():
    @task(outlets=[DOCUMENTS])
    def receive():
        from hub import jobs

        return jobs.receive()

    @task
    def deliver():
        from hub import jobs

        return jobs.deliver()

    receive() >> deliver()


receive_partner_documents()
