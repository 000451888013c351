"""What the forms hold while somebody writes: a tree of conditions, and the rest of a definition.

A leaf is the plain mapping that the grammar reads, so that whatever the grammar can say survives
being opened and saved. A group keeps its members; "none of these" is ``not`` over ``any``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from predictive.conditions.document import read_document
from predictive.definitions import DEFAULT_RETRAINING_DAYS, Categories, Definition

Joined = Literal["all", "any", "none"]
Leaf = dict[str, Any]

_DAYS = {"churn": 28, "purchase": 7, "event": 14}
_CATEGORIES = Categories()


@dataclass(eq=False)
class GroupDraft:
    """Conditions that hold together: all of them, at least one, or none."""

    joined: Joined = "all"
    members: list[Leaf | GroupDraft] = field(default_factory=list)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> GroupDraft:
        """Of a group as the grammar writes it."""
        if "not" not in document:
            joined: Joined = "all" if "all" in document else "any"
            return cls(joined, [_read(member) for member in document[joined]])
        inner = document["not"]
        members = inner.get("any", [inner])
        return cls("none", [_read(member) for member in members])

    def document(self, path: str, paths: dict[str, Any]) -> dict[str, Any]:
        """As the grammar reads it; ``paths`` learns where each member stands."""
        paths[path] = self
        if self.joined != "none":
            return {self.joined: self._written(f"{path}.{self.joined}", paths)}
        if len(self.members) == 1:
            return {"not": _written(self.members[0], f"{path}.not", paths)}
        return {"not": {"any": self._written(f"{path}.not.any", paths)}}

    def _written(self, path: str, paths: dict[str, Any]) -> list[Any]:
        return [_written(each, f"{path}.{i}", paths) for i, each in enumerate(self.members)]


def _read(document: Mapping[str, Any]) -> Leaf | GroupDraft:
    if {"all", "any", "not"} & document.keys():
        return GroupDraft.read(document)
    leaf = dict(document)
    if "where" in leaf:
        leaf["where"] = [dict(each) for each in leaf["where"]]
    return leaf


def _written(member: Leaf | GroupDraft, path: str, paths: dict[str, Any]) -> dict[str, Any]:
    if isinstance(member, GroupDraft):
        return member.document(path, paths)
    paths[path] = member
    for index, each in enumerate(member.get("where", ())):
        paths[f"{path}.where.{index}"] = each
    written = _filled(member)
    if "where" in written:
        written["where"] = [_filled(each) for each in written["where"]]
    return written


def _filled(leaf: Leaf) -> Leaf:
    return {key: value for key, value in leaf.items() if value is not None and value != []}


@dataclass
class DefinitionDraft:
    """A definition while it is being written.

    Parameters
    ----------
    holdout_percent, medium, high, every_days
        As numbers of the forms, which may be empty.
    """

    name: str = ""
    kind: str = "churn"
    within_days: float | None = _DAYS["churn"]
    target: GroupDraft = field(default_factory=GroupDraft)
    audience: GroupDraft | None = None
    schedule: str | None = None
    holdout_percent: float | None = 0.0
    exclude_features: list[str] = field(default_factory=list)
    medium: float | None = _CATEGORIES.medium
    high: float | None = _CATEGORIES.high
    every_days: float | None = DEFAULT_RETRAINING_DAYS
    promotion: str = "automatic"

    @staticmethod
    def usual_event(events: list[str]) -> str:
        """The purchase, or else the first of the events that there are."""
        return "purchase" if "purchase" in events else events[0]

    @classmethod
    def suggested(cls, kind: str, events: list[str]) -> DefinitionDraft:
        """The usual question of a kind, about events that there are."""
        bought = cls.usual_event(events)
        other = next((event for event in events if event != bought), bought)
        leaf = {
            "churn": {"did_not": bought},
            "purchase": {"did": bought},
            "event": {"did": other},
        }[kind]
        days = _DAYS[kind]
        return cls(f"{kind}-{days}d", kind, days, GroupDraft("all", [leaf]))

    @classmethod
    def read(cls, text: str) -> DefinitionDraft:
        """Of a definition that was saved."""
        document, whole = read_document(text, "definition"), Definition.from_text(text)
        audience = document.get("audience")
        bounds = whole.category_bounds
        return cls(
            name=whole.name,
            kind=whole.kind,
            within_days=whole.target.within_days,
            target=GroupDraft.read(document["target"]),
            audience=GroupDraft.read(audience) if audience else None,
            schedule=whole.schedule,
            holdout_percent=round(100 * whole.holdout_share, 6),
            exclude_features=list(whole.exclude_features),
            medium=bounds["medium"],
            high=bounds["high"],
            every_days=whole.retraining.every_days,
            promotion=whole.retraining.promotion,
        )

    def document(self, paths: dict[str, Any]) -> dict[str, Any]:
        """As a definition reads it; ``paths`` learns where each condition stands."""
        target = self.target.document("target", paths)
        written: dict[str, Any] = {
            **({"name": self.name} if self.name else {}),
            "kind": self.kind,
            "target": {"within_days": as_whole(self.within_days), **target},
        }
        if self.audience is not None:
            written["audience"] = self.audience.document("audience", paths)
        if (self.medium, self.high) != (_CATEGORIES.medium, _CATEGORIES.high):
            written["categories"] = {"medium": self.medium, "high": self.high}
        if self.exclude_features:
            written["exclude_features"] = list(self.exclude_features)
        if self.schedule is not None:
            written["schedule"] = self.schedule
        if self.holdout_percent != 0:
            share = self.holdout_percent
            written["holdout_share"] = None if share is None else round(share / 100, 8)
        retraining = {"every_days": as_whole(self.every_days), "promotion": self.promotion}
        if retraining != {"every_days": DEFAULT_RETRAINING_DAYS, "promotion": "automatic"}:
            written["retraining"] = retraining
        return written


def as_whole(value: float | None) -> float | None:
    """A number of a form as the whole number that it is, if it is one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
