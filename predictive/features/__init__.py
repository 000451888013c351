"""Features: one kernel over the events of whole users."""
