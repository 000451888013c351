"""What is told of an alert, as JSON for programs and as text for people."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from predictive.store.notifications import Notification
    from predictive.workspace import Workspace

_TEST = "This is a test: alerts of this workspace will reach you this way."


@dataclass(frozen=True)
class Message:
    """One thing to tell.

    Parameters
    ----------
    id
        The same in every attempt, so that a receiver can tell a second copy.
    type
        ``alert.opened``, ``alert.resolved``, ``alert.test``, or ``export.`` and how it ended.
    happened_at
        When that was.
    data
        What is told, as JSON: ``workspace``, and ``alert``, ``message`` or ``export``.
    """

    id: str
    type: str
    happened_at: datetime
    data: Mapping[str, Any]

    def body(self) -> str:
        """The message as programs get it."""
        happened_at = self.happened_at.isoformat()
        document = {"type": self.type, "timestamp": happened_at, "data": dict(self.data)}
        return json.dumps(document, ensure_ascii=False, allow_nan=False)

    @property
    def subject(self) -> str:
        """One line that says what it is about."""
        alert = self.data.get("alert")
        if alert is None:
            line = f"Test of {self.data['workspace']}"
        else:
            state = "Resolved" if self.type == "alert.resolved" else alert["severity"].capitalize()
            about = [alert["kind"].replace("_", " "), alert["prediction"], alert["subject"]]
            line = f"{state}: {', '.join(part for part in about if part)}"
        # Names come from the data: a line break in one must not begin another header.
        return "[predictive] " + " ".join(line.split())

    @property
    def text(self) -> str:
        """The message as people get it."""
        alert = self.data.get("alert")
        if alert is None:
            return f"{self.data['message']}\n"
        lines = [alert["message"], ""]
        if alert["resolved_at"]:
            lines = ["It is over. What it was:", "", *lines]
        facts = {
            "workspace": self.data["workspace"],
            "prediction": alert["prediction"],
            "since": alert["opened_at"],
            "last seen": alert["last_seen_at"],
            "resolved": alert["resolved_at"],
            "times seen": alert["times_seen"],
        }
        lines += [f"{name}: {value}" for name, value in facts.items() if value is not None]
        return "\n".join([*lines, "", f"More: predictive alerts show {alert['id']}", ""])


def message_of(workspace: Workspace, notification: Notification) -> Message:
    """What a notification tells."""
    data = {"workspace": workspace.path.resolve().name, "alert": dict(notification.alert)}
    return Message(
        message_id(workspace, f"{notification.alert_id} {notification.event}"),
        f"alert.{notification.event}",
        notification.created_at,
        data,
    )


def message_for_test(workspace: Workspace, now: datetime) -> Message:
    """A message that only shows that messages arrive."""
    data = {"workspace": workspace.path.resolve().name, "message": _TEST}
    return Message(message_id(workspace, f"test {now.isoformat()}"), "alert.test", now, data)


def message_id(workspace: Workspace, occasion: str) -> str:
    """The id of what is told on an occasion, the same whenever it is told."""
    # Workspaces count their alerts alike, and may tell the same receiver.
    text = f"{workspace.path.resolve()}\n{occasion}"
    return f"msg_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
