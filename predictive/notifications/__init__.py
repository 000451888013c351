"""Telling of alerts and exports: signed webhooks and e-mail, out of the store's outboxes.

An alert and what is to be told of it are written in one transaction; `deliver_due` tells it,
again and again with growing pauses until everybody has it. What was sent just before a crash
may be sent a second time, under the same id.
"""

from predictive.notifications.callbacks import deliver_callbacks
from predictive.notifications.delivery import deliver_due, send_test

__all__ = ["deliver_callbacks", "deliver_due", "send_test"]
