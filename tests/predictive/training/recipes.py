"""Recipes that tests write into a workspace."""

from __future__ import annotations

from predictive.workspace import Workspace

ORDERS = """
def features(events, attributes, as_of):
    bought = events.filter(events.name == "purchase")
    paid = bought.group_by("user_id").agg(
        spent=bought.amount.sum(),
        latest=bought.time.max().epoch_seconds(),
        reds=(bought.colour == "red").sum(),
        ever_big=(bought.amount > 50).any(),
    )
    points = attributes.filter(attributes.name == "points")
    known = points.group_by("user_id").agg(points=points.number.max())
    return paid.left_join(known, "user_id").drop("user_id_right")
"""
FOREST = """
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

def estimators():
    trees = ExtraTreesClassifier(40, min_samples_leaf=10)
    return {"forest": make_pipeline(SimpleImputer(keep_empty_features=True), trees)}
"""
#: Learns nothing: everybody is as likely as everybody else.
HOPELESS = """
from sklearn.dummy import DummyClassifier

keep_standard_candidates = False

def estimators():
    return {"hopeless": DummyClassifier()}
"""


def write_recipe(workspace: Workspace, name: str, source: str) -> None:
    folder = workspace.path / "recipes"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(source, encoding="utf-8")
