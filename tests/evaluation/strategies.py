"""Small arrays full of ties, for hypothesis."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

TIED_SCORES = st.sampled_from([0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])


@st.composite
def labelled(draw: st.DrawFn, scores: st.SearchStrategy[float] = TIED_SCORES):
    """Labels with both classes, and scores that tie more often than not."""
    rows = draw(st.lists(st.tuples(st.booleans(), scores), min_size=2, max_size=40))
    labels = np.array([label for label, _ in rows])
    labels[0], labels[1] = True, False
    return labels, np.array([score for _, score in rows])
