"""The features in plain Python: slow and obvious. The kernel must agree with it.

Written from the descriptions of the columns, one user and one snapshot at a time. Not to be
made faster.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from predictive.features.kernel import OTHER_EVENTS
from predictive.features.plan import FeaturePlan

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Event:
    user: str
    name: str
    time: datetime
    amount: float | None = None
    product: str | None = None
    number: float | None = None
    text: str | None = None


def reference_features(
    events: list[Event], user: str, as_of: datetime, plan: FeaturePlan
) -> dict[str, float]:
    """Every column of one user at one snapshot; ``events`` in order of time."""
    past = [e for e in events if e.user == user and e.time < as_of]
    past = [e for e in past if e.name not in plan.excluded_events]
    out: dict[str, float] = {}
    names = [*plan.events, OTHER_EVENTS]

    def label(event: Event) -> str:
        return event.name if event.name in plan.events else OTHER_EVENTS

    def window(days: int, of: list[Event]) -> list[Event]:
        return [e for e in of if as_of - days * DAY <= e.time]

    for name in names:
        out[f"count_all:{name}"] = sum(label(e) == name for e in past)
        times = [e.time for e in past if label(e) == name]
        out[f"days_since:{name}"] = (as_of - max(times)) / DAY if times else math.nan
    out["count_all"] = len(past)
    for days in plan.lookback_days:
        for name in names:
            out[f"count_{days}d:{name}"] = sum(label(e) == name for e in window(days, past))
        out[f"count_{days}d"] = len(window(days, past))

    zone = ZoneInfo(plan.timezone)

    def distinct_days(of: list[Event]) -> int:
        return len({e.time.astimezone(zone).date() for e in of})

    out |= _rhythm("any", past, as_of, zone)
    if plan.target_events:
        target = [e for e in past if e.name in plan.target_events]
        out |= _rhythm("target", target, as_of, zone)
        out["target_days_all"] = distinct_days(target)
        for days in plan.lookback_days:
            out[f"target_days_{days}d"] = distinct_days(window(days, target))
        for short, long in zip(plan.lookback_days, plan.lookback_days[1:], strict=False):
            recent, usual = (distinct_days(window(days, target)) for days in (short, long))
            out[f"target_trend_{short}d_{long}d"] = math.log(
                (recent + 0.5) / (short + 0.5)
            ) - math.log((usual + 0.5) / (long + 0.5))

    out["active_days_all"] = distinct_days(past)
    for days in plan.lookback_days:
        out[f"active_days_{days}d"] = distinct_days(window(days, past))
    local = [e.time.astimezone(zone) for e in past]
    out["weekend_share"] = _mean([float(t.weekday() >= 5) for t in local])
    if plan.has_time_of_day:
        for part, name in enumerate(("night", "morning", "afternoon", "evening")):
            out[f"{name}_share"] = _mean([float(t.hour // 6 == part) for t in local])

    if plan.money_events:
        paid = [e for e in past if e.amount is not None]
        amounts = [e.amount for e in paid if e.amount is not None]
        out["amount_sum_all"] = math.fsum(amounts)
        out["amount_mean_all"] = _mean(amounts)
        out["amount_max_all"] = max(amounts, default=math.nan)
        out["amount_last"] = amounts[-1] if amounts else math.nan
        for days in plan.lookback_days:
            recent_amounts = [e.amount for e in window(days, paid) if e.amount is not None]
            out[f"amount_sum_{days}d"] = math.fsum(recent_amounts)
            out[f"amount_mean_{days}d"] = _mean(recent_amounts)
        if len(plan.money_events) > 1:
            for name in plan.money_events:
                out[f"amount_sum_all:{name}"] = math.fsum(
                    e.amount for e in paid if e.name == name and e.amount is not None
                )

    if plan.has_products:
        out |= _variety("product_id", [e.product for e in past])
    for name in plan.text_properties:
        out |= _variety(name, [e.text for e in past])
    for name in plan.number_properties:
        given = [e for e in past if e.number is not None]
        values = [e.number for e in given if e.number is not None]
        out[f"mean_all:{name}"] = _mean(values)
        out[f"last:{name}"] = values[-1] if values else math.nan
        for days in plan.lookback_days:
            out[f"sum_{days}d:{name}"] = math.fsum(
                e.number for e in window(days, given) if e.number is not None
            )

    if "campaign_sent" in plan.events:
        sent = sum(e.name == "campaign_sent" for e in past)
        for answer in ("campaign_opened", "campaign_clicked"):
            if answer in plan.events:
                answered = sum(e.name == answer for e in past)
                out[f"{answer}_per_sent"] = answered / sent if sent else math.nan
    return out


def _rhythm(prefix: str, past: list[Event], as_of: datetime, zone: ZoneInfo) -> dict[str, float]:
    times = [e.time for e in past]
    first_of_day: dict[date, datetime] = {}
    for time in times:
        first_of_day.setdefault(time.astimezone(zone).date(), time)
    gaps = [(b - a) / DAY for a, b in pairwise(first_of_day.values())]
    mean = _mean(gaps)
    spread = math.sqrt(max(_mean([g * g for g in gaps]) - mean * mean, 0)) if gaps else math.nan
    recency = (as_of - times[-1]) / DAY if times else math.nan
    return {
        f"{prefix}_days_since_first": (as_of - times[0]) / DAY if times else math.nan,
        f"{prefix}_days_since_last": recency,
        f"{prefix}_gap_mean": mean,
        f"{prefix}_gap_spread": spread,
        f"{prefix}_gap_last": gaps[-1] if gaps else math.nan,
        f"{prefix}_gap_now_to_mean": recency / max(mean, 1 / 24) if gaps else math.nan,
    }


def _variety(name: str, values: list[str | None]) -> dict[str, float]:
    given = [value for value in values if value is not None]
    return {
        f"distinct:{name}": len(set(given)),
        f"distinct_share:{name}": len(set(given)) / len(given) if given else math.nan,
    }


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)
