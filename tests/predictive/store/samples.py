"""Small predictions, models and runs to fill a store with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from predictive.store import Store

NAME = "churn-28d"
AS_OF = datetime(2025, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PlainDefinition:
    """As much of a definition as a store asks for."""

    name: str = NAME
    kind: str = "churn"
    window: timedelta = timedelta(days=28)
    text: str = "name: churn-28d\n"

    def to_yaml(self) -> str:
        return self.text


def add_prediction(store: Store, name: str = NAME) -> None:
    """An active prediction with one trained model."""
    store.predictions.create_or_update(PlainDefinition(name=name))
    store.predictions.set_state(name, "active")
    add_model(store, name)


def add_model(store: Store, name: str = NAME, report: Mapping[str, object] | None = None) -> int:
    return store.models.add_version(
        name,
        definition_version=1,
        as_of=AS_OF,
        seed=7,
        data_version="12",
        code_version="abc",
        base_rate=0.25,
        report=report or {"quality": {"value": 41.5}},
        folder="models/1",
        mlflow_run_id="mlflow-1",
    )


def write(
    store: Store,
    scores: Mapping[str, float],
    *,
    as_of: datetime = AS_OF,
    name: str = NAME,
    categories: tuple[float, float] = (50.0, 75.0),
) -> str:
    """A finished run with these scores; the probability is a hundredth of the score."""
    run_id = store.runs.begin(name, 1, as_of, categories=categories)
    values: Sequence[float] = list(scores.values())
    store.scores.write_batch(run_id, list(scores), [value / 100 for value in values], values)
    store.runs.finish(run_id, histogram=b"histogram", users=len(scores))
    return run_id


def publish(store: Store, scores: Mapping[str, float], *, as_of: datetime = AS_OF) -> str:
    """A published run with these scores."""
    run_id = write(store, scores, as_of=as_of)
    store.runs.publish(run_id)
    return run_id
