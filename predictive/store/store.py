"""The store: predictions, models, runs, scores, jobs, alerts, keys behind one URL."""

from __future__ import annotations

from types import TracebackType

from predictive.errors import InvalidInput
from predictive.store.alerts import Alerts
from predictive.store.audit import Audit
from predictive.store.callbacks import Callbacks
from predictive.store.checks import Checks
from predictive.store.database import Database
from predictive.store.evaluations import Evaluations
from predictive.store.history import History
from predictive.store.idempotency import Idempotency
from predictive.store.imports import Imports
from predictive.store.jobs import Jobs
from predictive.store.keys import Keys
from predictive.store.models import Models
from predictive.store.notifications import Notifications
from predictive.store.predictions import Predictions
from predictive.store.runs import Runs
from predictive.store.schema import REVISION
from predictive.store.scores import Scores
from predictive.store.segments import Segments
from predictive.store.sends import Sends
from predictive.store.sessions import Sessions
from predictive.store.tombstones import Tombstones
from predictive.store.upgrade import revision, upgrade


class Store:
    """An opened store; opening creates its tables or upgrades them.

    Safe to share between threads. As a context manager it closes at the end.

    Parameters
    ----------
    url
        ``sqlite:///path``, or ``postgresql+psycopg://…``, where it lives in the schema
        ``predictive``.

    Raises
    ------
    InvalidInput
        The store was written by a newer version.
    Unavailable
        The database does not answer.
    """

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        try:
            upgrade(self.database)
        except BaseException:
            self.database.close()
            raise
        self.scores = Scores(self.database)
        self.predictions = Predictions(self.database, self.scores)
        self.models = Models(self.database)
        self.runs = Runs(self.database)
        self.evaluations = Evaluations(self.database)
        self.jobs = Jobs(self.database)
        self.callbacks = Callbacks(self.database)
        self.history = History(self.database)
        self.alerts = Alerts(self.database)
        self.notifications = Notifications(self.database)
        self.checks = Checks(self.database)
        self.imports = Imports(self.database)
        self.sends = Sends(self.database)
        self.segments = Segments(self.database)
        self.keys = Keys(self.database)
        self.sessions = Sessions(self.database)
        self.audit = Audit(self.database)
        self.idempotency = Idempotency(self.database)
        self.tombstones = Tombstones(self.database)

    def check(self) -> None:
        """Ask the database whether its tables are those of this version.

        Raises
        ------
        Unavailable
            It does not answer.
        InvalidInput
            They are not: another process has upgraded it since, or restored it.
        """
        with self.database.read() as connection:
            found = revision(connection)
        if found != REVISION:
            raise InvalidInput("store revision", found, REVISION, "Restart this process.")

    def close(self) -> None:
        """Close all connections."""
        self.keys.close()
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
