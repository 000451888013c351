"""The sections of ``make bench``: each measures one part of the suite in a folder of its own."""
