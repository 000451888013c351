"""Shapes of requests and responses, each with an example, one file a noun."""
