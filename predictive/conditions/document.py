"""The text of a definition, read strictly and written back: JSON, or YAML 1.2's core schema.

PyYAML's own rules are YAML 1.1's, under which the country ``NO`` is false, ``12:30`` is 750 and
``1e5`` is a text. Here a plain word is a text unless it is ``true``, ``false``, ``null`` or a
number. A key given twice, an anchor and an alias are errors, not surprises.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping
from typing import Any, NoReturn

import yaml

from predictive.errors import InvalidInput, shown

MAX_CHARACTERS = 100_000
#: The parser's time grows with the square of nested brackets; no definition needs so many.
MAX_BRACKETS = 1_000
MAX_NESTING = 60

_FORM = "a YAML or JSON mapping, for example 'name: churn-28d'"
_TRUE_OR_FALSE = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_INTEGER = re.compile(r"^[-+]?[0-9]+$")
_FLOAT = re.compile(
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.2's core schema; no anchors, no key twice."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML's own attribute

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise yaml.composer.ComposerError(
                None, None, "anchors and aliases are not allowed", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {shown(key)} is not a word", key_node.start_mark
                )
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {shown(key)} is given twice", key_node.start_mark
                )
        return super().construct_mapping(node, deep=deep)

    def construct_integer(self, node: Any) -> int:
        return int(node.value)


class _Dumper(yaml.SafeDumper):
    """Quotes what :class:`_Loader` would otherwise read as something else."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - PyYAML's own attribute

    def ignore_aliases(self, data: Any) -> bool:
        del data  # whatever it is, it is written out in full
        return True

    def represent_text(self, text: str) -> Any:
        # PyYAML folds the rarer line breaks (U+0085, U+2028) away unless they are escaped.
        style = None if text.isprintable() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", _TRUE_OR_FALSE, "tTfF"),
    ("tag:yaml.org,2002:null", _NULL, ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", _INTEGER, "-+0123456789"),
    ("tag:yaml.org,2002:float", _FLOAT, "-+0123456789."),
):
    for _class in (_Loader, _Dumper):
        _class.add_implicit_resolver(_tag, _pattern, list(_first))
_Dumper.add_representer(str, _Dumper.represent_text)
_Loader.add_constructor("tag:yaml.org,2002:int", _Loader.construct_integer)


def read_document(text: str, source: str) -> dict[str, Any]:
    """Read a definition's text into plain values.

    Parameters
    ----------
    text
        YAML or JSON.
    source
        What the text is called in errors, for example a file's path.

    Raises
    ------
    InvalidInput
        When the text is empty, too long, no mapping, or not to be read; says where.
    """
    if not text.strip():
        raise InvalidInput(source, "empty", _FORM)
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(source, text, f"at most {MAX_CHARACTERS:,} characters")
    brackets = text.count("[") + text.count("{")
    if brackets > MAX_BRACKETS:
        raise InvalidInput(source, f"{brackets:,} brackets", f"at most {MAX_BRACKETS:,} brackets")
    document = _parse(text, source)
    if document is None:  # comments only, or null
        document = "empty"
    if not isinstance(document, dict):
        raise InvalidInput(source, document, _FORM)
    check_nesting(document, source)
    return document


def check_nesting(document: Mapping[str, Any], source: str) -> None:
    """Refuse a document nested deeper than any condition can be.

    Raises
    ------
    InvalidInput
        When lists and mappings stand more than 60 deep inside one another.
    """
    level: list[Any] = [document]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, Mapping) else outer)
            if isinstance(inner, Mapping | list | tuple)
        ]
        if not level:
            return
    raise InvalidInput(source, "nested too deeply", "groups inside one another at most 10 deep")


def write_document(document: Mapping[str, Any]) -> str:
    """Write plain values as the YAML that :func:`read_document` reads back the same."""
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _parse(text: str, source: str) -> Any:
    try:
        if text.lstrip().startswith("{"):
            return _parse_json_or_flow(text, source)
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise InvalidInput(source, text, _FORM, _where(error)) from error
    except RecursionError as error:
        raise InvalidInput(
            source, "nested too deeply", "groups inside one another at most 10 deep"
        ) from error
    except ValueError as error:  # a number of thousands of digits
        raise InvalidInput(source, text, _FORM, f"{error}.") from error


def _parse_json_or_flow(text: str, source: str) -> Any:
    """JSON, or, where it is none, YAML's flow style, which also begins with a brace."""
    try:
        return json.loads(
            text,
            object_pairs_hook=lambda pairs: _without_duplicates(pairs, source),
            parse_constant=lambda name: _no_constant(name, source),
        )
    except json.JSONDecodeError:
        return yaml.load(text, Loader=_Loader)


def _without_duplicates(pairs: list[tuple[str, Any]], source: str) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise InvalidInput(source, key, "every key once in a mapping", "This one is twice.")
    return dict(pairs)


def _no_constant(name: str, source: str) -> NoReturn:
    raise InvalidInput(source, name, "finite numbers")


def _where(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        place = f"Line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        return f"{place}{error.problem or error.context}."
    return f"{error}."
