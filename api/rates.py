"""How many requests a key may make: a bucket of tokens for each key and kind of work.

A bucket holds the quota of a minute and fills evenly: a client may ask for a whole minute's
requests at once, and for as many a minute in the long run. Buckets live in the process that
answers; they are used from its event loop alone, so they need no lock.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

from predictive.settings import Settings

#: Where a request's scope holds what came of asking for a token.
RATE = "predictive.rate"
WINDOW_SECONDS = 60
TOO_MANY_WRONG = "Too many wrong keys came from this address. Ask again in a minute."
WAIT = {"Retry-After": str(WINDOW_SECONDS)}
#: Addresses whose wrong keys are counted at once; the longest unused are forgotten.
_MOST_ADDRESSES = 10_000
#: In an IPv6 network one customer has at least this many bits to choose from.
_IPV6_HOST_BITS = 64

Clock = Callable[[], float]


class Taken(NamedTuple):
    """What came of asking for a token.

    Parameters
    ----------
    allowed
        Whether the request may go on.
    quota
        Requests a minute.
    remaining
        Requests that may be made at once now.
    reset_seconds
        Until all of the quota is there again, or, when refused, until the next request.
    """

    allowed: bool
    quota: int
    remaining: int
    reset_seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As headers of an answer."""
        return [
            (b"ratelimit-limit", b"%d" % self.quota),
            (b"ratelimit-remaining", b"%d" % self.remaining),
            (b"ratelimit-reset", b"%d" % self.reset_seconds),
        ]

    def refusal(self) -> str:
        """What a client that is refused is told."""
        return (
            f"The key has made its {self.quota:,} requests of this minute. "
            f"Ask again in {self.reset_seconds} s."
        )

    def wait(self) -> dict[str, str]:
        """The header that tells it when to ask again."""
        return {"Retry-After": str(self.reset_seconds)}


class Bucket:
    """Tokens for one key: full at first, filled evenly over a minute.

    Parameters
    ----------
    quota
        Tokens when full.
    at
        Now, in seconds of any clock.
    """

    __slots__ = ("_level", "_quota", "at")

    def __init__(self, quota: int, at: float) -> None:
        self._quota, self._level, self.at = quota, float(quota), at

    def take(self, at: float) -> Taken:
        """Take a token if there is one."""
        quota = self._quota
        level = min(quota, self._level + (at - self.at) * quota / WINDOW_SECONDS)
        self.at = at
        if level < 1:
            self._level = level
            return Taken(False, quota, 0, math.ceil((1 - level) * WINDOW_SECONDS / quota))
        self._level = level = level - 1
        missing = (quota - level) * WINDOW_SECONDS / quota
        return Taken(True, quota, int(level), math.ceil(missing))

    def is_empty(self, at: float) -> bool:
        """Whether `take` would refuse."""
        return self._level + (at - self.at) * self._quota / WINDOW_SECONDS < 1


class Limits:
    """The limits of a process.

    Parameters
    ----------
    quotas
        Requests a minute by scope; a scope without one, or with 0, is not limited.
    wrong_keys
        Requests a minute with a wrong key from one address; 0 is no limit.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, quotas: Mapping[str, int], wrong_keys: int, clock: Clock = time.monotonic
    ) -> None:
        self._quotas, self._wrong_keys, self._clock = dict(quotas), wrong_keys, clock
        self._buckets: dict[tuple[str, str], Bucket] = {}
        self._addresses: dict[str, Bucket] = {}
        self._proven: set[int] = set()

    def take(self, key_id: str, scope: str) -> Taken | None:
        """Count a request of a key; None where nothing is limited."""
        bucket = self._buckets.get((key_id, scope))
        if bucket is None:
            quota = self._quotas.get(scope, 0)
            if quota == 0:
                return None
            bucket = self._buckets[key_id, scope] = Bucket(quota, self._clock())
        return bucket.take(self._clock())

    def may_try(self, secret: str, address: str) -> bool:
        """Whether a key that may be wrong is looked at.

        Not when too many wrong ones came from the address; but one that was right before, in
        this process, always is, so that nobody is locked out by a neighbour.
        """
        if not self._addresses:
            return True
        bucket = self._addresses.get(_network(address))
        return bucket is None or not bucket.is_empty(self._clock()) or hash(secret) in self._proven

    def note_right(self, secret: str) -> None:
        """The key was right."""
        # Its hash under the process's own random seed: no secret is kept.
        self._proven.add(hash(secret))

    def note_wrong(self, address: str) -> None:
        """A wrong key came from this address."""
        if self._wrong_keys == 0:
            return
        network = _network(address)
        # Taken out and put in again: the longest unused stand first.
        bucket = self._addresses.pop(network, None) or Bucket(self._wrong_keys, self._clock())
        bucket.take(self._clock())
        self._addresses[network] = bucket
        if len(self._addresses) > _MOST_ADDRESSES:
            del self._addresses[next(iter(self._addresses))]


def _network(address: str) -> str:
    """Whom an address stands for: itself, or with IPv6 the network it is of."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> _IPV6_HOST_BITS << _IPV6_HOST_BITS))
    return address


def limits_of(settings: Settings) -> Limits:
    """The limits as the settings have them."""
    quotas = {
        "read": settings.rate_limit_read,
        "simulate": settings.rate_limit_simulate,
        "events": settings.rate_limit_events,
        "manage": settings.rate_limit_manage,
        "admin": settings.rate_limit_manage,
    }
    return Limits(quotas, settings.rate_limit_wrong_keys)
