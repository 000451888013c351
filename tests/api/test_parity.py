"""Whatever the command line does is possible over HTTP, but for what concerns its own machine."""

from __future__ import annotations

import re
from typing import Any

from tests.api.conftest import Service
from tests.test_docs import COMMANDS, ROOT

PREDICTION = "/v1/predictions/{name}"
SEGMENT = "/v1/segments/{name}"
OVER_HTTP = {
    "apply": "POST /v1/predictions",
    "apply --dry-run": "POST /v1/predictions/validate",
    "estimate": f"POST {PREDICTION}/estimate",
    "list": "GET /v1/predictions",
    "show": f"GET {PREDICTION}",
    "state": f"POST {PREDICTION}/state",
    "history": f"GET {PREDICTION}/history",
    "delete": f"DELETE {PREDICTION}",
    "train": f"POST {PREDICTION}/jobs",
    "score": f"POST {PREDICTION}/jobs",
    "score --out": f"GET {PREDICTION}/score-stream",
    "evaluate": f"POST {PREDICTION}/jobs",
    "quality": f"GET {PREDICTION}/quality/history",
    "why": f"GET {PREDICTION}/associations",
    "why --user": f"GET {PREDICTION}/scores/{{user_id}}/reasons",
    "check": "POST /v1/checks",
    "simulate": f"POST {PREDICTION}/simulations",
    "audit": "GET /v1/audit",
    "alerts list": "GET /v1/alerts",
    "alerts show": "GET /v1/alerts/{number}",
    "jobs list": "GET /v1/jobs",
    "jobs show": "GET /v1/jobs/{job_id}",
    "jobs cancel": "POST /v1/jobs/{job_id}/cancel",
    "jobs follow": "GET /v1/jobs/{job_id}/events",
    "keys create": "POST /v1/keys",
    "keys list": "GET /v1/keys",
    "keys revoke": "DELETE /v1/keys/{key_id}",
    "models list": f"GET {PREDICTION}/models",
    "models show": f"GET {PREDICTION}/models/{{version}}",
    "models card": f"GET {PREDICTION}/models/{{version}}/card",
    "models promote": f"POST {PREDICTION}/models/{{version}}/promote",
    "models rollback": f"POST {PREDICTION}/rollback",
    "segments count": "POST /v1/segments/count",
    "segments save": "POST /v1/segments",
    "segments list": "GET /v1/segments",
    "segments show": f"GET {SEGMENT}",
    "segments members": f"GET {SEGMENT}/member-stream",
    "segments export": f"POST {SEGMENT}/exports",
    "segments changes": f"GET {SEGMENT}/changes",
    "segments delete": f"DELETE {SEGMENT}",
    "sends record": f"POST {PREDICTION}/sends",
    "sends list": f"GET {PREDICTION}/sends",
    "users delete": "DELETE /v1/users/{user_id}",
}


def own_machine() -> set[str]:
    """What the page says that only the command line does."""
    page = (ROOT / "docs/api.md").read_text("utf-8")
    (paragraph,) = re.findall(r"^What only the command line does.*?\n\n", page, re.M | re.S)
    return set(re.findall(r"`([^`]+)`", paragraph))


def test_every_command_has_a_route_or_belongs_to_its_machine(shared: Service) -> None:
    leaves = {
        " ".join(path)
        for path, command in COMMANDS.items()
        if path and not getattr(command, "commands", None)
    }
    machine = own_machine()
    kept = {leaf for leaf in leaves if machine & {leaf, leaf.partition(" ")[0]}}
    assert kept | {name.partition(" --")[0] for name in OVER_HTTP} == leaves
    assert not kept & set(OVER_HTTP)
    assert all(any(leaf.startswith(each) for leaf in kept) for each in machine)
    document: dict[str, Any] = shared.client.get("/v1/openapi.json").json()
    routes = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert set(OVER_HTTP.values()) <= routes
