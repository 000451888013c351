"""The week, the year and the hours of the synthetic shop."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

#: Monday to Sunday, times the average day.
WEEK = np.array([0.92, 0.88, 0.90, 0.97, 1.08, 1.22, 1.03])
#: Share of a day's visits by hour, 0 to 23.
HOURS = np.array(
    [8, 5, 3, 2, 2, 4, 10, 20, 32, 42, 50, 55, 60, 56, 52, 52, 56, 64, 78, 92, 98, 84, 50, 25],
    dtype=float,
)
_SUMMER_DIP, _BEFORE_CHRISTMAS, _CHRISTMAS_DAYS = 0.10, 0.25, 14.0
_YEAR_DAYS = 365.25


def demand(day: date) -> float:
    """How busy a day is, times the average day: its weekday, a summer dip, Christmas.

    >>> demand(date(2024, 12, 14)) > demand(date(2024, 7, 13)) > demand(date(2024, 7, 9))
    True
    """
    of_year = day.timetuple().tm_yday
    summer = -_SUMMER_DIP * np.cos(2 * np.pi * (of_year - 200) / _YEAR_DAYS)
    before_christmas = _BEFORE_CHRISTMAS * np.exp(-0.5 * ((of_year - 344) / _CHRISTMAS_DAYS) ** 2)
    return float(WEEK[day.weekday()] * (1 + summer + before_christmas))


def seconds_of_day(count: int, random: np.random.Generator) -> npt.NDArray[np.float64]:
    """Moments at which visits begin, (count,) in seconds since midnight."""
    hours = random.choice(len(HOURS), size=count, p=HOURS / HOURS.sum())
    return (hours + random.random(count)) * 3600.0
