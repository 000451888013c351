"""Who asks for a job, and the durable queue in which it waits.

Asking for a job writes one row of the store, which is what makes it accepted; the worker finds
it there and hands it to DBOS, whose queue and recorded steps stand in the workspace's own
``jobs.db`` (or a schema of PostgreSQL). So nothing can be lost between the two, and asking needs
no DBOS.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from predictive.jobs.old_sqlite import support_old_sqlite
from predictive.jobs.run import fail
from predictive.lifecycle import require_updating
from predictive.wording.said import kept
from predictive.wording.sentence import Sentence

if TYPE_CHECKING:
    from dbos import DBOSClient

    from predictive.store.jobs import Job, JobKind
    from predictive.workspace import Workspace

QUEUE = "jobs"
WORKFLOW = "job"
#: Application name, under which DBOS files our queue.
APPLICATION = "predictive"
#: Schema of PostgreSQL for the queue; SQLite has no schemas and ignores it.
SCHEMA = "predictive_jobs"

_GIVEN_UP = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
#: States of a workflow that will never run again.
ENDED = ("SUCCESS", *_GIVEN_UP)
_CRASHED = Sentence(
    "The job ended the worker each time it was tried, most likely by lack of memory. "
    "See the worker's log, free memory, and start another one."
)


def request_job(
    workspace: Workspace,
    kind: JobKind,
    prediction: str | None,
    params: Mapping[str, Any] | None = None,
    *,
    by: str,
) -> str:
    """Ask for a job; returns at once, and a worker of the workspace will run it.

    Parameters
    ----------
    kind
        ``build`` (train, then score), ``train``, ``score``, ``evaluate``, ``check`` or
        ``compact``.
    prediction
        Name of the prediction; None for kinds that concern the workspace.
    params
        ``as_of`` (ISO 8601, default: the end of the data) and ``seed``, where the kind takes
        them.
    by
        Who asks, for example ``command line`` or ``key <id>``.

    Returns
    -------
    str
        Id of the job, by which ``store.jobs`` tells its progress.

    Raises
    ------
    NotFound
        There is no such prediction.
    Conflict
        The prediction is archived.
    """
    if prediction is not None:
        require_updating(workspace.store.predictions.get(prediction))
    return workspace.store.jobs.create(kind, prediction, params or {}, requested_by=by)


@contextmanager
def queue_client(workspace: Workspace) -> Iterator[DBOSClient]:
    """A connection to the workspace's queue, which is made or upgraded first."""
    from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer  # noqa: PLC0415

    # DBOS tells at INFO what it does at every start.
    logging.getLogger("dbos").setLevel(logging.WARNING)
    support_old_sqlite()
    DBOS.migrate(workspace.jobs_url, schema=SCHEMA)
    client = DBOSClient(
        system_database_url=workspace.jobs_url,
        dbos_system_schema=SCHEMA,
        application_name=APPLICATION,
        serializer=DBOSPortableJSONSerializer(),
        # A lost database is the caller's to hear of, not to wait for.
        retry_connection_errors=False,
    )
    try:
        yield client
    finally:
        client.destroy()


def reconcile(workspace: Workspace, client: DBOSClient, now: datetime) -> None:
    """Bring the store's jobs and the queue together.

    A job that is not in the queue yet is put there; one whose workflow was given up is marked
    as failed. One whose workflow ended while the store still has it open, as after restoring
    the two databases from a backup, is run again: its steps find what they did before.
    """
    waiting = {job.id: job for job in workspace.store.jobs.list(unfinished=True)}
    if not waiting:
        return
    handles = client.list_workflows(workflow_ids=list(waiting), load_input=False, load_output=False)
    states = {handle.workflow_id: handle.status for handle in handles}
    for job in sorted(waiting.values(), key=lambda job: (job.created_at, job.id)):
        state = states.get(job.id)
        if state is None:
            _submit(client, job)
        elif state in _GIVEN_UP:
            error = {"code": "failure", "message": str(_CRASHED), "said": kept(_CRASHED)}
            fail(workspace, job, error, now=now)
        elif state == "SUCCESS" and workspace.store.jobs.get(job.id).finished_at is None:
            client.delete_workflow(job.id)
            _submit(client, job)


def _submit(client: DBOSClient, job: Job) -> None:
    """Put a recorded job into the queue; a second time changes nothing."""
    client.enqueue(
        {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": job.id,
            "application_name": APPLICATION,
        },
        job.id,
        job.kind,
    )
