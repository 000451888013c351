"""The jobs: estimate, train, score, evaluate, simulate; and the queue of those that last."""
