"""What a worker clears away: jobs that were over long ago, and what else only grows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from predictive.jobs.queue import ENDED

if TYPE_CHECKING:
    from dbos import DBOSClient

    from predictive.workspace import Workspace

_WORKFLOWS_AT_ONCE = 1_000


def prune(workspace: Workspace, client: DBOSClient, now: datetime) -> dict[str, int]:
    """Delete jobs, reports of checks and rejected rows that are older than the settings say.

    What waits or runs is never touched, neither in the store nor in the queue.

    Parameters
    ----------
    workspace
        Whose; its setting ``job_days`` says for how long they are kept, 0 for ever.
    client
        Its queue.
    now
        The moment.

    Returns
    -------
    dict
        ``workflows``, ``jobs``, ``checks`` and ``rejects``: how many of each went.
    """
    days, store = workspace.settings.job_days, workspace.store
    if not days:
        return {"workflows": 0, "jobs": 0, "checks": 0, "rejects": 0}
    before = now - timedelta(days=days)
    return {
        "workflows": _workflows(workspace, client, before),
        "jobs": store.jobs.forget(before=before),
        "checks": store.checks.forget(before=before),
        "rejects": _rejects(workspace, before),
    }


def _workflows(workspace: Workspace, client: DBOSClient, before: datetime) -> int:
    """Delete what the queue remembers of jobs that are over; how many."""
    # After restoring a backup, a workflow may have ended whose job still is to be done.
    unfinished = {job.id for job in workspace.store.jobs.list(unfinished=True)}
    gone, skipped = 0, 0
    while True:
        found = client.list_workflows(
            status=list(ENDED),
            completed_before=before.isoformat(),
            limit=_WORKFLOWS_AT_ONCE,
            offset=skipped,
            load_input=False,
            load_output=False,
        )
        over = [one.workflow_id for one in found if one.workflow_id not in unfinished]
        if over:
            client.delete_workflows(over)
        gone, skipped = gone + len(over), skipped + len(found) - len(over)
        if len(found) < _WORKFLOWS_AT_ONCE:
            return gone


def _rejects(workspace: Workspace, before: datetime) -> int:
    """Delete the files of rejected rows that were written before a moment; how many."""
    old = [
        file
        for file in workspace.rejects_path.glob("*.jsonl")
        if file.stat().st_mtime < before.timestamp()
    ]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)
