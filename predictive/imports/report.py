"""What an import did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class ImportReport:
    """What an import did, in figures.

    ``rows = imported + duplicates + rejected`` where rows are not grouped; where they are,
    ``grouped_rows`` became ``imported`` and ``duplicates`` orders.

    Parameters
    ----------
    import_id
        Names the import and its file of rejected rows.
    files
        The files that were read.
    rows
        Rows in them.
    imported
        Events, or attributes, that were added.
    duplicates
        Those that were there already.
    rejected
        Of each reason, how many rows were left out for it.
    examples
        The first rejected rows: ``reason``, ``file`` and ``row``; long values are cut.
    rejects_file
        The file with all of them, or None.
    first_time, last_time
        The span of the readable rows.
    data_end
        The end of what the lake covers now; None as long as it has no event.
    grouped_rows
        Rows that were grouped into orders, or None.
    unpaid_orders
        Added events whose amount is 0.
    refunds
        Added events whose amount is negative.
    unpaid_lines
        Among the grouped rows, those whose amount is 0.
    properties
        Properties that were read, with their types.
    properties_left_out
        Columns that could not be kept as properties.
    """

    import_id: str
    files: Sequence[str]
    rows: int
    imported: int
    duplicates: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    examples: Sequence[Mapping[str, Any]] = ()
    rejects_file: str | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    data_end: datetime | None = None
    grouped_rows: int | None = None
    unpaid_orders: int = 0
    refunds: int = 0
    unpaid_lines: int = 0
    properties: Mapping[str, str] = field(default_factory=dict)
    properties_left_out: Sequence[str] = ()

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON-ready fields."""
        return {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in asdict(self).items()
        }
