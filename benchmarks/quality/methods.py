"""What a method gets and gives, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.quality.event_log import EventLog
from benchmarks.quality.features import plain_features
from benchmarks.quality.population import Population, population, training_populations
from benchmarks.quality.tasks import Task

Floats = npt.NDArray[np.float64]
#: Name of the suite itself among the methods.
SUITE = "suite"


class NotPossible(Exception):
    """A method can't answer a task at a cut-off; the message says why."""


class Failed(Exception):
    """A tool broke; nothing is kept, and the next run asks it again."""


@dataclass(frozen=True, eq=False)
class Question:
    """A task at one cut-off.

    Parameters
    ----------
    log, task, cutoff
        What is asked, and when.
    build
        Folder for what a method keeps between questions.
    seed
        Of every random choice.
    """

    log: EventLog
    task: Task
    cutoff: datetime
    build: Path
    seed: int = 0

    @cached_property
    def scored(self) -> Population:
        """Who is asked about; a method must not look at the labels."""
        return population(self.log, self.task, self.cutoff)

    @cached_property
    def training(self) -> list[Population]:
        """Earlier moments whose outcomes were known, the newest first."""
        found = training_populations(self.log, self.task, self.cutoff)
        if not found:
            raise NotPossible("no earlier snapshot has both outcomes")
        return found

    def features(self, moment: Population) -> pd.DataFrame:
        """Plain features of a moment's users."""
        return plain_features(self.log, moment.users, moment.as_of, self.cutoff)

    @cached_property
    def scored_features(self) -> pd.DataFrame:
        """Plain features of who is asked about."""
        return self.features(self.scored)

    @cached_property
    def training_features(self) -> list[pd.DataFrame]:
        """Plain features of the earlier moments, as :attr:`training`."""
        return [self.features(moment) for moment in self.training]

    def training_labels(self, snapshots: int) -> npt.NDArray[np.bool_]:
        """Labels of the newest so many training snapshots, one after another."""
        return np.concatenate([moment.labels for moment in self.training[:snapshots]])


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method says of each user who is asked about.

    Parameters
    ----------
    values
        (n,) probabilities of the outcome, or any ranking of it.
    probability
        Whether the values are probabilities.
    base_rate
        What the method takes for the average customer's probability; the score 50.
    detail
        What else it told, as JSON-ready values.
    """

    values: Floats
    probability: bool = True
    base_rate: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """One way to answer.

    Parameters
    ----------
    name
        Short name.
    label
        Name in tables.
    answer
        Answers a question.
    version
        Names the code and the libraries behind the answers; another version answers anew.
    peer
        Whether it runs in an environment of its own and takes minutes.
    """

    name: str
    label: str
    answer: Callable[[Question], Answer]
    version: str
    peer: bool = False
