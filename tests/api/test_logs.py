"""No log line names a user, whatever is asked and however it ends."""

from __future__ import annotations

import io
import json
import logging
import re
import socket
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from sqlalchemy.exc import OperationalError

from predictive.logs import described
from predictive.store.database import Database, Unavailable
from tests.api.conftest import Service, serving

MARK = "marked-5f3a@example.org"
SCORES = "/v1/predictions/churn-28d/scores"
PROPERTY = "secret-property-value"


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Every line, which must be one JSON object."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(log) if line["event"] == "request"]


def body_for(operation: dict[str, Any]) -> dict[str, Any]:
    """Something with the mark in every place that could take it."""
    return {
        "user_ids": [MARK],
        "treated": [MARK],
        "held_out": [MARK],
        "name": MARK,
        "yaml": MARK,
        "all": [{"attribute": "email", "eq": PROPERTY}],
    }


def ask_everything(service: Service, address: str) -> None:
    """Every route, with the mark in path, query, body and headers that are not ids."""
    paths = service.app.openapi()["paths"]
    with httpx.Client(base_url=address, headers=service.headers(), timeout=30) as client:
        for template, methods in paths.items():
            for known in ("churn-28d", MARK):
                filled = re.sub(
                    r"\{(\w+)\}",
                    lambda found, known=known: known if found[1] == "name" else quote(MARK),
                    template,
                )
                for method in methods:
                    if (method, known) == ("delete", "churn-28d") or template.endswith("/state"):
                        continue
                    client.request(
                        method,
                        filled,
                        params={"q": MARK, "cursor": MARK, "min_score": MARK},
                        json=body_for(methods[method]) if method in {"post", "put"} else None,
                        headers={
                            "Idempotency-Key": MARK,
                            "User-Agent": MARK,
                            "Cookie": f"a={MARK}",
                        },
                    )
        client.put(f"{SCORES}/{MARK}")
        client.get(f"/{MARK}/{MARK}?{MARK}")
        client.get(f"/customers/{MARK}")
        client.post("/v1/predictions", content=MARK, headers={"Content-Type": "application/yaml"})


def test_no_route_writes_a_user_id_into_the_log(
    scored: Service, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(scored.app) as address:
        ask_everything(scored, address)
    asked = requests(log)
    assert len(asked) >= 40
    assert {line["status"] // 100 for line in asked} >= {2, 4}
    assert {line["route"] for line in asked} >= {
        f"{SCORES}/{{user_id}}".replace("churn-28d", "{name}")
    }
    written = log.getvalue() + "".join(capfd.readouterr())
    for secret in (MARK, quote(MARK), "marked-5f3a", PROPERTY, *scored.keys.values()):
        assert secret not in written


@pytest.mark.parametrize(
    "error",
    [
        KeyError(MARK),
        OperationalError("SELECT :user", {"user": MARK}, Exception(MARK)),
        ExceptionGroup(MARK, [RuntimeError(MARK)]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_error_writes_one(
    scored: Service,
    monkeypatch: pytest.MonkeyPatch,
    log: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
) -> None:
    def fail(name: str, user_id: str) -> None:
        try:
            raise ValueError(f"inner {user_id}")
        except ValueError as inner:
            raise error from inner

    monkeypatch.setattr(scored.workspace.store.scores, "get", fail)
    with serving(scored.app) as address:
        answer = httpx.get(f"{address}{SCORES}/{MARK}", headers=scored.headers())
    assert answer.status_code in {500, 503}
    (told,) = [line for line in lines(log) if line.get("incident") == answer.json()["incident"]]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert told["error"][-1]["type"].endswith(("ValueError", "RuntimeError"))
    assert told["error"][0]["at"][-1].startswith("api/test_logs.py:")
    (asked,) = requests(log)
    assert (asked["status"], asked["level"]) == (answer.status_code, "error")
    assert "marked-5f3a" not in log.getvalue() + "".join(capfd.readouterr())


def test_an_error_has_the_code_of_who_raised_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(Unavailable) as unknown, database.read() as connection:
        connection.exec_driver_sql("SELECT 1 FROM missing")
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / MARK).read_text("utf-8")
    database.close()
    ours, of_sqlalchemy, of_sqlite = described(unknown.value)
    assert (of_sqlite["type"], of_sqlite["code"]) == ("sqlite3.OperationalError", "SQLITE_ERROR")
    assert "code" not in ours | of_sqlalchemy
    (told,) = described(missing.value)
    assert told["code"] == "ENOENT"
    assert MARK not in json.dumps(told)


def test_an_answer_that_breaks_off_is_told_without_its_message(
    scored: Service, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> None:
    @scored.app.get("/broken")
    async def broken() -> Any:
        from starlette.responses import StreamingResponse

        async def parts() -> Any:
            yield b"begun"
            raise RuntimeError(MARK)

        return StreamingResponse(parts())

    with serving(scored.app) as address, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{address}/broken")
    assert any(line["event"] == "an answer broke off" for line in lines(log))
    assert "marked-5f3a" not in log.getvalue()


def test_the_access_log_of_the_server_writes_none_either(
    scored: Service, log: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    # As whoever runs the application under a server of their own would have it.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(scored.app, log_level="debug", access_log=True))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        httpx.get(f"{address}{SCORES}/{MARK}?q={MARK}", headers=scored.headers())
        server.should_exit = True
        thread.join()
    for name in ("uvicorn", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    written = log.getvalue() + "".join(capfd.readouterr())
    # The unknown parameter is refused, and told nowhere but in the answer.
    assert '"GET - HTTP/1.1" 422' in written
    assert "marked-5f3a" not in written


def test_the_line_of_a_request(scored: Service, log: io.StringIO) -> None:
    with serving(scored.app) as address, httpx.Client(base_url=address) as client:
        given = client.get(
            f"{SCORES}/anna", headers=scored.headers("read") | {"X-Request-ID": "from-outside.1"}
        )
        refused = client.get("/v1/predictions", headers={"X-Request-ID": "x" * 65})
        odd = client.get("/health", headers={"X-Request-ID": "a b\tc"})
    assert given.headers["x-request-id"] == "from-outside.1"
    assert re.fullmatch("[0-9a-f]{16}", refused.headers["x-request-id"])
    assert re.fullmatch("[0-9a-f]{16}", odd.headers["x-request-id"])
    first, second, probe = requests(log)
    assert first["time"].endswith("+00:00")
    assert first["duration_ms"] > 0
    assert {
        name: first[name] for name in ("level", "logger", "request_id", "method", "status")
    } == {
        "level": "info",
        "logger": "predictive.requests",
        "request_id": "from-outside.1",
        "method": "GET",
        "status": 200,
    }
    assert first["route"] == "/v1/predictions/{name}/scores/{user_id}"
    assert first["key"] == scored.keys["read"].split("_")[1]
    assert (second["status"], second["key"]) == (401, None)
    assert (probe["route"], probe["level"]) == ("/health", "debug")


def test_what_other_code_says_is_not_quoted(log: io.StringIO) -> None:
    logging.getLogger("asyncio").error("Task exception was never retrieved: %s", MARK)
    logging.getLogger("nicegui").warning(f"/customers/{MARK} not found")
    told = lines(log)
    assert [line["level"] for line in told] == ["error", "warning"]
    assert all(line["event"].startswith("said by test_logs.py:") for line in told)
