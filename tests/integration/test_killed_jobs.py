"""Ten rounds of the soak on each database; `make soak` does a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.soak import soak

ROUNDS = 10


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_no_job_is_lost_doubled_or_half_done(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    found = soak(tmp_path, url, ROUNDS)
    assert found.violations == [], found.to_dict()
    assert found.rounds == ROUNDS
    # Not a test of nothing: most kills meet a job, and the reader was there.
    assert sum(found.killed_in.values()) - found.killed_in["between jobs"] >= ROUNDS // 3
    assert found.reads > ROUNDS
