"""The durable queue of builds: who asks for one, and where it waits.

Anyone with the workspace may enqueue; `predictive.worker` takes from it. The queue is
DBOS's, in the workspace's own ``jobs.db`` (or a schema of PostgreSQL), so a build that was
accepted outlives every process.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from predictive.jobs.old_sqlite import support_old_sqlite

if TYPE_CHECKING:
    from dbos import DBOSClient

    from predictive.workspace import Workspace

QUEUE = "builds"
WORKFLOW = "build"
#: Application name, under which DBOS files our queue.
APPLICATION = "predictive"
#: Schema of PostgreSQL for the queue; SQLite has no schemas and ignores it.
SCHEMA = "predictive_jobs"

_UNFINISHED = ("queued", "running")
_GIVEN_UP = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_CRASHED = (
    "The build ended the worker each time it was tried, most likely by lack of memory. "
    "See the worker's log, free memory, and start another build."
)


def enqueue_build(
    workspace: Workspace, name: str, as_of: datetime | None = None, seed: int = 0
) -> str:
    """Ask for a build (train, then score) of a prediction; returns at once.

    Parameters
    ----------
    workspace
        The workspace; a worker of the same one will run the build.
    name
        Name of the prediction.
    as_of
        The moment to train and score as of; by default the end of the data.
    seed
        Seed of the training.

    Returns
    -------
    str
        Id of the build, by which `predictive.store` tells its progress.

    Raises
    ------
    NotFound
        There is no such prediction.
    """
    workspace.store.predictions.get(name)
    parameters = {"as_of": as_of.isoformat() if as_of else None, "seed": seed}
    build_id = workspace.store.jobs.create("build", name, parameters)
    with queue_client(workspace) as client:
        submit(client, build_id)
    return build_id


def submit(client: DBOSClient, build_id: str) -> None:
    """Put a recorded build into the queue; a second time changes nothing."""
    client.enqueue(
        {
            "workflow_name": WORKFLOW,
            "queue_name": QUEUE,
            "workflow_id": build_id,
            "application_name": APPLICATION,
        },
        build_id,
    )


@contextmanager
def queue_client(workspace: Workspace) -> Iterator[DBOSClient]:
    """A connection to the workspace's queue, which is made when it is not there yet."""
    from dbos import DBOSClient, DBOSPortableJSONSerializer  # noqa: PLC0415

    make_queue(workspace)
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


def make_queue(workspace: Workspace) -> None:
    """Create or upgrade the queue's tables; safe at any time, from several processes."""
    from dbos import DBOS  # noqa: PLC0415

    # DBOS tells at INFO what it does at every start.
    logging.getLogger("dbos").setLevel(logging.WARNING)
    support_old_sqlite()
    DBOS.migrate(workspace.jobs_url, schema=SCHEMA)


def reconcile(workspace: Workspace, client: DBOSClient) -> None:
    """Bring the store's builds and the queue together after a crash between the two.

    A build that was recorded but never queued is queued; one whose workflow was given up
    is marked as failed.
    """
    for build in workspace.store.jobs.list():
        if build.state not in _UNFINISHED:
            continue
        handles = client.list_workflows(workflow_ids=[build.id], load_input=False)
        if not handles:
            submit(client, build.id)
        elif handles[0].status in _GIVEN_UP:
            workspace.store.jobs.fail(build.id, {"code": "failure", "message": _CRASHED})
