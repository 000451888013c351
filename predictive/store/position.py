"""Where a stream of users goes on."""

from __future__ import annotations

from dataclasses import dataclass

from predictive.errors import InvalidInput
from predictive.store.texts import is_storable


@dataclass(frozen=True)
class Position:
    """Where in which run or snapshot a stream goes on.

    Parameters
    ----------
    of
        Id of the run or snapshot.
    after
        The last user id that has been read; empty: none.
    """

    of: str
    after: str = ""

    @classmethod
    def parse(cls, cursor: str) -> Position:
        """Read a cursor: an id, a colon, a user id.

        Raises
        ------
        InvalidInput
            It is no such text.

        Examples
        --------
        >>> Position.parse("0198c6b0:anna:1")
        Position(of='0198c6b0', after='anna:1')
        """
        of, colon, after = cursor.partition(":")
        if not of or not colon or not is_storable(cursor):
            allowed = "an id, a colon, and the user id of the last row (or nothing)"
            raise InvalidInput("cursor", cursor, allowed)
        return cls(of, after)
