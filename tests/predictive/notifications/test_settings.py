"""``[notify]`` in ``workspace.toml``: what is wrong is named, and no password is shown."""

from __future__ import annotations

from typing import Any

import pytest

from predictive.configuration import read_config
from predictive.errors import InvalidInput

WEBHOOK = {"name": "ops", "url": "https://x:hunter2@example.com", "secret": "${ALERTS_SECRET}"}
EMAIL = {"smtp": "smtp://a:hunter2@b", "from": "a@example.com", "to": ["b@example.com"]}


def read(notify: object) -> Any:
    return read_config({"format_version": 1, "notify": notify}).notify


def test_both_may_be_there_or_none() -> None:
    notify = read({"webhooks": [WEBHOOK, WEBHOOK | {"name": "crm-2"}], "email": EMAIL})
    assert [webhook.name for webhook in notify.webhooks] == ["ops", "crm-2"]
    assert notify.email.sender == "a@example.com"
    assert notify.email.to == ("b@example.com",)
    assert "hunter2" not in repr(notify)
    assert "ALERTS_SECRET" not in repr(notify)
    assert read({}).webhooks == ()


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        ({"webhooks": [WEBHOOK | {"secret": "whsec_hunter2"}]}, "webhooks.0.secret is '(hidden)'"),
        ({"webhooks": [WEBHOOK | {"secret": "x${A}"}]}, "such as ${ALERTS_SECRET}"),
        ({"webhooks": [WEBHOOK | {"url": ["hunter2"]}]}, "webhooks.0.url is '(hidden)'"),
        ({"webhooks": [{"name": "ops", "url": "hunter2"}]}, "webhooks.0.secret is missing"),
        ({"webhooks": [WEBHOOK, WEBHOOK]}, "webhooks whose names differ"),
        ({"webhooks": [WEBHOOK | {"name": "On Call"}]}, "up to 64 small letters"),
        ({"webhooks": [WEBHOOK | {"name": ""}]}, "up to 64 small letters"),
        ({"webhooks": [WEBHOOK | {"urls": "x"}]}, "Did you mean 'url'?"),
        ({"webhooks": "hunter2"}, "notify.webhooks is"),
        ({"email": EMAIL | {"smtp": 25}}, "email.smtp is '(hidden)'"),
        ({"email": EMAIL | {"from": "me"}}, "one address such as name@example.com"),
        ({"email": EMAIL | {"from": "Me <me@example.com>"}}, "one address"),
        ({"email": EMAIL | {"to": []}}, "email.to is"),
        ({"email": EMAIL | {"to": ["b@example.com\nBcc: c@example.com"]}}, "email.to.0 is"),
        ({"email": {"smtp": "hunter2"}}, "email.from is missing"),
        ({"email": EMAIL | {"form": "x"}}, "Did you mean 'from'?"),
        ({"slack": {}}, "notify.slack is 'slack'. Allowed: a known key"),
    ],
)
def test_what_is_wrong_is_named(notify: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read(notify)
    assert said in str(error.value)
    assert "workspace.toml notify" in str(error.value)
    if "webhooks" not in notify or isinstance(notify["webhooks"], list):
        assert "hunter2" not in str(error.value)
