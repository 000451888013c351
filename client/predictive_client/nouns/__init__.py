"""The things that the service is about, each with its methods."""
