from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.predictive.watching.feed import Feed


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[Feed]:
    made = Feed.of(tmp_path)
    yield made
    made.workspace.close()
