"""Basket lines as orders: one event an order, with what its lines add up to."""

from __future__ import annotations

from collections.abc import Sequence

from predictive.tables import PropertyType

LINES = "lines"
DISTINCT_PRODUCTS = "distinct_products"

#: Properties that a grouped order has besides those its lines agree on.
ORDER_PROPERTIES: dict[str, PropertyType] = {LINES: "number", DISTINCT_PRODUCTS: "number"}


def orders_sql(lines: str, properties: Sequence[str]) -> str:
    """Lines of the same user, event name and order as one event.

    Amounts and quantities are summed (to six decimals, so that the sum does not depend on
    the order of the lines), the time is the first line's. A property is kept where all lines
    that have it agree. ``lines`` and ``distinct_products`` count what is not kept. A line
    without an order id stays an event of its own.

    Parameters
    ----------
    lines
        Query with the columns of staged events and the property columns.
    properties
        The property columns.
    """
    agreed = "".join(
        f", CASE WHEN min({column}) = max({column}) THEN min({column}) END AS {column}"
        for column in (f'"{name}"' for name in properties)
    )
    key = (
        "CASE WHEN order_id IS NULL THEN event_id ELSE md5(concat("
        "'order:', strlen(name), ':', name, strlen(user_id), ':', user_id, order_id)) END"
    )
    return f"""
        SELECT key AS event_id, user_id, name, min(time) AS time, {_sum("amount")},
            {_sum("quantity")}, min(currency) AS currency,
            CASE WHEN order_id IS NULL THEN min(product_id) END AS product_id, order_id,
            CAST(count(*) AS DOUBLE) AS property_lines,
            CAST(count(DISTINCT product_id) AS DOUBLE) AS property_distinct_products{agreed}
        FROM (SELECT *, {key} AS key FROM ({lines}))
        GROUP BY key, user_id, name, order_id
    """


def _sum(column: str) -> str:
    return f"CASE WHEN count({column}) > 0 THEN round(fsum({column}), 6) END AS {column}"
