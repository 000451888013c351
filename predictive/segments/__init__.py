"""Segments: people chosen by scores and conditions, under a name, current when read."""
