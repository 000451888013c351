"""What every page has around it: navigation, language, theme, and what happens on errors."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from copy import copy
from typing import Any
from urllib.parse import quote

from nicegui import ui
from nicegui.client import ClientConnectionTimeout

from api.dashboard.parts import element
from api.dashboard.sign_in import sign_out_token
from api.dashboard.style import CSS
from api.dashboard.texts import Language
from api.dashboard.texts.nicegui import NICEGUI_LANGUAGES
from api.dashboard.visit import SignedOut, Visit
from predictive.errors import PredictiveError

_NAVIGATION = (
    ("predictions", "/", "read"),
    ("segments", "/segments", "read"),
    ("customers", "/customers", "read"),
    ("alerts", "/alerts", "read"),
    ("keys", "/keys", "admin"),
)
_ARRIVAL_SECONDS = 20.0
_TABS = (
    ("simulator", ""),
    ("quality", "/quality"),
    ("why", "/why"),
    ("definition", "/definition"),
    ("jobs", "/jobs"),
)


@contextmanager
def frame(visit: Visit, current: str, path: str) -> Iterator[None]:
    """Put the page's content under the navigation.

    Parameters
    ----------
    visit
        Who sees it.
    current
        Which place of the navigation it belongs to.
    path
        Where it stands, to come back to after a choice of language or theme.
    """
    language, theme = visit.preferences.language, visit.preferences.theme
    ui.add_head_html(f"<style>{CSS}</style>")
    _leave_landmarks_to_us()
    _speak(language)
    ui.add_head_html(f'<script>document.documentElement.lang = "{language}"</script>')
    ui.dark_mode({"light": False, "dark": True}.get(theme))
    element("a", visit.say("nav.skip"), href="#content", classes="skip")
    with element("header", classes="bar"):
        element("a", "Predictive", href="/", classes="brand")
        with element("nav", aria_label=visit.say("nav.main")):
            for name, target, scope in _NAVIGATION:
                if visit.allows(scope):
                    _link(visit.say(f"nav.{name}"), target, name == current)
        _choices(visit, path)
    with element("main", id="content", classes="page", tabindex="-1"):
        yield


def tabs(visit: Visit, prediction: str, current: str) -> None:
    """Lead from one page of a prediction to the others."""
    with element("nav", classes="tabs", aria_label=prediction):
        for name, ending in _TABS:
            target = f"/predictions/{quote(prediction, safe='')}{ending}"
            _link(visit.say(f"tab.{name}"), target, name == current)


@asynccontextmanager
async def told(visit: Visit) -> AsyncIterator[None]:
    """Tell in a notice what went wrong within, instead of ending the page."""
    try:
        yield
    except SignedOut:
        ui.notify(visit.say("common.signed_out"), type="warning")
        ui.navigate.to("/sign-in")
    except PredictiveError as error:
        said = visit.say("common.failed", reason=visit.reason(error))
        ui.notify(said, type="negative", multi_line=True)
    except ValueError as error:
        ui.notify(visit.say("common.failed", reason=error), type="negative", multi_line=True)
    except Exception:
        # NiceGUI writes it to the log.
        ui.notify(visit.say("common.unavailable"), type="negative")
        raise


async def arrived(visit: Visit) -> bool:
    """Show the page as far as it is, and wait until somebody looks at it.

    What follows takes long; the browser shows that until it is there.

    Returns
    -------
    bool
        False when nobody came: then nothing needs to follow.
    """
    with waiting(visit):
        try:
            await ui.context.client.connected(timeout=_ARRIVAL_SECONDS)
        except ClientConnectionTimeout:
            return False
    return True


@contextmanager
def waiting(visit: Visit) -> Iterator[None]:
    """Say that something is being looked up, for as long as it is."""
    said = element("p", visit.say("common.loading"), role="status", classes="quiet")
    yield
    said.delete()


async def loaded(visit: Visit, function: Callable[..., Any], *args: Any, **kw: Any) -> Any:
    """What a page is about, or None after telling on the page why there is none."""
    try:
        return await visit.call(function, *args, **kw)
    except SignedOut:
        ui.navigate.to("/sign-in")
    except PredictiveError as error:
        element("p", visit.reason(error), classes="card problem", role="alert")
    return None


def _leave_landmarks_to_us() -> None:
    """NiceGUI puts every page, its header too, into one ``main``; here it is a plain box."""
    box = ui.context.client.content.parent_slot
    if box is not None:
        box.parent.tag = "div"


def _speak(language: Language) -> None:
    """Let what NiceGUI itself says be in the page's language."""
    client = ui.context.client
    client.page = copy(client.page)
    client.page.language = NICEGUI_LANGUAGES[language]


def _link(text: str, target: str, is_current: bool) -> None:
    made = element("a", text, href=target)
    if is_current:
        made.props["aria-current"] = "page"


def _choices(visit: Visit, path: str) -> None:
    back = quote(path)
    other = ("ko", "한국어") if visit.preferences.language == "en" else ("en", "English")
    theme = "light" if visit.preferences.theme == "dark" else "dark"
    with element("div", classes="choices"):
        target = f"/preferences?language={other[0]}&back={back}"
        element("a", other[1], href=target, lang=other[0])
        target = f"/preferences?theme={theme}&back={back}"
        element("a", visit.say(f"nav.theme.{theme}"), href=target)
        element("span", visit.session.key.name, classes="quiet")
        with element("form", method="post", action="/sign-out"):
            element("input", type="hidden", name="token", value=sign_out_token(visit.secret))
            element("button", visit.say("nav.sign_out"), type="submit")
