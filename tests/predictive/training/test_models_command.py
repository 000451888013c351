"""``predictive models`` and ``train --recipe``, as people and programs see them."""

from __future__ import annotations

import pytest

from tests.predictive.cli.runner import CommandLine
from tests.predictive.training.conftest import NAME
from tests.predictive.training.recipes import HOPELESS, write_recipe

pytestmark = pytest.mark.slow


def read(predictive, *arguments):
    return " ".join(predictive(*arguments).ok().out.split())


def test_versions_are_listed_shown_promoted_and_rolled_back(workspace, capsys):
    predictive = CommandLine(workspace.path, capsys)
    assert "0 model versions" in read(predictive, "models", "list", NAME)
    assert predictive("models", "show", NAME).code == 2
    predictive("train", NAME).ok()
    write_recipe(workspace, "hopeless", HOPELESS)
    trained = read(predictive, "train", NAME, "--recipe", "hopeless")
    assert "The champion stays. It is worse than the champion's recipe" in trained
    unknown = predictive("train", NAME, "--recipe", "hopeles", "--json")
    assert unknown.code == 2
    assert unknown.document["error"]["hint"] == "Did you mean 'hopeless'?"

    listed = predictive("models", "list", NAME, "--json").ok().document
    assert [(one["version"], one["role"]) for one in listed["models"]] == [
        (2, "challenger"),
        (1, "champion"),
    ]
    promote = f"predictive models promote {NAME} 2"
    assert promote in trained
    told = read(predictive, "models", "list", NAME)
    assert "2 challenger hopeless" in told
    assert promote in told
    assert "rollback" not in told  # nothing scored before
    assert promote in read(predictive, "models", "show", NAME, 2)
    shown = read(predictive, "models", "show", NAME)
    assert f"{NAME} model version 1, champion" in shown
    assert "It is the first model." in shown
    assert "kept, in no role" not in read(predictive, "models", "show", NAME, 2)

    card = predictive("models", "card", NAME, 2).ok().out
    assert card.startswith(f"# {NAME}: model version 2, as of ")
    assert "| hopeless | 1.00 | 0.0 |" in card
    assert "- AUC: " in card
    assert "+00:00" not in card  # moments are written for people
    document = predictive("models", "card", NAME, "--json").ok().document
    assert (document["version"], document["role"]) == (1, "champion")

    assert "version 2 scores from the next scoring run on, version 1 did before" in read(
        predictive, "models", "promote", NAME, 2
    )
    assert "is the champion already" in read(predictive, "models", "promote", NAME, 2)
    rolled = predictive("models", "rollback", NAME, "--json").ok().document
    assert (rolled["champion_version"], rolled["before"]) == (1, 2)
    nothing = predictive("models", "rollback", NAME)
    assert nothing.code == 2
    assert "nothing to roll back to" in nothing.err
    assert predictive("models", "promote", NAME, 9).code == 2
    history = predictive("history", NAME, "--json").ok().document["changes"]
    assert {change["by"] for change in history if change["kind"] == "model"} == {"command line"}
