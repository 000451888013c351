"""A file's columns as SQL expressions of text, number, moment and flag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: How a column's values are typed: not at all (CSV), each by itself (JSON), or by the file.
Kind = Literal["untyped", "json", "text", "integer", "float", "flag", "instant", "naive", "other"]

_DOUBLE_DIGITS = 1e15


@dataclass(frozen=True)
class Column:
    """A column of a file.

    Parameters
    ----------
    sql
        The expression of its raw value.
    kind
        How its values are typed.
    """

    sql: str
    kind: Kind

    @property
    def text(self) -> str:
        """Its values as text; null stays null."""
        if self.kind in ("untyped", "text"):
            return self.sql
        if self.kind == "json":
            return f"json_extract_string({self.sql}, '$')"
        if self.kind == "float":
            # Ids that became floats because some were missing: 12.0 is 12.
            whole = f"TRY_CAST({self.sql} AS BIGINT)"
            return (
                f"CASE WHEN {whole} = {self.sql} THEN CAST({whole} AS VARCHAR) "
                f"ELSE CAST({self.sql} AS VARCHAR) END"
            )
        return f"CAST({self.sql} AS VARCHAR)"

    @property
    def number(self) -> str:
        """Its values as numbers; null where they are none."""
        if self.kind in ("integer", "float"):
            return f"CAST({self.sql} AS DOUBLE)"
        return f"TRY_CAST({self.text} AS DOUBLE)"

    @property
    def moment(self) -> str:
        """Its values as moments; null where they can't be read.

        Naive times are in the connection's time zone. Text is ISO 8601, a date as eight
        digits, or Unix time in seconds (10 digits), milliseconds (13) or microseconds (16).
        """
        if self.kind in ("instant", "naive"):
            return f"CAST({self.sql} AS TIMESTAMPTZ)"
        text = self.text
        units = ((10, 1_000_000), (13, 1000), (16, 1))
        unix = " ".join(
            f"WHEN {digits} THEN make_timestamptz(TRY_CAST({text} AS BIGINT) * {factor})"
            for digits, factor in units
        )
        return (
            f"coalesce(TRY_CAST({text} AS TIMESTAMPTZ), CASE strlen({text}) "
            f"WHEN 8 THEN CAST(try_strptime({text}, '%Y%m%d') AS TIMESTAMPTZ) {unix} END)"
        )

    @property
    def identity(self) -> str:
        """Its values as they enter the hash of a row: no two different rows look alike."""
        if self.kind == "instant":
            return f"epoch_us(CAST({self.sql} AS TIMESTAMPTZ)), ';'"
        if self.kind in ("integer", "float", "flag", "naive"):
            return f"CAST({self.sql} AS VARCHAR), ';'"
        text = f"CAST({self.sql} AS VARCHAR)"
        return f"strlen({text}), ':', {text}"

    def as_property(self) -> tuple[str, str, str]:
        """Its values as text, number and flag: each null where a value is not that."""
        if self.kind == "json":
            return self._json_property()
        if self.kind == "untyped":
            return self.sql, _number_from_text(self.sql), _flag_from_text(self.sql)
        null = "CAST(NULL AS {})"
        if self.kind in ("integer", "float"):
            number = f"CAST({self.sql} AS DOUBLE)"
            return (
                null.format("VARCHAR"),
                f"CASE WHEN isfinite({number}) THEN {number} END",
                null.format("BOOLEAN"),
            )
        if self.kind == "flag":
            return null.format("VARCHAR"), null.format("DOUBLE"), self.sql
        return self.text, null.format("DOUBLE"), null.format("BOOLEAN")

    def _json_property(self) -> tuple[str, str, str]:
        kind = f"json_type({self.sql})"
        number = f"TRY_CAST({self.text} AS DOUBLE)"
        numeric = f"{kind} IN ('BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE') AND isfinite({number})"
        return (
            f"CASE WHEN {kind} IN ('VARCHAR', 'ARRAY', 'OBJECT') THEN {self.text} END",
            f"CASE WHEN {numeric} THEN {number} END",
            f"CASE WHEN {kind} = 'BOOLEAN' THEN CAST({self.text} AS BOOLEAN) END",
        )


def _number_from_text(sql: str) -> str:
    # "007" and twenty digits are names, not numbers: as a number each would lose digits.
    number = f"TRY_CAST({sql} AS DOUBLE)"
    padded = f"({sql}[1] = '0' AND {sql}[2] BETWEEN '0' AND '9')"
    return (
        f"CASE WHEN isfinite({number}) AND abs({number}) < {_DOUBLE_DIGITS:.0f} "
        f"AND NOT {padded} AND NOT contains({sql}, '_') THEN {number} END"
    )


def _flag_from_text(sql: str) -> str:
    return f"CASE lower({sql}) WHEN 'true' THEN true WHEN 'false' THEN false END"


def kind_of(sql_type: str) -> Kind:
    """The kind of a column whose file says its type, by DuckDB's name of the type."""
    if sql_type.startswith("DECIMAL") or sql_type.removeprefix("U") in _INTEGERS:
        return "integer"
    if sql_type == "TIMESTAMP WITH TIME ZONE":
        return "instant"
    if sql_type.startswith("TIMESTAMP"):
        return "naive"
    return _KINDS.get(sql_type, "text" if sql_type.startswith("ENUM") else "other")


_KINDS: dict[str, Kind] = {
    "VARCHAR": "text",
    "BOOLEAN": "flag",
    "FLOAT": "float",
    "DOUBLE": "float",
    "DATE": "naive",
}
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"})
