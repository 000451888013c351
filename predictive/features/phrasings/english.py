"""Features in English."""

from __future__ import annotations

from predictive.features.names import Measure
from predictive.features.phrasings.phrasing import Bound, Phrasing, Unit, Words, money, number

WORDS: dict[Measure, Words] = {
    "count": Words("how often: {s}", "how often: {s} {w}", "{s} {x} {w}", "no {s} {w}"),
    "days_since_last": Words(
        "time since the last {s}", "days since the last {s}", "last {s} {x} ago", "no {s} so far"
    ),
    "days_since_first": Words(
        "time since the first {s}", "days since the first {s}", "first {s} {x} ago", "no {s} so far"
    ),
    "gap_mean": Words(
        "how often: {s}",
        "days from one {s} to the next on another day, on average",
        "{x} from one {s} to the next on average",
        "no {s} on a second day so far",
    ),
    "gap_spread": Words(
        "how often: {s}",
        "how far the days from one {s} to the next on another day vary",
        "days from one {s} to the next vary by {x}",
        "no {s} on a second day so far",
    ),
    "gap_last": Words(
        "how often: {s}",
        "days between the last two days with {s}",
        "{x} between the last two days with {s}",
        "no {s} on a second day so far",
    ),
    "gap_now_to_mean": Words(
        "time since the last {s}",
        "time since the last {s} against the customer's usual gap",
        "{x} the customer's usual gap since the last {s}",
        "no {s} on a second day so far",
    ),
    "trend": Words(
        "how often: {s}",
        "how often: {s} {w} against the last {longer} days",
        "{s} {x} as often {w} as in the last {longer}",
        "no {s} so far",
    ),
    "active_days": Words(
        "how active", "days with any event {w}", "active on {x} {w}", "never active"
    ),
    "days_with": Words("how often: {s}", "days with {s} {w}", "{s} on {x} {w}", "no {s} {w}"),
    "part_of_time": Words(
        "habits of weekday and hour",
        "share of events {part}",
        "{x} of events {part}",
        "no event so far",
    ),
    "amount_sum": Words("money", "spent {w}{m}", "spent {x} {w}{m}", "nothing spent {w}{m}"),
    "amount_mean": Words(
        "money",
        "spent at a time, on average {w}",
        "spent {x} at a time on average {w}",
        "nothing spent {w}",
    ),
    "amount_max": Words(
        "money", "spent at a time, at most", "spent {x} at a time at most", "nothing spent so far"
    ),
    "amount_last": Words(
        "money", "spent the last time", "spent {x} the last time", "nothing spent so far"
    ),
    "distinct": Words(
        "variety of {k}",
        "number of different {k} so far",
        "{x} different {k} so far",
        "no {k} so far",
    ),
    "distinct_share": Words(
        "variety of {k}",
        "share of {k} so far that were new to the customer",
        "{x} of {k} so far were new to the customer",
        "no {k} so far",
    ),
    "property_mean": Words(
        "{s}", "{s} on average so far", "{s} {x} on average so far", "no {s} so far"
    ),
    "property_last": Words("{s}", "{s} the last time", "{s} {x} the last time", "no {s} so far"),
    "property_sum": Words("{s}", "sum of {s} {w}", "{s} {x} in sum {w}", "no {s} {w}"),
    "answered": Words(
        "answers to messages",
        "share of messages {s}",
        "{x} of messages {s}",
        "no message sent so far",
    ),
    "attribute_number": Words("{s}", "{s}", "{s} {x}", "{s} unknown"),
    "attribute_value": Words("{s}", "{s} is {v}", "{s} is {v}", "{s} unknown"),
    "own": Words("{s}", "{s}", "{s} {x}", "{s} unknown"),
}

_PARTS = {
    "weekend": "at weekends",
    "night": "at night (0 to 6)",
    "morning": "in the morning (6 to 12)",
    "afternoon": "in the afternoon (12 to 18)",
    "evening": "in the evening (18 to 24)",
}


class English(Phrasing):
    """English."""

    words = WORDS
    parts = _PARTS
    is_not = "{s} is not {v}"
    none_of, count_of, events_of = "no {s} {w}", "{s} {x} {w}", "{x} {w}"
    any_once, other_once = "an event {w}", "another event {w}"
    once_within, once_ever = "{s} {w}", "{s} at least once"
    products, values_of, with_money = "products", "values of {s}", " with {s}"
    unknown, yes, no, none = "unknown", "yes", "no", "none"

    def subject(self, name: str) -> str:
        """The name itself."""
        return name

    def lookback(self, days: int | None) -> str:
        """Such as ``in the last 28 days``."""
        if days is None:
            return "so far"
        return "in the last day" if days == 1 else f"in the last {days} days"

    def amount(self, value: float, unit: Unit, bound: Bound) -> str:
        """Such as ``3 times or more``."""
        return f"{_with_unit(value, unit)} {bound}".rstrip()

    def events(self, value: float, subject: str, bound: Bound) -> str:
        """Such as ``9 or more events``."""
        one = round(value) == 1 and not bound
        nouns = subject if one else f"{subject}s"
        return f"{number(value)} {bound} {nouns}".replace("  ", " ")


def _with_unit(value: float, unit: Unit) -> str:
    match unit:
        case "times":
            return "once" if value == 1 else f"{number(value)} times"
        case "days":
            return f"{number(value)} {'day' if number(value) == '1' else 'days'}"
        case "money":
            return money(value)
        case "percent":
            return f"{100 * value:.0f} %"
        case "ratio":
            return f"{number(value)} times"
        case "number":
            return number(value)
