from __future__ import annotations

from pathlib import Path

import pandas as pd

from predictive.imports import import_users
from predictive.suggestions import suggestions
from predictive.workspace import Workspace


def test_names_types_and_the_usual_values(tmp_path: Path) -> None:
    users = [f"u{number}" for number in range(60)]
    table = pd.DataFrame(
        {
            "user": users,
            "country": ["GB"] * 30 + ["FR"] * 20 + ["DE"] * 10,
            "rare": ["one"] * 9 + [f"only-{number}" for number in range(51)],
            "points": range(60),
            "subscribed": [True, False] * 30,
        }
    )
    table.to_parquet(tmp_path / "users.parquet")
    with Workspace.create(tmp_path / "workspace") as workspace:
        import_users(workspace, tmp_path / "users.parquet", user="user")
        found = suggestions(workspace)
    assert found.types == {
        "country": "text",
        "points": "number",
        "rare": "text",
        "subscribed": "flag",
    }
    assert found.values == {"country": ["GB", "FR", "DE"], "rare": []}
    assert found.vocabulary.attributes == {"country", "points", "rare", "subscribed"}
    assert found.vocabulary.events == frozenset()
