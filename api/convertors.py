"""What a part of a path may be, beyond what the framework knows."""

from __future__ import annotations

from starlette.convertors import PathConvertor, register_url_convertor


class AnyText(PathConvertor):
    """The rest of the path, whatever it is: an id may hold slashes and line breaks."""

    regex = "(?s:.*)"


def register() -> None:
    """Let routes say ``{name:text}``."""
    register_url_convertor("text", AnyText())
