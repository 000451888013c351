"""Rules and models that anybody would try first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.quality.features import rfm
from benchmarks.quality.methods import Answer, Floats, Method, NotPossible, Question
from benchmarks.quality.population import SNAPSHOTS, Population
from models.buy_till_you_die import Histories, fit_bg_nbd

_SOURCES = ("baselines.py", "features.py", "population.py")
_LIBRARIES = ("lightgbm", "numpy", "pandas", "scikit-learn", "scipy")
#: LightGBM with small trees and short steps, else its defaults; nothing here is searched for.
_BOOSTING = {
    "n_estimators": 200,
    "learning_rate": 0.05,
    "num_leaves": 15,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "n_jobs": 1,
    "verbosity": -1,
}
_SHARE_BOUNDS = (1e-4, 1 - 1e-4)


def recency(question: Question) -> Answer:
    """The longer ago the last outcome event, the likelier is silence."""
    return _rule(question, -_table(question, question.scored)["recency"])


def frequency(question: Question) -> Answer:
    """The fewer outcome events ever, the likelier is silence."""
    return _rule(question, _table(question, question.scored)["frequency"])


def bg_nbd(question: Question) -> Answer:
    """P(an outcome event in the window) of the BG/NBD model, by maximum likelihood.

    Users who never had the event are no customers to the model; they get the share that came
    true among their like at the newest training snapshot.
    """
    everybody = pd.Index(np.sort(question.log.before(question.cutoff)["user_id"].unique()))
    histories = rfm(question.log, question.task.outcome, everybody, question.cutoff)
    known = histories.dropna(subset=["repeats"])
    try:
        model = fit_bg_nbd(_histories(known))
    except ValueError as error:
        raise NotPossible(str(error)) from None
    asked = histories.reindex(question.scored.users)
    customers = asked["repeats"].notna().to_numpy()
    happens = np.full(len(asked), np.nan)
    happens[customers] = 1 - model.probability_silent(
        _histories(asked[customers]), float(question.task.window_days)
    )
    if not customers.all():
        happens[~customers] = _share_of_newcomers(question)
    values = 1 - happens if question.task.kind == "silence" else happens
    return Answer(values, detail={"r": model.r, "alpha": model.alpha, "a": model.a, "b": model.b})


def rfm_regression(question: Question) -> Answer:
    """Logistic regression on the logarithms of recency, frequency, age and money."""
    columns = ["recency", "frequency", "age", "money"]

    def features(moment: Population) -> pd.DataFrame:
        table = _table(question, moment)
        return table[[name for name in columns if name in table]]

    return _regression(question, [features(one) for one in question.training], features)


def plain_regression(question: Question) -> Answer:
    """Logistic regression on the logarithms of all plain features."""
    return _regression(question, question.training_features, lambda _: question.scored_features)


def boosting_on(snapshots: int) -> Callable[[Question], Answer]:
    """LightGBM on the plain features of the newest so many snapshots."""

    def answer(question: Question) -> Answer:
        from lightgbm import LGBMClassifier  # noqa: PLC0415

        model = LGBMClassifier(**_BOOSTING, random_state=question.seed)
        labels = question.training_labels(snapshots)
        matrix = np.concatenate(
            [table.to_numpy() for table in question.training_features[:snapshots]]
        )
        model.fit(matrix, labels)
        values = model.predict_proba(question.scored_features.to_numpy())[:, 1]
        return Answer(np.asarray(values), base_rate=float(labels.mean()))

    return answer


def _rule(question: Question, activity: pd.Series) -> Answer:
    """Ranks by activity; who has none at all comes last."""
    active = activity.fillna(activity.min() - 1).to_numpy(dtype=float)
    return Answer(-active if question.task.kind == "silence" else active, probability=False)


def _table(question: Question, moment: Population) -> pd.DataFrame:
    return rfm(question.log, question.task.outcome, moment.users, moment.as_of)


def _histories(table: pd.DataFrame) -> Histories:
    # The model counts days with a purchase; the first of them is the beginning.
    repeats = table["repeats"].to_numpy(dtype=float)
    age = np.maximum(table["age"].to_numpy(dtype=float), 1e-6)
    last = np.where(repeats > 0, table["last"].to_numpy(dtype=float), 0.0)
    return Histories(repeats, np.minimum(last, age), age)


def _share_of_newcomers(question: Question) -> float:
    newest = question.training[0]
    without = _table(question, newest)["repeats"].isna().to_numpy()
    came = newest.labels if question.task.kind == "event" else ~newest.labels
    return float(np.clip(came[without].mean(), *_SHARE_BOUNDS)) if without.any() else 0.0


def _regression(
    question: Question,
    training: list[pd.DataFrame],
    features: Callable[[Population], pd.DataFrame],
) -> Answer:
    from sklearn.impute import SimpleImputer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    labels = question.training_labels(SNAPSHOTS)
    model = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        LogisticRegression(C=0.1, solver="newton-cholesky"),
    )
    model.fit(np.concatenate([_logs(table) for table in training]), labels)
    values = model.predict_proba(_logs(features(question.scored)))[:, 1]
    return Answer(np.asarray(values), base_rate=float(labels.mean()))


def _logs(table: pd.DataFrame) -> Floats:
    values = table.to_numpy(dtype=float)
    logs: Floats = np.copysign(np.log1p(np.abs(values)), values)
    return logs


def _version() -> str:
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=6)
    for source in (*(here / name for name in _SOURCES), here.parents[1] / "models/odds.py"):
        digest.update(source.read_bytes())
    digest.update((here.parents[1] / "models/buy_till_you_die.py").read_bytes())
    digest.update(repr([(name, version(name)) for name in _LIBRARIES]).encode())
    return digest.hexdigest()


def baselines() -> list[Method]:
    """All of them, simplest first."""
    made = _version()
    return [
        Method(name, label, answer, made)
        for name, label, answer in (
            ("recency", "recency", recency),
            ("frequency", "frequency", frequency),
            ("bg_nbd", "BG/NBD", bg_nbd),
            ("rfm_logistic", "logistic regression, RFM", rfm_regression),
            ("plain_logistic", "logistic regression, plain features", plain_regression),
            ("lightgbm_one", "LightGBM, one snapshot", boosting_on(1)),
            ("lightgbm_many", "LightGBM, eight snapshots", boosting_on(SNAPSHOTS)),
        )
    ]
