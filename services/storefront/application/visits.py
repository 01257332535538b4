"""A visit: one request of somebody, and the pages that answer it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID, uuid4

import structlog
from starlette.requests import cookie_parser

from chassis.contracts.media_types import HTML
from chassis.web import responses
from chassis.web.access import User
from chassis.web.pages import CSRF_FIELD, PageRequest, Refusal, cookie_name
from chassis.web.problems import Unauthorized
from chassis.web.responses import Response
from services.storefront.application.sessions import Sessions
from services.storefront.domain import Session
from services.storefront.localization import LOCALES, Localization, localization, localization_for
from services.storefront.rendering import Renderer

log = structlog.get_logger()

# A page is one visitor's, and shown again only after asking.
PAGE_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Accept-Language, Cookie"}
# What somebody has signed in to, or a mail's link shows, is not shown by going back after they have left.
SECRET_PAGE_HEADERS = {**PAGE_HEADERS, "Cache-Control": "no-store"}
COOKIE = "{}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}"
SESSION_COOKIE, SESSION_SECONDS = "session", 30 * 86400  # the store lets sessions go earlier
# Path of the contract: what forms may say to come back to.
MAX_PATH, PATH_PATTERN = 300, re.compile(r"[/]([!#-.0-;=?-\[\]_a-z~-][!#-;=?-\[\]_a-z~-]*)?")
SECRET_FIELDS, MAX_TYPED = {CSRF_FIELD, "password", "current_password"}, 8000
LANGUAGE_COOKIE, LANGUAGE_SECONDS = "language", 365 * 86400
HSTS = "max-age=31536000"  # a year; what else the operator has under names below this one is not ours to say


@dataclass(kw_only=True)
class Visit:
    """What handlers and templates know of whoever asks: see README.md."""

    request: PageRequest
    session: Session | None
    sessions: Sessions = field(repr=False)
    renderer: Renderer = field(repr=False)
    csrf_of_form: str | None = None  # that was sent, where nobody can say whether it is the session's
    extend_cookie: bool = False  # the browser is to keep the session for as long as if it were new

    @property
    def user(self) -> User | None:
        account = self.session.account if self.session is not None else None
        return User(account.id, account.role, account.email) if account is not None else None

    @property
    def csrf_token(self) -> str | None:
        return self.session.csrf_token if self.session is not None else self.csrf_of_form

    @cached_property
    def localization(self) -> Localization:
        chosen = cookie_parser(self.request.header("cookie")).get(LANGUAGE_COOKIE)
        return localization(chosen) if chosen in LOCALES else localization_for(self.request.header("accept-language"))

    @property
    def here(self) -> str:
        """The page to come back to: what is looked at, or what the form is on; else the shop's first one."""
        request, refusal = self.request, self.refusal
        if refusal is not None and refusal.status in (400, 404) and not _is_about_fields(refusal):
            return "/"  # there is no such page
        path = request.path if request.is_safe else request.form_page or "/"
        full = f"{path}?{request.query}" if request.query and request.is_safe else path
        return next((said for said in (full, path) if len(said) <= MAX_PATH and PATH_PATTERN.fullmatch(said)), "/")

    @property
    def typed(self) -> str:
        """What was typed into a form whose sender has to sign in, to be filled in afterwards; no secrets."""
        if self.refusal is None or self.refusal.type != Unauthorized.type or self.request.form_page is None:
            return ""
        fields = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in self.request.form.items()
            if value is not None and name not in SECRET_FIELDS
        }
        text = urlencode(fields, doseq=True)
        return text if len(text) <= MAX_TYPED else ""

    @property
    def address(self) -> str | None:
        """The network address of the visitor, as the gateway says it."""
        return self.request.header("x-real-ip") or None

    @property
    def refusal(self) -> Refusal | None:
        """Why the form that this page is about was not taken."""
        return self.request.refusal

    async def token(self) -> str:
        """What to ask other services with, in the visitor's name.

        Raises:
            Unauthorized: Nobody has signed in, or the session has ended; the page to sign in is shown.
        """
        if self.session is None:
            raise Unauthorized
        try:
            return await self.sessions.access_token(self.session)
        except Unauthorized:
            if self.user is not None:
                self.session = None  # it has ended; a guest's goes on
            raise

    async def begin_session(self) -> Session:
        """The visitor's session, begun if there is none; the answer to this request has to carry its cookie.

        Raises:
            Problem: There are too many new ones (429).
        """
        if self.session is None:
            self.session = await self.sessions.begin(self.address)
        return self.session

    async def end_all_sessions(self, account_id: UUID) -> None:
        """End all sessions of an account, this one as well if it is its; the answer has to say so to the browser."""
        await self.sessions.end_all(account_id)
        if self.user is not None and self.user.id == account_id:
            self.session = None

    def page(self, template: str, /, status: int = 200, **values: Any) -> Response:
        """A page of a template, in the visitor's language."""
        body = self.renderer.render(template, self, values)
        secret = self.user is not None or "token" in values or "token" in self.request.form
        return Response(body, status, SECRET_PAGE_HEADERS if secret else PAGE_HEADERS, HTML)

    def see_other(self, path: str) -> Response:
        """What to look at after a form was taken, with the cookie of the session as it is now."""
        session_id = self.session.id if self.session is not None else ""
        if session_id == (self.request.session_id or "") and not self.extend_cookie:
            return responses.see_other(path)
        return responses.see_other(path, **{"Set-Cookie": self.session_cookie(session_id)})

    def see_in(self, language: str, path: str) -> Response:
        """The same, with a cookie for the language that was chosen."""
        return responses.see_other(path, **{"Set-Cookie": self._cookie(LANGUAGE_COOKIE, language, LANGUAGE_SECONDS)})

    def session_cookie(self, session_id: str) -> str:
        """`Set-Cookie` of a session; of none, for the browser to forget it."""
        name = cookie_name(SESSION_COOKIE, is_secure=self.request.is_secure)
        return self._cookie(name, session_id, SESSION_SECONDS if session_id else 0)

    def _cookie(self, name: str, value: str, seconds: int) -> str:
        # where the shop does not know, the browser that sent the form does
        is_secure = self.request.is_secure or self.request.header("origin").startswith("https:")
        return COOKIE.format(name, value, seconds, "; Secure" if is_secure else "")


