"""A key and one score in one read: what is asked for by the thousand."""

from __future__ import annotations

from predictive.store.keys import KEY_COLUMNS, Key, id_in
from predictive.store.readers import Query
from predictive.store.score import SCORE_COLUMNS, Score, score_of
from predictive.store.store import Store
from predictive.store.texts import is_storable

_KEY_WIDTH = KEY_COLUMNS.count(",") + 1
_BOTH = Query(
    f"SELECT {KEY_COLUMNS}, {SCORE_COLUMNS} FROM keys k"
    " LEFT JOIN predictions p ON p.name = :name AND p.state = 'active'"
    " LEFT JOIN runs r ON r.run_number = p.current_run_number"
    " LEFT JOIN scores s ON s.run_number = r.run_number AND s.user_id = :user_id"
    " WHERE k.id = :id"
)


def key_and_score(
    store: Store, secret: str, prediction: str, user_id: str
) -> tuple[Key | None, Score | None]:
    """The key whose secret this is, and the published score of one user.

    Two statements take twice as long as one, and a database that is a network away is asked once.

    Returns
    -------
    tuple
        The key as `Keys.verify` gives it; the score, None where there is none to be offered, for
        whichever reason: `Scores.get` tells it.
    """
    key_id = id_in(secret)
    if key_id is None or not (is_storable(user_id) and is_storable(prediction)):
        return store.keys.verify(secret), None
    asked = {"id": key_id, "name": prediction, "user_id": user_id}
    rows = store.database.fetch_all(_BOTH, asked)
    if not rows:
        return store.keys.verified(secret, None), None
    key = store.keys.verified(secret, rows[0][:_KEY_WIDTH])
    of_score = rows[0][_KEY_WIDTH:]
    return key, None if key is None or of_score[0] is None else score_of(of_score)
