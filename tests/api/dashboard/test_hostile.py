"""Hostile ids, names and values go all the way, come back as they went in, and do no harm.

Imported, scored by the real job, looked up, paged, streamed, made segments of, and shown on the
customer's page in a real browser.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import httpx
import pyarrow.parquet as pq
import pytest

from predictive.workspace import Workspace
from tests.api.conftest import AS_OF, Service
from tests.api.dashboard.browsing import signed_in_page
from tests.api.dashboard.conftest import COMMAND, NAME, served
from tests.api.problems import assert_problem
from tests.copies import copied

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

TEXTS = [
    "o'hara",
    '"; DROP TABLE scores;--',
    "' OR 1=1 --",
    "<script>window.harmed=1</script>",
    "<img src=x onerror='window.harmed=1'>",
    "{{constructor.constructor('window.harmed=1')()}}",
    "${7*7} `id` $(id)",
    "\u202egnp.exe",
    "שלום",
    "../../etc/passwd",
    "a/../b/./c",
    "%2e%2e%2f%00",
    "a?b=c&d=e#f",
    "C:\\nul",
    "=cmd|' /C calc'!A0",
    'a,"b"\nc\td',
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 e\u0301",
    "null",
    "x" * 256,
]
LONG = "0123456789" * 1_024
EVENT = "<b>'opened';--"


@pytest.fixture(scope="module")
def workspace(trained: Service, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained workspace with hostile customers, scored as a worker scores."""
    path = tmp_path_factory.mktemp("hostile") / "workspace"
    copied(trained.workspace.path, path)
    rows = [
        {"user": user, "event": event, "time": (AS_OF - timedelta(days=days)).isoformat()}
        | {"amount": 10.0, "note": TEXTS[-1 - number], "long": LONG}
        for number, user in enumerate(TEXTS)
        for event, days in (("purchase", 40), ("purchase", 5), (EVENT, 3))
    ]
    rows.append(rows[0] | {"user": LONG})
    events = path.parent / "events.jsonl"
    events.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    columns = ["--user", "user", "--event", "event", "--time", "time", "--amount", "amount"]
    more = ["--properties", "note,long", "--complete-through", AS_OF.isoformat()]
    imported = predictive(path, "import", "events", str(events), *columns, *more)
    assert imported["imported"] == 3 * len(TEXTS)
    assert imported["rejected"] == {"user id longer than 256 characters": 1}
    predictive(path, "score", NAME)
    return path


