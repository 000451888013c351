"""Definitions and segments by forms: drafts, their fields, what they would count."""
