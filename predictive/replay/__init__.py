"""A year replayed day by day, to see how the suite looks after itself."""
