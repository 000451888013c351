"""An operator's own Python source as a module.

The source itself is kept with what was made from it and is run again when that is read: nothing
is pickled, and editing or losing the file it once stood in changes nothing.
"""

from __future__ import annotations

import hashlib
import linecache
import sys
import threading
from types import ModuleType

_PREFIX = "own_recipe_"
_loading = threading.RLock()


def digest_of(source: str) -> str:
    """SHA-256 of a source, in hexadecimal."""
    return hashlib.sha256(source.encode()).hexdigest()


def own_module(source: str, file: str = "recipe.py") -> ModuleType:
    """The module that a source makes; the same source makes it once.

    Parameters
    ----------
    source
        Python. Whatever it raises when it is run comes through.
    file
        What tracebacks call it.
    """
    name = _PREFIX + digest_of(source)[:16]
    with _loading:
        if name not in sys.modules:
            _load(name, source, file)
        return sys.modules[name]


def _load(name: str, source: str, file: str) -> None:
    code = compile(source, file, "exec")
    module = ModuleType(name)
    module.__file__ = file
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    # Known under its name before it is run, as imports do: dataclasses look themselves up.
    sys.modules[name] = module
    try:
        exec(code, module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
