"""What the simulator answers is what the service answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

import pytest

from api.dashboard.simulator.segment import create_segment, segment_of
from api.dashboard.simulator.trial import Choice, Prices, Trial
from api.dashboard.texts import say
from predictive.errors import Conflict
from predictive.jobs.simulate import published_scores
from predictive.segments.definition import SegmentDefinition
from predictive.segments.service import save
from predictive.workspace import Workspace
from tests.api.conftest import add_events
from tests.api.dashboard.conftest import NAME, add_prediction

NOW = datetime(2025, 11, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with Workspace.create(tmp_path_factory.mktemp("simulator") / "workspace") as made:
        add_events(made)
        add_prediction(made)
        yield made


@pytest.fixture
def trial(workspace: Workspace) -> Trial:
    published = published_scores(workspace, NAME)
    prices = Prices(conversion_value=40.0, message_cost=2.0, incentive_cost=1.0)
    return Trial(published.histogram, published.shift, prices=prices)


def test_a_budget_is_kept_to_and_used_up(trial: Trial) -> None:
    everybody = trial.answer(Choice(low=0.0)).reached
    answer = trial.answer(Choice(low=0.0, limit="budget", at_most=100.0))
    assert answer.money is not None
    assert 95 < answer.money.cost <= 100
    assert 0 < answer.reached < everybody


def test_messages_are_counted_from_the_top(trial: Trial) -> None:
    answer = trial.answer(Choice(low=0.0, limit="messages", at_most=50.0))
    assert answer.reached == 50
    assert answer.min_score is not None
    assert trial.answer(Choice(low=answer.min_score)).reached >= 50


def test_a_limit_that_nobody_has_given_yet_is_none(trial: Trial) -> None:
    assert trial.answer(Choice(limit="budget")) == trial.answer(Choice())


def test_without_a_worth_there_is_no_best_threshold(trial: Trial) -> None:
    trial.prices = Prices(message_cost=2.0)
    assert trial.profits() is None
    answer = trial.answer()
    assert answer.money is not None
    assert answer.money.cost == 2.0 * answer.reached


def test_a_segment_of_a_restricted_simulation_has_no_others(workspace: Workspace) -> None:
    loyal = SegmentDefinition.from_text("{name: loyal, all: [{did: purchase, at_least: 12}]}")
    save(workspace, loyal, by="test", now=NOW)
    part = published_scores(workspace, NAME, segment="loyal")
    reached = Trial(part.histogram, part.shift).answer(Choice(low=50.0)).reached
    document = segment_of("loyal-and-likely", NAME, 50.0, 100.0, say=partial(say, "ko"))
    assert document["description"] == f"{NAME} 점수 50 ~ 100"
    shown = create_segment(workspace, document, within="loyal", by="test", taken="taken")
    assert shown["users"] == reached > 0
    with pytest.raises(Conflict, match="taken"):
        create_segment(workspace, document, within=None, by="test", taken="taken")
