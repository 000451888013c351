"""Whom of a scoring run sends reached, and who stands in for them.

What a message caused is no merit of the score, so users that a send reached are left out of the
comparison of scores with outcomes. Alone the others would be a selected few. Where each send held
a random share back, its held-out users stand in for those it reached, each for 1/share of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from predictive.store.run import Run
from predictive.store.sends import Group, Send, Sends

_BATCH = 100_000


@dataclass(frozen=True, eq=False)
class Reach:
    """What sends did to the users of a run.

    Parameters
    ----------
    reached
        (n,) bool: at least one send reached the user.
    held_out
        (n,) bool: picked by a send at least, held back by each that picked them.
    weights
        (n,) float64: how many users each one stands for, itself among them.
    without_holdout
        Ids of the sends that reached somebody here and held nobody back.
    """

    reached: npt.NDArray[np.bool_]
    held_out: npt.NDArray[np.bool_]
    weights: npt.NDArray[np.float64]
    without_holdout: tuple[str, ...]

    @property
    def untouched(self) -> npt.NDArray[np.bool_]:
        """(n,) bool: no send picked the user."""
        return ~(self.reached | self.held_out)

    @property
    def comparable(self) -> bool:
        """Whether the users that were not reached stand for everybody."""
        return not self.without_holdout


def sends_within(sends: Sequence[Send], run: Run) -> list[Send]:
    """The sends whose messages could change the outcomes of a run, oldest first.

    Whichever run they were picked from: a message counts from the moment of prediction to the end
    of the window.
    """
    inside = (send for send in sends if run.as_of <= send.sent_at < run.matures_at)
    return sorted(inside, key=lambda send: (send.sent_at, send.send_id))


def reach(store: Sends, sends: Sequence[Send], user_ids: pa.Array) -> Reach:
    """Find the users of a run in the sends that could have reached them.

    Parameters
    ----------
    store
        Where the users of the sends stand.
    sends
        From :func:`sends_within`.
    user_ids
        (n,) strings, the users of the run.

    Notes
    -----
    A user that several sends picked was left alone with the product of their holdout shares, and
    stands for one over it (Horvitz and Thompson, A generalization of sampling without replacement
    from a finite universe, Journal of the American Statistical Association 47, 1952).
    """
    reached = np.zeros(len(user_ids), dtype=bool)
    held_out = np.zeros(len(user_ids), dtype=bool)
    weights = np.ones(len(user_ids))
    without_holdout = []
    for send in sends:
        treated, held = _members(store, send, user_ids)
        reached[treated] = True
        held_out[held] = True
        if len(held):
            weights[held] /= send.holdout_share
        if len(treated) and not send.held_out:
            without_holdout.append(send.send_id)
    return Reach(reached, held_out & ~reached, weights, tuple(without_holdout))


def _members(
    store: Sends, send: Send, user_ids: pa.Array
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places among ``user_ids`` of those a send treated and of those it held out."""
    places: dict[Group, list[npt.NDArray[np.int64]]] = {"treated": [], "held_out": []}
    members = store.members(send.send_id)
    while batch := list(islice(members, _BATCH)):
        for group, found in places.items():
            ids = pa.array([user for user, of in batch if of == group], type=user_ids.type)
            inside = pc.index_in(ids, value_set=user_ids).drop_null()
            found.append(inside.to_numpy().astype(np.int64))
    none = np.empty(0, dtype=np.int64)
    return (
        np.concatenate([none, *places["treated"]]),
        np.concatenate([none, *places["held_out"]]),
    )
