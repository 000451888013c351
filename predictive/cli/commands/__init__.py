"""The commands, one file a noun; heavy imports wait inside the functions."""
