"""Comparisons as Ibis booleans over one column of one type; null and mismatch are no match."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir

from predictive.conditions.grammar import Comparison, Operand
from predictive.conditions.values import value_type
from predictive.tables import PropertyType

#: Tells, from the table that holds all a user's measures, whether something is true of the user.
Truth = Callable[[ir.Table], ir.BooleanValue]


def holds(column: ir.Value, column_type: PropertyType, comparison: Comparison) -> ir.BooleanValue:
    """Compare a column; a null where it is absent may give a null.

    Parameters
    ----------
    column
        Values of ``column_type``, null where absent.
    column_type
        Operands of another type match nothing.
    comparison
        What is asked.
    """
    asked, operand = comparison.operator, comparison.operand
    if asked == "exists":
        return column.notnull() if operand else column.isnull()
    operands = _of_type(operand, column_type)
    if not operands:
        return ibis.literal(False)
    value: Any = column
    compare: dict[str, Callable[[], Any]] = {
        "eq": lambda: value == operands[0],
        "ne": lambda: value != operands[0],
        "gt": lambda: value > operands[0],
        "gte": lambda: value >= operands[0],
        "lt": lambda: value < operands[0],
        "lte": lambda: value <= operands[0],
        "in": lambda: value.isin(operands),
        "not_in": lambda: value.notin(operands),
        "contains": lambda: value.contains(operands[0]),
    }
    passes: ir.BooleanValue = compare[asked]()
    return passes


def cleaned(column: ir.Value, column_type: PropertyType) -> ir.Value:
    """The column as conditions see it: numbers are float64, and NaN is absent."""
    if column_type != "number":
        return column
    return column.cast("float64").nullif(float("nan"))


def all_of(tests: list[ir.BooleanValue]) -> ir.BooleanValue:
    """True when every test is."""
    return functools.reduce(operator.and_, tests)


def any_of(tests: list[ir.BooleanValue]) -> ir.BooleanValue:
    """True when at least one test is."""
    return functools.reduce(operator.or_, tests)


def _of_type(operand: Operand, column_type: PropertyType) -> list[Any]:
    values = operand if isinstance(operand, tuple) else (operand,)
    return [_literal(value) for value in values if value_type(value) == column_type]


def _literal(value: bool | int | float | str) -> Any:
    if value_type(value) == "number":
        return ibis.literal(float(value), type="float64")
    return ibis.literal(value)
