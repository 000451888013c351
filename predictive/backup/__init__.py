"""A whole workspace in one file, made while it is in use, and a workspace made from one.

::

    backup    databases first, each at one moment; then the files they speak of
    restore   checked whole before anything is made of it

The order is what makes a copy whole: what a database speaks of (models, archives of scores,
artefacts) was on disk before the database heard of it, and is never changed afterwards. The
queue of jobs is not copied: the first worker of a restored workspace fills it again with the
jobs that had not ended.
"""

from predictive.backup.restoring import restore
from predictive.backup.saving import backup

__all__ = ["backup", "restore"]
