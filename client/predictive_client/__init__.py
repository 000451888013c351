"""A typed client of the predictive suite's HTTP service, sync and async."""

from predictive_client.client import AsyncClient, Client
from predictive_client.errors import (
    Conflict,
    ConnectionLost,
    Failure,
    Forbidden,
    InsufficientData,
    InvalidInput,
    NotFound,
    PredictiveError,
    RateLimited,
    ServiceError,
    Unauthorized,
    Unavailable,
)
from predictive_client.following import End, JobEvent, Log, Progress
from predictive_client.questions import Money, Scenario, Selection

__all__ = [
    "AsyncClient",
    "Client",
    "Conflict",
    "ConnectionLost",
    "End",
    "Failure",
    "Forbidden",
    "InsufficientData",
    "InvalidInput",
    "JobEvent",
    "Log",
    "Money",
    "NotFound",
    "PredictiveError",
    "Progress",
    "RateLimited",
    "Scenario",
    "Selection",
    "ServiceError",
    "Unauthorized",
    "Unavailable",
]
