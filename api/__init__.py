"""The HTTP service: thin routes over ``predictive``."""
