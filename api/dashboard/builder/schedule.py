"""A schedule by fields instead of by its text."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from api.dashboard.builder.fields import Fields
from api.dashboard.parts import element
from predictive.schedules import DEFAULT_SCHEDULE

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = (1, 2, 3, 4, 6, 8, 12)


class ScheduleForm:
    """How often, on which day, at which time.

    Parameters
    ----------
    fields
        Where the fields are kept.
    text
        The schedule as it is; None for the usual one.
    put
        Takes the new text.
    """

    def __init__(self, fields: Fields, text: str | None, put: Callable[[str], None]) -> None:
        self._fields, self._put = fields, put
        words = (text or DEFAULT_SCHEDULE).split()
        how = words[0] if words[0] in {"daily", "weekly", "monthly", "every", "none"} else "own"
        self._how = how
        self._own = text or ""
        self._time = words[-1] if how in {"daily", "weekly", "monthly"} else "03:00"
        self._day = words[1] if how == "weekly" else "mon"
        self._month_day = words[1] if how == "monthly" else "1"
        self._interval = words[1] if how == "every" else "6h"

    def build(self) -> ui.input:
        """Make the fields; returns the one in which a schedule can be wrong."""
        say = self._fields.visit.say
        ways = ("daily", "weekly", "monthly", "every", "none", "own")
        with element("div", classes="fields"):
            self._fields.choice(
                say("builder.schedule.how"),
                {way: say(f"builder.schedule.{way}") for way in ways},
                self._how,
                self._set("_how"),
            )
            days = {day: say(f"builder.day.{day}") for day in _DAYS}
            self._day_field = self._fields.choice(
                say("builder.schedule.day"), days, self._day, self._set("_day")
            )
            month = [*map(str, range(1, 29)), "last"]
            named = {day: say("builder.schedule.last") if day == "last" else day for day in month}
            self._month_field = self._fields.choice(
                say("builder.schedule.day"), named, self._month_day, self._set("_month_day")
            )
            hours = {f"{n}h": say("builder.schedule.hours", hours=n) for n in _HOURS}
            self._interval_field = self._fields.choice(
                say("builder.schedule.interval"), hours, self._interval, self._set("_interval")
            )
            self._time_field = self._fields.text(
                say("builder.schedule.time"), self._time, self._set("_time")
            )
            self._own_field = self._fields.text(
                say("builder.schedule.text"), self._own, self._set("_own")
            )
        self._show()
        return self._time_field

    def _set(self, name: str) -> Callable[[str], None]:
        def put(value: str) -> None:
            setattr(self, name, value)
            self._show()
            self._put(self._text())

        return put

    def _show(self) -> None:
        how = self._how
        self._day_field.set_visibility(how == "weekly")
        self._month_field.set_visibility(how == "monthly")
        self._interval_field.set_visibility(how == "every")
        self._time_field.set_visibility(how in {"daily", "weekly", "monthly"})
        self._own_field.set_visibility(how == "own")

    def _text(self) -> str:
        match self._how:
            case "daily":
                return f"daily {self._time}"
            case "weekly":
                return f"weekly {self._day} {self._time}"
            case "monthly":
                return f"monthly {self._month_day} {self._time}"
            case "every":
                return f"every {self._interval}"
            case "none":
                return "none"
            case _:
                return self._own