def _is_about_fields(refusal: Refusal) -> bool:
    return any(error["pointer"].startswith("/body") for error in refusal.errors)


class StorefrontPages:
    """`chassis.web.pages.Pages`: who visits, and how the shop says no."""

    def __init__(
        self, sessions: Sessions, renderer: Renderer, *, pictures_origin: str = "", is_secure: bool = False
    ) -> None:
        """`is_secure`: the shop is reached by https alone."""
        self._sessions, self._renderer, self.is_secure = sessions, renderer, is_secure
        pictures = f"'self' {pictures_origin}".rstrip()
        self.headers: Mapping[str, str] = {
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
            f"img-src {pictures}; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            # with `no-referrer`, browsers would not say the Origin of a form
            "Referrer-Policy": "same-origin",
            **({"Strict-Transport-Security": HSTS} if is_secure else {}),
        }

    async def open(self, request: PageRequest) -> Visit:
        session = await self._sessions.find(request.session_id) if request.session_id else None
        if session is not None and request.is_safe:
            session, typed = await self._sessions.take_typed(session, request.path)
            request.form = dict(parse_qsl(typed))
        return self._visit(request, session)

    async def refuse(self, request: PageRequest, refusal: Refusal) -> Response:
        """The form to sign in with for strangers; what is away, with what was typed; or what else it is."""
        visit = request.visit or self._visit(request, None)
        if request.visit is None:
            visit.csrf_of_form = request.form.get(CSRF_FIELD)
        request.refusal = refusal
        template = {401: "sign-in.html", 503: "resting.html"}.get(refusal.status, "error.html")
        reference = str(uuid4())[:8]
        log.info("refused", reference=reference, status=refusal.status, type=refusal.type)
        values = {"refusal": refusal, "reference": reference, "then": visit.here}
        response = visit.page(template, status=refusal.status, **values)
        headers = {**response.headers, **refusal.headers}
        if refusal.status == Unauthorized.status and visit.session is None and request.session_id is not None:
            headers["Set-Cookie"] = visit.session_cookie("")
        return Response(response.body, response.status, headers, HTML)

    def _visit(self, request: PageRequest, session: Session | None) -> Visit:
        return Visit(request=request, session=session, sessions=self._sessions, renderer=self._renderer)
