from __future__ import annotations

import pytest
from sqlalchemy.exc import StatementError

from predictive.errors import Conflict, NotFound
from predictive.store import Store

from .samples import AS_OF, NAME, PlainDefinition, add_model


@pytest.fixture
def defined(store: Store) -> Store:
    store.predictions.create_or_update(PlainDefinition())
    return store


def test_versions_count_up_and_keep_where_they_come_from(defined: Store) -> None:
    assert [add_model(defined), add_model(defined)] == [1, 2]
    found = defined.models.get(NAME, 1)
    assert found.as_of == AS_OF
    assert (found.seed, found.data_version, found.code_version) == (7, "12", "abc")
    assert (found.base_rate, found.folder) == (0.25, "models/1")
    assert found.report == {"quality": {"value": 41.5}}
    assert found.mlflow_run_id == "mlflow-1"
    assert [version.version for version in defined.models.list(NAME)] == [2, 1]


def test_the_champion_is_the_one_that_was_set(defined: Store) -> None:
    add_model(defined)
    assert defined.models.champion(NAME) is None
    add_model(defined)
    defined.models.set_champion(NAME, 1)
    assert defined.models.challenger(NAME) is None
    for _ in range(2):
        defined.models.set_champion(NAME, 2)
        assert defined.models.challenger(NAME).version == 1
    champion = defined.models.champion(NAME)
    assert champion is not None
    assert champion.version == 2
    assert defined.predictions.get(NAME).champion_version == 2


def test_what_does_not_exist_is_named(defined: Store) -> None:
    for ask in (
        lambda: defined.models.get(NAME, 3),
        lambda: defined.models.set_champion(NAME, 3),
        lambda: defined.models.champion("nobody"),
        lambda: defined.models.list("nobody"),
        lambda: add_model(defined, "nobody"),
    ):
        with pytest.raises(NotFound):
            ask()
    assert defined.models.champion(NAME) is None


def test_a_model_of_a_definition_that_does_not_exist_is_refused(defined: Store) -> None:
    with pytest.raises(NotFound, match="definition version"):
        defined.models.add_version(
            NAME,
            definition_version=2,
            as_of=AS_OF,
            seed=0,
            data_version="1",
            code_version="1",
            base_rate=0.1,
            report={},
            folder="f",
        )


def test_a_report_with_nan_is_refused_on_both_databases(defined: Store) -> None:
    with pytest.raises((StatementError, ValueError), match="JSON"):
        add_model(defined, report={"auc": float("nan")})
    assert defined.models.list(NAME) == []


def test_what_a_job_trained_is_registered_once(defined: Store) -> None:
    def add(job_id: str | None, folder: str) -> int:
        return defined.models.add_version(
            NAME,
            definition_version=1,
            as_of=AS_OF,
            seed=0,
            data_version="1",
            code_version="1",
            base_rate=0.1,
            report={},
            folder=folder,
            job_id=job_id,
            recipe={"name": "own", "version": 2},
        )

    assert defined.models.of_job(NAME, "job 1") is None
    assert [add("job 1", "a"), add("job 1", "b"), add(None, "c"), add(None, "d")] == [1, 1, 2, 3]
    found = defined.models.of_job(NAME, "job 1")
    assert found is not None
    assert (found.version, found.folder, found.job_id) == (1, "a", "job 1")
    assert found.recipe == {"name": "own", "version": 2}
    assert found.promoted_at is None
    # The same job may train another prediction.
    defined.predictions.create_or_update(PlainDefinition(name="other"))
    assert defined.models.of_job("other", "job 1") is None


def test_a_recipe_is_the_standard_one_unless_told(defined: Store) -> None:
    add_model(defined)
    assert defined.models.get(NAME, 1).recipe == {"name": "standard", "version": 1}


def test_a_promotion_is_dated(defined: Store) -> None:
    add_model(defined)
    defined.models.set_champion(NAME, 1, at=AS_OF)
    assert defined.models.get(NAME, 1).promoted_at == AS_OF


def test_a_challenger_is_set_beside_the_champion_and_taken_back(defined: Store) -> None:
    for _ in range(3):
        add_model(defined)
    defined.models.set_champion(NAME, 1)
    defined.models.set_challenger(NAME, 3)
    challenger = defined.models.challenger(NAME)
    assert challenger is not None
    assert challenger.version == 3
    assert defined.predictions.get(NAME).champion_version == 1
    defined.models.set_challenger(NAME, None)
    assert defined.models.challenger(NAME) is None
    with pytest.raises(Conflict, match="champion already"):
        defined.models.set_challenger(NAME, 1)
    with pytest.raises(NotFound):
        defined.models.set_challenger(NAME, 4)
