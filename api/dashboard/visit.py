"""Who visits the dashboard: session, language, theme; and how pages call the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, ParamSpec, TypeVar, cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from api.dashboard.texts import Language, say
from predictive.audit import note
from predictive.errors import PredictiveError
from predictive.store.sessions import Session
from predictive.wording.kept import told
from predictive.wording.said import Said
from predictive.workspace import Workspace

P = ParamSpec("P")
T = TypeVar("T")
Theme = Literal["auto", "light", "dark"]

SESSION_COOKIE = "predictive_session"
LANGUAGE_COOKIE = "predictive_language"
THEME_COOKIE = "predictive_theme"
SCOPE_KEY = "predictive.visit"


class SignedOut(Exception):
    """The session ended while its page was open."""


@dataclass(frozen=True)
class Preferences:
    """What a browser asked for by cookies, or else by its headers."""

    language: Language
    theme: Theme

    @classmethod
    def of(cls, connection: HTTPConnection) -> Preferences:
        """Read them; what is neither set nor known is English, in the browser's own theme."""
        wanted = connection.cookies.get(LANGUAGE_COOKIE)
        accepted = connection.headers.get("accept-language", "").lower()
        korean = wanted == "ko" or (wanted is None and accepted.startswith("ko"))
        theme = connection.cookies.get(THEME_COOKIE)
        return cls(
            "ko" if korean else "en",
            cast(Theme, theme) if theme in {"light", "dark"} else "auto",
        )


@dataclass(frozen=True)
class Visit:
    """One signed-in page.

    Parameters
    ----------
    workspace
        What the service was started on.
    secret
        Of the session, to ask again whether it is over.
    session
        As it was when the page was asked for.
    preferences
        Language and theme.
    """

    workspace: Workspace
    secret: str
    session: Session
    preferences: Preferences

    @property
    def by(self) -> str:
        """How histories name who is signed in."""
        return f"key {self.session.key.id}"

    def allows(self, scope: str) -> bool:
        """Whether the key behind the session holds a scope."""
        return self.session.key.allows(scope)

    def say(self, key: str, **values: object) -> str:
        """A text of the catalogue in the visitor's language."""
        return say(self.preferences.language, key, **values)

    def words(self, text: str, made_of: Mapping[str, Any] | None = None) -> str:
        """What the services tell, in the visitor's language; names stay as they are.

        Parameters
        ----------
        text
            As they tell it.
        made_of
            What was kept of it, where it comes from the store.
        """
        language = self.preferences.language
        if made_of is not None:
            return told(text, made_of, language)
        return text.within(language) if isinstance(text, Said) else text

    def reason(self, error: PredictiveError) -> str:
        """What is wrong, in the visitor's language."""
        return error.sentence.within(self.preferences.language)

    async def call(self, function: Callable[P, T], *args: P.args, **kw: P.kwargs) -> T:
        """Call something that waits for databases or files, in a thread.

        Raises
        ------
        SignedOut
            The session or its key ended meanwhile.
        """

        def called() -> T:
            if self.workspace.store.sessions.find(self.secret, at=now()) is None:
                raise SignedOut
            return function(*args, **kw)

        return await run_in_threadpool(called)

    async def change(
        self, action: str, target: str, function: Callable[P, T], *args: P.args, **kw: P.kwargs
    ) -> T:
        """Call something that changes the workspace; the audit log has it, and how it ended.

        Parameters
        ----------
        action
            What is done, in English: the audit log is for operators.
        target
            What it is done to, without ids of users.

        Raises
        ------
        SignedOut
            The session or its key ended meanwhile.
        """
        status = 500
        try:
            done = await self.call(function, *args, **kw)
            status = 200
        except PredictiveError as error:
            status = error.http_status
            raise
        except SignedOut:
            status = 401
            raise
        finally:
            what, key = f"dashboard: {action}", self.session.key.id
            await run_in_threadpool(note, self.workspace, key, what, target, status)
        return done


def visit_of(request: Request) -> Visit:
    """The visit that the guard let through."""
    return cast(Visit, request.scope[SCOPE_KEY])


def now() -> datetime:
    """The clock; pages are the outermost callers."""
    return datetime.now(UTC)
