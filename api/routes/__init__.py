"""Routes under ``/v1``, one file a noun. A route parses, calls one function, and renders."""
