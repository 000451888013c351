"""What a running service clears away: answers kept for a day, audit entries past their time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from starlette.concurrency import run_in_threadpool

from predictive.errors import Failure
from predictive.logs import get_logger
from predictive.workspace import Workspace

_EVERY_SECONDS = 3600

_log = get_logger("api")


def clear(workspace: Workspace, *, now: datetime) -> dict[str, int]:
    """Delete what is over; returns how many rows of each kind."""
    store, days = workspace.store, workspace.settings.audit_days
    kept_since = now - timedelta(days=days)
    return {
        "answers": store.idempotency.forget(at=now),
        "audit": store.audit.forget(before=kept_since) if days else 0,
    }


@asynccontextmanager
async def clearing(workspace: Workspace) -> AsyncIterator[None]:
    """Clear away at once and then every hour, for as long as the block lasts."""
    over = asyncio.Event()

    async def repeat() -> None:
        while not over.is_set():
            try:
                await run_in_threadpool(clear, workspace, now=datetime.now(UTC))
            except Failure as error:
                _log.warning("nothing cleared away", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _EVERY_SECONDS)

    task = asyncio.create_task(repeat())
    try:
        yield
    finally:
        # Not cancelled: a thread that has begun needs the store until it is done.
        over.set()
        await task
