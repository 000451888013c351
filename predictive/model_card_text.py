"""A model card as Markdown, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from predictive.wording.moments import moment

_SHOWN_FEATURES = 15
_NOTHING = "–"
_MEASURES = {
    "auc": "AUC",
    "average_precision": "Average precision",
    "lift_top_decile": "Lift of the top 10 %",
    "mean_lift_quality": "Mean-lift quality",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "ece": "Calibration error within a test period",
}


def card_text(card: Mapping[str, Any], version: int | None = None) -> str:
    """The card as Markdown.

    Parameters
    ----------
    card
        From :func:`predictive.model_card.model_card`.
    version
        The model's version; None while it has none, as in the files that training writes.
    """
    return "\n".join(_lines(card, version)) + "\n"


def _lines(card: Mapping[str, Any], version: int | None) -> Iterator[str]:
    model, data, features = card["model"], card["data"], card["features"]
    named = "model" if version is None else f"model version {version},"
    yield f"# {card['prediction']}: {named} as of {moment(model['as_of'])}"
    yield ""
    yield f"Prediction Quality **{_estimate(card['quality'])}** ({card['quality']['label']})."
    yield card["promotion"]["promotion_reason"]
    yield from _section("What it predicts")
    yield from ["```yaml", card["definition"].rstrip(), "```"]
    yield from _section("Data")
    yield from _facts(
        {
            "Events": f"{moment(data['from'])} until before {moment(data['until'])}",
            "Data version": f"`{data['version']}`",
            "Trained at": f"{len(data['snapshots'])} moments, "
            f"{moment(data['snapshots'][0])} to {moment(data['snapshots'][-1])}",
            "Share of customers": f"{data['user_share']:.0%}",
        }
    )
    yield from _section("Model")
    yield from _facts(
        {
            "Recipe": _recipe(model["recipe"]),
            "Chosen": model["chosen"],
            "Choices made by": model["selection"],
            "Base rate": f"{model['base_rate']:.2%} (score 50)",
            "Seed": model["seed"],
            "Code": f"`{model['code_version']}`",
        }
    )
    yield from _table(
        ["Candidate", "Weight", "Quality"],
        [
            [one["name"], f"{one['weight']:.2f}", f"{_mean(one['quality']):.1f}"]
            for one in model["candidates"]
        ],
    )
    yield from _section("Features")
    yield (
        f"{features['count']} of the events {_names(features['events'])}, the properties "
        f"{_names(features['properties'])} and the attributes {_names(features['attributes'])}, "
        f"looking back {_names(map(str, features['lookback_days']))} days."
    )
    if features["own"]:
        yield f"The recipe's own: {_names(features['own'])}."
    if features["excluded"]:
        yield f"Kept out by the definition: {_names(features['excluded'])}."
    strongest = card["importance"]["features"][:_SHOWN_FEATURES]
    yield from _table(
        ["What moves scores most", "Share"],
        [[one["words"], f"{one['share']:.1%}"] for one in strongest],
    )
    yield from _section("Quality, out of time")
    yield from _table(
        ["As of", "Customers", "Positive", "Quality", "AUC"],
        [
            [
                moment(fold["as_of"]),
                f"{fold['n']:,}",
                f"{fold['positives']:,}",
                f"{fold['quality']:.1f}",
                f"{fold['auc']:.3f}",
            ]
            for fold in card["folds"]
        ],
    )
    yield from _facts(
        {_MEASURES.get(name, name): _number(value) for name, value in card["measures"].items()}
    )
    yield from _section("Calibration")
    calibration = card["calibration"]
    yield from _facts(
        {
            "Slope (1 is right)": _number(calibration["slope"]),
            "Observed / expected (1 is right)": _number(calibration["observed_expected"]),
            "Calibration error over all of them": _number(calibration["ece"]),
        }
    )
    yield from _section("Limits")
    yield from (f"- {limit}" for limit in card["limits"])


def _section(title: str) -> Iterator[str]:
    yield from ["", f"## {title}", ""]


def _facts(facts: Mapping[str, object]) -> Iterator[str]:
    yield from (f"- {name}: {value}" for name, value in facts.items())


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from ["", _row(header), _row(["---"] * len(header))]
    yield from (_row(row) for row in rows)
    yield ""


def _row(cells: Sequence[str]) -> str:
    # Names of events and attributes may hold anything.
    plain = (cell.replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(plain)} |"


def _names(names: Any) -> str:
    quoted = [f"`{name}`".replace("\n", " ") for name in names]
    return ", ".join(quoted) if quoted else "(none)"


def _estimate(quality: Mapping[str, Any]) -> str:
    if quality["low"] is None:
        return f"{quality['value']:.1f}"
    return f"{quality['value']:.1f}, 95 % interval {quality['low']:.1f} to {quality['high']:.1f}"


def _recipe(recipe: Mapping[str, Any]) -> str:
    if "digest" in recipe:
        return f"{recipe['name']} (`recipe.py`, {recipe['digest'][:12]})"
    return f"{recipe['name']}, version {recipe['version']}"


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.3f}"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
