"""A segment as a person writes it: conditions of the one grammar, scores among them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from predictive.conditions.document import check_nesting, read_document, write_document
from predictive.conditions.grammar import Group, ScoreLeaf
from predictive.conditions.problems import validated
from predictive.conditions.values import Text
from predictive.definitions import Name, check_size, subjects_first, text_of_file
from predictive.errors import InvalidInput


class SegmentDefinition(Group):
    """Conditions under a name.

    Parameters
    ----------
    name
        1 to 63 of a-z, 0-9 and -.
    description
        What people should know of it.

    Examples
    --------
    >>> text = "{name: at-risk, all: [{prediction: churn-28d, gte: 75}, {did: visit}]}"
    >>> SegmentDefinition.from_text(text).predictions
    ('churn-28d',)
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name
    description: Text | None = None

    @classmethod
    def from_mapping(
        cls, document: Mapping[str, Any], source: str = "segment"
    ) -> SegmentDefinition:
        """Validate plain values, as JSON gives them.

        Raises
        ------
        InvalidInput
            Naming the dotted field, its value, what is allowed and the nearest key.
        """
        if not isinstance(document, Mapping):
            raise InvalidInput(source, document, "a mapping of keys to values")
        check_nesting(document, source)
        segment = validated(cls, dict(document), "")
        check_size(segment, source)
        return segment

    @classmethod
    def from_text(cls, text: str, source: str = "segment") -> SegmentDefinition:
        """Read a segment in YAML or JSON.

        Raises
        ------
        InvalidInput
            When the text cannot be read or says something that is not allowed.
        """
        return cls.from_mapping(read_document(text, source), source)

    @classmethod
    def from_file(cls, path: Path) -> SegmentDefinition:
        """Read a segment from a UTF-8 file.

        Raises
        ------
        InvalidInput
            When the file is missing, not text, or says something that is not allowed.
        """
        return cls.from_text(text_of_file(path), str(path))

    @property
    def condition(self) -> Group:
        """The conditions without the name."""
        return Group(all=self.all_, any=self.any_, **{"not": self.not_})

    @property
    def predictions(self) -> tuple[str, ...]:
        """The predictions whose scores it asks for, sorted."""
        leaves = (leaf for _, leaf in self.leaves(""))
        return tuple(sorted({one.prediction for one in leaves if isinstance(one, ScoreLeaf)}))

    def to_document(self) -> dict[str, Any]:
        """Plain values that read back to an equal segment."""
        return self.model_dump(by_alias=True, exclude_none=True, mode="json")

    def to_yaml(self) -> str:
        """Write the segment as YAML that reads back to an equal one."""
        about = {"name": self.name, "description": self.description}
        told = {key: value for key, value in about.items() if value is not None}
        document = self.condition.model_dump(
            mode="json", by_alias=True, exclude_none=True, exclude_defaults=True
        )
        return write_document(told | subjects_first(document))
