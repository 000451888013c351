"""Estimators, and what turns their output into calibrated probabilities, scores and reasons."""
