"""The dashboard: pages over what the service does, for people."""
