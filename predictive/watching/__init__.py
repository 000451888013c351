"""Watching data and predictions: what is found becomes an alert, once, until it is gone."""

from predictive.watching.check import check
from predictive.watching.findings import ALERT_KINDS, Finding
from predictive.watching.volumes import recent_data_broken

__all__ = ["ALERT_KINDS", "Finding", "check", "recent_data_broken"]
