"""The simulator: a selection of scores, what it reaches, earns, and what becomes of it."""
