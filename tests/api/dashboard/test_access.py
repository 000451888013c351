from __future__ import annotations

import re

import httpx
import pytest

from predictive.workspace import Workspace
from tests.api.dashboard.conftest import NAME, Dashboard, sign_in, token_of

PAGE = f"/predictions/{NAME}"


@pytest.fixture
def stranger(dashboard: Dashboard):
    with httpx.Client(base_url=dashboard.url, timeout=60) as client:
        yield client


def test_nobody_sees_a_page_without_a_session(stranger: httpx.Client) -> None:
    for path in ("/", PAGE):
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
    assert "churn" not in stranger.get("/sign-in").text


def test_the_socket_needs_a_session(stranger: httpx.Client) -> None:
    answer = stranger.get("/_nicegui_ws/socket.io/?transport=polling&EIO=4")
    assert answer.status_code == 401


def test_an_invented_session_is_none(stranger: httpx.Client) -> None:
    stranger.cookies.set("predictive_session", "x" * 43)
    assert stranger.get("/").status_code == 303


def test_the_session_is_in_a_cookie_that_scripts_and_other_sites_do_not_get(
    dashboard: Dashboard, stranger: httpx.Client
) -> None:
    answer = sign_in(stranger, dashboard.keys["read"])
    (cookie,) = (c for c in answer.headers.get_list("set-cookie") if "predictive_session" in c)
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert dashboard.keys["read"] not in cookie
    assert stranger.get("/").status_code == 200


def test_over_https_cookies_stay_with_https(dashboard: Dashboard, stranger: httpx.Client) -> None:
    # As a proxy on the same machine says it.
    answer = sign_in(stranger, dashboard.keys["read"], **{"X-Forwarded-Proto": "https"})
    (cookie,) = (c for c in answer.headers.get_list("set-cookie") if "predictive_session" in c)
    assert "Secure" in cookie


def test_a_sign_in_stands_in_the_audit_log(dashboard: Dashboard, stranger: httpx.Client) -> None:
    sign_in(stranger, dashboard.keys["analyst"])
    headers = {"Authorization": f"Bearer {dashboard.keys['admin']}"}
    newest = stranger.get("/v1/audit", params={"limit": 1}, headers=headers).json()["entries"][0]
    assert (newest["action"], newest["status"]) == ("dashboard: sign in", 200)


@pytest.mark.parametrize("key", ["", "pk_nonsense", "' OR 1=1 --", "<script>alert(1)</script>"])
def test_a_wrong_key_is_refused_and_not_repeated(stranger: httpx.Client, key: str) -> None:
    answer = sign_in(stranger, key)
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text
    assert not key or key not in answer.text
    assert stranger.get("/").status_code == 303


def test_a_key_that_may_not_read_sees_nothing(dashboard: Dashboard, stranger: httpx.Client) -> None:
    assert sign_in(stranger, dashboard.keys["events"]).status_code == 403
    assert stranger.get("/").status_code == 303


def test_a_form_without_its_token_signs_nobody_in(
    dashboard: Dashboard, stranger: httpx.Client
) -> None:
    stranger.get("/sign-in")
    data = {"token": "another", "key": dashboard.keys["admin"]}
    assert stranger.post("/sign-in", data=data).status_code == 403


def test_another_site_can_ask_for_nothing(dashboard: Dashboard) -> None:
    elsewhere = {"Origin": "https://evil.example"}
    with dashboard.signed_in() as client:
        assert client.get("/", headers=elsewhere).status_code == 403
        assert client.post("/sign-out", headers=elsewhere).status_code == 403
        socket = "/_nicegui_ws/socket.io/?transport=polling&EIO=4"
        assert client.get(socket, headers=elsewhere).status_code == 403
        assert client.get("/").status_code == 200


def test_signing_out_ends_the_session_on_the_server(dashboard: Dashboard) -> None:
    with dashboard.signed_in() as client:
        session = client.cookies["predictive_session"]
        client.post("/sign-out", data={"token": "wrong"})
        page = client.get("/")
        assert page.status_code == 200
        token = re.search(r'"value":"([0-9a-f]{64})"', page.text)
        assert token
        client.post("/sign-out", data={"token": token[1]})
        client.cookies.set("predictive_session", session)
        assert client.get("/").status_code == 303


def test_a_revoked_key_is_signed_out(dashboard: Dashboard) -> None:
    with Workspace.open(dashboard.path) as workspace:
        made = workspace.store.keys.create("short", ["read"])
        dashboard.keys["short"] = made.secret
        with dashboard.signed_in("short") as client:
            assert client.get("/").status_code == 200
            workspace.store.keys.revoke(made.id)
            assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "/\n/x"],
)
def test_a_sign_in_leads_nowhere_else(
    dashboard: Dashboard, stranger: httpx.Client, wanted: str
) -> None:
    token = token_of(stranger.get("/sign-in").text)
    data = {"token": token, "key": dashboard.keys["read"]}
    answer = stranger.post("/sign-in", params={"next": wanted}, data=data)
    assert answer.headers["location"] == "/"


def test_pages_load_nothing_from_outside_and_run_no_foreign_script(dashboard: Dashboard) -> None:
    with dashboard.signed_in() as client:
        answer = client.get(PAGE)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        nonce = re.search(r"'nonce-([^']+)'", policy)
        assert nonce
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert scripts
        assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
        again = client.get(PAGE).headers["content-security-policy"]
        assert nonce[1] not in again
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"


def test_what_is_not_the_dashboards_is_still_the_apis(stranger: httpx.Client) -> None:
    for path in ("/v1/nothing", "/nothing"):
        answer = stranger.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert stranger.put("/v1/predictions").status_code == 405


def test_a_key_without_a_scope_is_not_offered_what_needs_it(dashboard: Dashboard) -> None:
    with dashboard.signed_in("read") as client:
        assert "Your key lacks the scope simulate" in client.get(PAGE).text
    with dashboard.signed_in("analyst") as client:
        page = client.get(PAGE).text
        assert "How the scores spread" in page
        assert "Create segment" not in page
    with dashboard.signed_in("admin") as client:
        assert "Create segment" in client.get(PAGE).text


def test_an_unknown_or_hostile_name_is_told_as_text(dashboard: Dashboard) -> None:
    with dashboard.signed_in() as client:
        for path in ("%3Cscript%3Ealert(1)", "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "..%2F%27--"):
            page = client.get(f"/predictions/{path}")
            assert page.status_code in {200, 404}
            assert "<script>alert" not in page.text


def test_language_and_theme_are_kept(dashboard: Dashboard) -> None:
    with dashboard.signed_in() as client:
        client.get("/preferences", params={"language": "ko", "theme": "dark"})
        assert "예측" in client.get("/").text
        client.get("/preferences", params={"language": "xx", "theme": "loud"})
        assert "예측" in client.get("/").text


def test_a_browser_in_korean_is_met_in_korean(stranger: httpx.Client) -> None:
    korean = {"Accept-Language": "ko-KR,ko;q=0.9"}
    assert "로그인" in stranger.get("/sign-in", headers=korean).text
