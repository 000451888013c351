"""How features are said, a language a file."""
