"""When a prediction is due: at a time of day, on a cron expression, or at an interval."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

#: What an active or a preview prediction without a schedule follows.
DEFAULT_SCHEDULE = "daily 03:00"
MAX_INTERVAL = timedelta(days=365)
ALLOWED = (
    "'daily 03:00', 'weekly mon 03:00', 'monthly 1 03:00' (1 to 28, or last), 'every 6h' or "
    "'every 3d' (1h to 365d), a cron expression of five fields such as '0 3 * * 1', or 'none'"
)

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_INTERVAL = re.compile(r"([1-9]\d{0,3})([hd])")
_MONTH_DAY = re.compile(r"[1-9]|1\d|2[0-8]")
#: Any moment; only cron expressions that never come true are looked for from it.
_ANY_MOMENT = datetime(2024, 1, 1, tzinfo=UTC)
#: Clocks are set back by less than this, so a local time this far ahead is later for certain.
_AHEAD = timedelta(hours=4)


@dataclass(frozen=True)
class Schedule:
    """A checked schedule; `parse` makes one, and its text reads back to an equal one.

    Parameters
    ----------
    text
        As a person writes it, in small letters.
    cron
        The same as a cron expression in the workspace's time zone; None for an interval and
        for ``none``.
    interval
        Time between two occurrences; None unless the schedule is an interval.

    Examples
    --------
    >>> Schedule.parse("Weekly  Mon 3:00")
    Schedule(text='weekly mon 03:00', cron='0 3 * * 1', interval=None)
    """

    text: str
    cron: str | None = None
    interval: timedelta | None = None

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Read a schedule.

        Raises
        ------
        ValueError
            It is none of what is allowed, which the message tells.
        """
        words = text.lower().split() if isinstance(text, str) else []
        try:
            return _FORMS.get(words[0], _cron)(words)
        except (LookupError, ValueError):
            raise ValueError(f"schedule is {text!r}; allowed is {ALLOWED}") from None

    def __str__(self) -> str:
        return self.text


def last_due(schedule: Schedule, now: datetime, timezone: str, anchor: datetime) -> datetime | None:
    """The newest occurrence that is not later than now.

    A time of day that the clocks skip falls on the first moment after the gap, one that they
    show twice on the first of the two; so a daily schedule occurs once a day on every day.
    (A cron expression whose minute or hour begins with ``*`` simply follows the clock.)

    Parameters
    ----------
    now
        With a time zone.
    timezone
        IANA name of the time zone that times of day are meant in.
    anchor
        Where intervals are counted from; it is their first occurrence.

    Returns
    -------
    datetime or None
        In UTC; None when there has been none, or the schedule is ``none``.

    Examples
    --------
    >>> noon = datetime(2025, 3, 30, 12, tzinfo=UTC)
    >>> str(last_due(Schedule.parse("daily 02:30"), noon, "Europe/Berlin", noon))
    '2025-03-30 01:00:00+00:00'
    """
    if schedule.interval is not None:
        whole = (now - anchor) // schedule.interval
        return (anchor + whole * schedule.interval).astimezone(UTC) if whole >= 0 else None
    if schedule.cron is None:
        return None
    # Backwards from a little later: at the end of summer time the clock's order is not time's.
    later = (now + _AHEAD).astimezone(ZoneInfo(timezone))
    occurrences = CronSim(schedule.cron, later, reverse=True)
    return next((each for each in map(_in_utc, occurrences) if each <= now), None)


def next_due(schedule: Schedule, now: datetime, timezone: str, anchor: datetime) -> datetime | None:
    """The first occurrence that is later than now; parameters as of `last_due`.

    Examples
    --------
    >>> noon = datetime(2025, 3, 29, 12, tzinfo=UTC)
    >>> str(next_due(Schedule.parse("daily 02:30"), noon, "Europe/Berlin", noon))
    '2025-03-30 01:00:00+00:00'
    """
    if schedule.interval is not None:
        whole = (now - anchor) // schedule.interval
        return (anchor + (whole + 1) * schedule.interval).astimezone(UTC)
    if schedule.cron is None:
        return None
    occurrences = CronSim(schedule.cron, now.astimezone(ZoneInfo(timezone)))
    return next((each for each in map(_in_utc, occurrences) if each > now), None)


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _daily(words: list[str]) -> Schedule:
    _, at = words
    hour, minute = _time(at)
    return Schedule(f"daily {hour:02}:{minute:02}", f"{minute} {hour} * * *")


def _weekly(words: list[str]) -> Schedule:
    _, day, at = words
    hour, minute = _time(at)
    return Schedule(
        f"weekly {day} {hour:02}:{minute:02}", f"{minute} {hour} * * {_DAYS.index(day)}"
    )


def _monthly(words: list[str]) -> Schedule:
    _, day, at = words
    hour, minute = _time(at)
    if day != "last" and not _MONTH_DAY.fullmatch(day):
        raise ValueError
    cron_day = "L" if day == "last" else day
    return Schedule(f"monthly {day} {hour:02}:{minute:02}", f"{minute} {hour} {cron_day} * *")


def _every(words: list[str]) -> Schedule:
    _, length = words
    found = _INTERVAL.fullmatch(length)
    if found is None:
        raise ValueError
    number = int(found[1])
    interval = timedelta(hours=number) if found[2] == "h" else timedelta(days=number)
    if interval > MAX_INTERVAL:
        raise ValueError
    return Schedule(f"every {length}", interval=interval)


def _none(words: list[str]) -> Schedule:
    (only,) = words
    return Schedule(only)


def _cron(words: list[str]) -> Schedule:
    if len(words) != 5:
        raise ValueError
    expression = " ".join(words)
    try:
        ever = next(CronSim(expression, _ANY_MOMENT), None)
    except CronSimError as error:
        raise ValueError from error
    if ever is None:
        raise ValueError
    return Schedule(expression, expression)


def _time(text: str) -> tuple[int, int]:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError
    return int(found[1]), int(found[2])


_FORMS: dict[Any, Callable[[list[str]], Schedule]] = {
    "daily": _daily,
    "weekly": _weekly,
    "monthly": _monthly,
    "every": _every,
    "none": _none,
}