def predictive(path: Path, *arguments: str) -> Any:
    """What a command answers, run in a process of its own."""
    command = [sys.executable, "-c", COMMAND, *arguments, "--workspace", str(path), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.fixture(scope="module")
def url(workspace: Path) -> Iterator[str]:
    with served(workspace) as address:
        yield address


@pytest.fixture(scope="module")
def key(workspace: Path) -> str:
    with Workspace.open(workspace) as opened:
        return opened.store.keys.create("hostile", ["admin"]).secret


@pytest.fixture(scope="module")
def client(url: str, key: str) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as asking:
        yield asking


def told(answer: httpx.Response) -> Any:
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def address_of(user: str) -> str:
    return quote(user, safe="")


def test_scores_are_found_one_by_one_and_together(client: httpx.Client) -> None:
    path = f"/v1/predictions/{NAME}/scores"
    together = told(client.post(path, json={"user_ids": TEXTS}))
    assert [each["user_id"] for each in together["scores"]] == TEXTS
    for user, score in zip(TEXTS, together["scores"], strict=True):
        one = told(client.get(f"{path}/{address_of(user)}"))
        assert (one["user_id"], one["score"]) == (user, score["score"])
        reasons = told(client.get(f"{path}/{address_of(user)}/reasons"))
        assert reasons["user_id"] == user
    assert_problem(client.get(f"{path}/{LONG[:2000]}"), 422, "invalid_input")
    assert_problem(client.post(path, json={"user_ids": [LONG]}), 422, "invalid_input")


def test_pages_and_streams_bring_each_as_it_is(client: httpx.Client) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        asked = {"limit": "97"} | cursor
        page = told(client.get(f"/v1/predictions/{NAME}/scores", params=asked))
        seen += [each["user_id"] for each in page["scores"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(seen) == len(set(seen))
    assert set(TEXTS) <= set(seen)
    in_order = sorted(seen, key=str.encode)
    streams = {form: stream(client, form) for form in ("ndjson", "csv", "parquet")}
    lines = streams["ndjson"].splitlines()
    assert [json.loads(line)["user_id"] for line in lines] == in_order
    rows = csv.DictReader(io.StringIO(streams["csv"].decode(), newline=""))
    assert [row["user_id"] for row in rows] == in_order
    table = pq.read_table(io.BytesIO(streams["parquet"]))
    assert table["user_id"].to_pylist() == in_order


def stream(client: httpx.Client, form: str) -> bytes:
    answer = client.get(f"/v1/predictions/{NAME}/score-stream", params={"format": form})
    assert answer.status_code == 200
    return answer.content


def test_segments_are_made_of_hostile_values(client: httpx.Client) -> None:
    for number, value in enumerate(TEXTS):
        where = [{"property": "note", "eq": value}]
        segment = {"name": f"s-{number}", "all": [{"did": "purchase", "where": where}]}
        saved = told(client.post("/v1/segments", json=segment | {"description": value}))
        user = TEXTS[-1 - number]
        assert (saved["users"], saved["description"]) == (1, value)
        members = told(client.get(f"/v1/segments/s-{number}/members"))["members"]
        assert [member["user_id"] for member in members] == [user]
        membership = client.get(f"/v1/segments/s-{number}/members/{address_of(user)}")
        assert told(membership)["member"] is True
    where = [{"property": "note", "eq": LONG}]
    refused = client.post("/v1/segments", json={"name": "x", "all": [{"did": "x", "where": where}]})
    assert_problem(refused, 422, "invalid_input")
    everyone = told(client.post("/v1/segments/count", json={"name": "x", "all": [{"did": EVENT}]}))
    assert everyone["users"] == len(TEXTS)


@pytest.mark.parametrize("name", [*TEXTS[:8], LONG])
def test_hostile_names_are_refused_or_unknown(client: httpx.Client, name: str) -> None:
    for path in (f"/v1/predictions/{address_of(name)}", f"/v1/segments/{address_of(name)}"):
        for answer in (client.get(path), client.delete(path)):
            assert answer.status_code in {404, 422}
            assert answer.headers["content-type"] == "application/problem+json"
    made = client.post("/v1/segments", json={"name": name, "all": [{"did": "purchase"}]})
    assert_problem(made, 422, "invalid_input")


def test_keys_may_be_called_anything_that_is_shown_as_text(client: httpx.Client) -> None:
    for name in ("<script>window.harmed=1</script>", "' OR 1=1 --", "שלום"):
        made = told(client.post("/v1/keys", json={"name": name, "scopes": ["read"]}))
        assert made["name"] == name
    assert_problem(
        client.post("/v1/keys", json={"name": LONG, "scopes": ["read"]}), 422, "invalid_input"
    )


def test_a_customer_is_told_whole(client: httpx.Client) -> None:
    for number, user in enumerate(TEXTS):
        profile = told(client.get(f"/v1/users/{address_of(user)}"))
        assert profile["user_id"] == user
        newest = profile["events"][0]
        assert newest["name"] == EVENT
        assert newest["properties"]["note"] == TEXTS[-1 - number]
        assert newest["properties"]["long"] == LONG


def test_pages_of_the_dashboard_show_text_and_run_nothing(
    browser: Browser, url: str, key: str
) -> None:
    faults: list[str] = []
    with signed_in_page(browser, url, key, faults) as page:
        for user in TEXTS[1:8:2] + TEXTS[4:5]:
            page.goto(f"{url}/customers?{urlencode({'user': user})}")
            page.get_by_text(EVENT, exact=True).wait_for()
            assert user in page.locator("h1").text_content()
            assert page.evaluate("window.harmed") is None
        for path in ("/keys", "/segments"):
            page.goto(f"{url}{path}")
            page.locator("table").first.wait_for()
            assert page.evaluate("window.harmed") is None
    assert faults == []
