"""The ``predictive`` command: thin. Parses, calls one function of ``predictive``, renders.

``main`` puts the commands together, ``commands/`` holds one file a noun, ``views/`` turns
reports into what people read. With ``--json`` the report itself is the output.
"""
