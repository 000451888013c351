"""Signing in with an API key, signing out, and the choice of language and theme.

Plain forms, which work before any script has loaded.
"""

from __future__ import annotations

import hmac
import secrets
from html import escape
from urllib.parse import parse_qs, urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from api.auth import address_of
from api.dashboard.style import CSS
from api.dashboard.texts import say
from api.dashboard.visit import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    THEME_COOKIE,
    Preferences,
    now,
)
from api.rates import WAIT, Limits
from predictive.audit import note
from predictive.store.sessions import LIFETIME
from predictive.workspace import Workspace

_FORM_COOKIE = "predictive_form"
_YEAR_SECONDS = 365 * 24 * 3600


def public_pages(workspace: Workspace, limits: Limits) -> Starlette:
    """The pages that need no session.

    Parameters
    ----------
    workspace
        Where keys and sessions are kept.
    limits
        How many wrong keys an address may try, here and at the API together.
    """

    async def form(request: Request) -> Response:
        return _form(request)

    async def sign_in(request: Request) -> Response:
        given = await _fields(request)
        if not _same_form(request, given.get("token", "")):
            return _form(request, "sign_in.stale", 403)
        secret, address = given.get("key", "").strip(), address_of(request)
        if not limits.may_try(secret, address):
            refused = _form(request, "sign_in.too_many", 429)
            refused.headers.update(WAIT)
            return refused
        key = await run_in_threadpool(workspace.store.keys.verify, secret)
        if key is None:
            limits.note_wrong(address)
            return _form(request, "sign_in.unknown", 401)
        limits.note_right(secret)
        if not key.allows("read"):
            return _form(request, "sign_in.no_read", 403)
        session = await run_in_threadpool(workspace.store.sessions.begin, key.id, at=now())
        await run_in_threadpool(note, workspace, key.id, "dashboard: sign in", "", 200)
        answer = RedirectResponse(_own_path(request.query_params.get("next", "/")), 303)
        _set(answer, request, SESSION_COOKIE, session, int(LIFETIME.total_seconds()))
        answer.delete_cookie(_FORM_COOKIE)
        return answer

    async def sign_out(request: Request) -> Response:
        given = await _fields(request)
        secret = request.cookies.get(SESSION_COOKIE, "")
        if not hmac.compare_digest(given.get("token", ""), sign_out_token(secret)):
            return RedirectResponse("/", 303)
        await run_in_threadpool(workspace.store.sessions.end, secret)
        answer = RedirectResponse("/sign-in", 303)
        answer.delete_cookie(SESSION_COOKIE)
        return answer

    return Starlette(
        routes=[
            Route("/sign-in", form, methods=["GET"]),
            Route("/sign-in", sign_in, methods=["POST"]),
            Route("/sign-out", sign_out, methods=["POST"]),
            Route("/preferences", _choose, methods=["GET"]),
        ],
    )


def sign_out_token(secret: str) -> str:
    """What the form that ends a session must carry."""
    return hmac.new(secret.encode(), b"sign out", "sha256").hexdigest()


async def _choose(request: Request) -> Response:
    answer = RedirectResponse(_own_path(request.query_params.get("back", "/")), 303)
    choices = {
        "language": (LANGUAGE_COOKIE, {"en", "ko"}),
        "theme": (THEME_COOKIE, {"light", "dark", "auto"}),
    }
    for name, (cookie, allowed) in choices.items():
        chosen = request.query_params.get(name)
        if chosen in allowed:
            _set(answer, request, cookie, chosen, _YEAR_SECONDS)
    return answer


def _form(request: Request, problem: str | None = None, status: int = 200) -> Response:
    preferences = Preferences.of(request)
    language = preferences.language
    token = request.cookies.get(_FORM_COOKIE) or secrets.token_urlsafe(16)
    action = "/sign-in"
    if wanted := request.query_params.get("next"):
        action += f"?next={escape(_own_path(wanted))}"
    texts = {
        name: escape(say(language, f"sign_in.{name}"))
        for name in ("title", "key", "submit", "hint", "about")
    }
    said = escape(say(language, problem)) if problem else ""
    alert = f'<p role="alert" class="problem">{said}</p>' if said else ""
    page = f"""<!doctype html>
<html lang="{language}" data-theme="{preferences.theme}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{texts["title"]}</title><style>{CSS}</style></head>
<body class="sign-in"><main><h1>{texts["title"]}</h1><p>{texts["about"]}</p>
{alert}
<form method="post" action="{action}">
<label for="key">{texts["key"]}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus
 maxlength="200" aria-describedby="hint">
<p id="hint" class="quiet">{texts["hint"]} <code>predictive keys create</code></p>
<input type="hidden" name="token" value="{escape(token)}">
<button type="submit">{texts["submit"]}</button></form>
<p class="quiet"><a href="/preferences?language=en&amp;back=/sign-in" lang="en">English</a> ·
<a href="/preferences?language=ko&amp;back=/sign-in" lang="ko">한국어</a></p>
</main></body></html>"""
    answer = HTMLResponse(page, status)
    _set(answer, request, _FORM_COOKIE, token, 3600)
    return answer


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, the first of each name."""
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(body).items()}


def _same_form(request: Request, token: str) -> bool:
    expected = request.cookies.get(_FORM_COOKIE, "")
    return bool(expected) and hmac.compare_digest(expected.encode(), token.encode())


def _own_path(wanted: str) -> str:
    """A path of this site; anything else leads to the first page."""
    parts = urlsplit(wanted)
    foreign = parts.scheme or parts.netloc or not wanted.startswith("/") or "\\" in wanted
    return "/" if foreign or wanted.startswith("//") or not wanted.isprintable() else wanted


def _set(answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
