"""Other people's tools, each in an environment of its own; they exchange files with the runner."""
