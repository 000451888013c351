"""Values that stand in the environment instead of a file: ``${NAME}``."""

from __future__ import annotations

import os
import re

from predictive.errors import InvalidInput

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def with_variables(text: str, field: str) -> str:
    """The text with every ``${NAME}`` replaced by what the environment says.

    Parameters
    ----------
    text
        What stands in the file.
    field
        Where it stands, for the error.

    Raises
    ------
    InvalidInput
        A variable is not set. Only its name is told, never a value.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise InvalidInput(field, match.group(0), "a variable that is set in the environment")
        return os.environ[name]

    return _VARIABLE.sub(value, text)
