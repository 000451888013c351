"""Two services as processes of their own on one PostgreSQL: a write with a key is done once.

Also where the process that does it is killed in the middle.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from predictive.settings import Settings
from predictive.workspace import Workspace
from tests.api.conftest import CHURN, add_purchase
from tests.integration.processes import ARGUMENTS, address_of, is_ready, started, until

pytestmark = pytest.mark.slow

#: A killed process is taken for dead after this long, not after half a minute.
LEASE_SECONDS = 6
SERVE = f"""
import sys
from datetime import timedelta

import predictive.store.idempotency as kept

kept.LEASE = timedelta(seconds={LEASE_SECONDS})

from predictive.cli.main import run

run(sys.argv[1:])
"""
CROWD = 16


@dataclass
class Two:
    """Two processes, where they answer, and the workspace that they share."""

    processes: list[subprocess.Popen[str]]
    addresses: list[str]
    workspace: Workspace
    url: str
    secret: str

    def define(self, which: int, key: str) -> httpx.Response:
        """Ask one of them to create a prediction."""
        headers = {
            "Authorization": f"Bearer {self.secret}",
            "Content-Type": "application/yaml",
            "Idempotency-Key": key,
        }
        address = f"{self.addresses[which]}/v1/predictions"
        return httpx.post(address, content=CHURN, headers=headers, timeout=120)

    def times_done(self) -> int:
        """How often the definition was written; each time stands in the history."""
        return len(self.workspace.store.history.list("churn-28d"))

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Whoever writes a prediction waits for the end of the block."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            schema = connection.execute(text(_WHERE)).scalar_one()
            connection.execute(text(f'LOCK TABLE "{schema}".predictions IN SHARE MODE'))
            yield
        engine.dispose()

    def is_waiting(self) -> bool:
        """Whether somebody waits to write a prediction."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            waiting = connection.execute(text(_WAITING)).scalar_one()
        engine.dispose()
        return bool(waiting)


_WHERE = "SELECT table_schema FROM information_schema.tables WHERE table_name = 'predictions'"
_WAITING = """SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation
WHERE NOT granted AND relname = 'predictions' AND database = (
    SELECT oid FROM pg_database WHERE datname = current_database())"""


@pytest.fixture
def two(tmp_path: Path, postgres_url: str) -> Iterator[Two]:
    settings = Settings(workspace=tmp_path / "workspace", database_url=postgres_url)
    with ExitStack() as stack:
        workspace = stack.enter_context(Workspace.create(settings=settings))
        add_purchase(workspace)
        secret = workspace.store.keys.create("manager", ["manage"]).secret
        processes = [
            stack.enter_context(started(workspace.path, postgres_url, "-c", SERVE, *ARGUMENTS))
            for _ in "ab"
        ]
        addresses = [address_of(each) for each in processes]
        for address in addresses:
            until(lambda address=address: is_ready(address))
        yield Two(processes, addresses, workspace, postgres_url, secret)


def test_the_same_key_at_both_at_once_is_done_once(two: Two) -> None:
    with ThreadPoolExecutor(CROWD) as pool:
        answers = list(pool.map(lambda number: two.define(number % 2, "crowd"), range(CROWD)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer for answer in answers if answer.status_code == 201]
    assert sum("idempotent-replayed" not in answer.headers for answer in made) == 1
    early = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert set(early) <= {"in_progress"}
    # Whoever was told to wait hears the same in the end, of either process.
    made += [two.define(which, "crowd") for which in (0, 1)]
    assert len({answer.content for answer in made}) == 1
    assert two.times_done() == 1


def test_a_process_that_is_killed_in_the_middle_leaves_it_to_the_other(two: Two) -> None:
    with ThreadPoolExecutor(1) as pool:
        with two.held_up():
            cut_off = pool.submit(two.define, 0, "killed")
            until(two.is_waiting)
            # In the middle of it: the other one knows, and does not begin as well.
            early = two.define(1, "killed")
            assert (early.status_code, early.json()["code"]) == (409, "in_progress")
            two.processes[0].send_signal(signal.SIGKILL)
            two.processes[0].wait(timeout=60)
            with pytest.raises(httpx.TransportError):
                cut_off.result(timeout=60)
        assert two.workspace.store.predictions.list() == []
        until(lambda: two.define(1, "killed").status_code == 201)
    again = two.define(1, "killed")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.json()["change"] == "created"
    assert two.times_done() == 1
