"""What looks as if a model had been told the outcome: found at build time, in plain words.

Features see only what is stamped before the moment of prediction, so that what leaks is what is
stamped wrongly: an attribute without a time that was filled in later, an event recorded because
of the outcome and dated back. A finding is a reason to look, not a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from models.dataset import Dataset
from predictive.features.plan import FeaturePlan
from predictive.features.words import readable
from predictive.leads import Leads
from predictive.leak_signs import Finding, Kind, Severity, Signs
from predictive.sources import EventSource
from predictive.wording.sentence import Sentence

__all__ = ["Finding", "Kind", "Severity", "find_leaks", "untimed_attributes"]

#: Rows looked at; a leak large enough to matter shows in so many.
MAX_ROWS = 50_000


def untimed_attributes(source: EventSource, plan: FeaturePlan) -> tuple[str, ...]:
    """Attributes of the features that have values without a time, sorted."""
    names = (*plan.number_attributes, *plan.text_attributes)
    if not names:
        return ()
    attributes = source.tables(None).attributes
    untimed = attributes.filter(attributes.time.isnull() & attributes.name.isin(names))
    found: list[str] = untimed.select("name").distinct().to_pyarrow()["name"].to_pylist()
    return tuple(sorted(found))


def find_leaks(
    dataset: Dataset,
    plan: FeaturePlan,
    tests: npt.NDArray[np.datetime64],
    untimed: Sequence[str],
    leads: Leads | None = None,
    *,
    seed: int,
) -> list[Finding]:
    """Look for features that know too much.

    Parameters
    ----------
    dataset
        Features and outcomes of a training run.
    plan
        Which features they are.
    tests
        (t,) the snapshots to look at, together and the newest by itself.
    untimed
        Attributes without a time, from :func:`untimed_attributes`.
    leads
        How soon the target follows each event, from :func:`predictive.leads.read_leads`.
    seed
        Of the rows drawn where there are very many.

    Returns
    -------
    list of Finding
        Warnings first, one for each name.
    """
    found: list[Finding] = []
    # What was filled in afterwards tells most of the newest outcomes and less of older ones.
    newest = tests[tests == tests.max()]
    for moments in [tests, newest][: len(tests)]:
        rows = dataset.sampled(MAX_ROWS, seed, np.isin(dataset.as_of, moments))
        signs = Signs(rows, plan, untimed)
        found += signs.alone()
        found += signs.telling_attributes()
        found += signs.telling_events()
        found += signs.companions()
    if leads is not None:
        found += leads.announcing()
    found += _without_time(untimed)
    return sorted(_one_a_name(found), key=lambda each: each.severity == "note")


def _without_time(untimed: Sequence[str]) -> Iterator[Finding]:
    if not untimed:
        return
    many = len(untimed) > 1
    yield Finding(
        "attributes_without_time",
        "note",
        tuple(untimed),
        Sentence(
            "Attributes without a time: {names}. The model takes them as true at every moment of "
            "the past."
            if many
            else "An attribute without a time: {names}. The model takes it as true at every moment "
            "of the past.",
            names=", ".join(readable(name) for name in untimed),
        ),
        Sentence(
            "If values change, import them with the time from which they hold: else the past is "
            "explained by what was only known later."
        ),
    )


def _one_a_name(findings: Sequence[Finding]) -> list[Finding]:
    """Of each severity and name the first finding; of features that tell alone the surest."""
    kept: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        key = (each.severity, *each.names)
        first = kept.setdefault(key, each)
        if each.figures.get("auc", 0) > first.figures.get("auc", 1):
            kept[key] = each
    return list(kept.values())
