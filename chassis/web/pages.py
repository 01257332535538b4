"""Operations that answer people: HTML pages, also where they refuse, for visitors known by a cookie."""

import asyncio
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol, Self
from urllib.parse import unquote_plus

import psycopg
import structlog
from starlette.requests import cookie_parser
from starlette.types import Receive, Scope

from chassis.contracts import openapi
from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import HTML, MULTIPART
from chassis.runtime.errors import describe_error
from chassis.web.access import Principal, User
from chassis.web.http_client import Problem, UndeclaredProblem
from chassis.web.operations import INJECTED_ARGUMENTS, AdmittedRequest, CompiledOperation, Forward
from chassis.web.problems import (
    Forbidden,
    InvalidRequest,
    OutcomeUnknown,
    ProblemError,
    ResponseContractViolation,
    Unauthorized,
    Unavailable,
)
from chassis.web.responses import Response, WireResponse

log = structlog.get_logger()

SAFE_METHODS = ("GET", "HEAD")
CSRF_FIELD = "csrf"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def cookie_name(cookie: str, *, is_secure: bool) -> str:
    """The name that a cookie of the contract has: under https one that neither other hosts nor http can set."""
    return f"__Host-{cookie}" if is_secure else cookie


class FormExpired(Forbidden):
    """The form is not of this session, or of a time before it."""

    type = "/problems/form-expired"


class Visit(Protocol):
    """Somebody who looks at pages: what a service knows of a session."""

    @property
    def user(self) -> User | None:
        """Who has signed in."""

    @property
    def csrf_token(self) -> str | None:
        """What forms have to bring along; None without a session, for then there is nothing that others could use."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a page cannot be shown, or a form was not taken: the problem that an API would answer."""

    status: int
    type: str
    errors: list[Mapping[str, str]] = field(default_factory=list)
    members: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def slug(self) -> str:
        """The end of its type: not-found."""
        return self.type.rpartition("/")[2]

    @property
    def wait_minutes(self) -> int:
        """For how long somebody has to wait who tried too often, or 0."""
        seconds = self.headers.get("Retry-After", "") if self.status == HTTPStatus.TOO_MANY_REQUESTS else ""
        return -(-int(seconds) // 60) if seconds.isdecimal() else 0

    @classmethod
    def of(cls, fault: Exception, *, may_be_done: bool = False) -> Self | None:
        """What an exception means for people, be it our own or what another service refused; None if it is a defect."""
        if isinstance(fault, UndeclaredProblem) and fault.type == InvalidRequest.type:
            # of what people typed, in a field of the same name, another contract knows more
            return cls(status=InvalidRequest.status, type=fault.type, errors=fault.problem.get("errors", []))
        if isinstance(fault, Problem) and not isinstance(fault, UndeclaredProblem):
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return cls(status=fault.status, type=fault.type, members=fault.members, headers=headers)
        if isinstance(fault, (psycopg.OperationalError, UndeclaredProblem)):
            fault = Unavailable()
        if not isinstance(fault, ProblemError):
            return None
        away = isinstance(fault, Unavailable) and may_be_done and not fault.nothing_done
        kind = OutcomeUnknown.type if away else fault.type
        return cls(status=fault.status, type=kind, errors=list(fault.errors), headers=fault.headers)


@dataclass(kw_only=True)
class PageRequest:
    """A request for a page, and what becomes known of it on its way."""

    method: str
    path: str
    query: str
    headers: Mapping[bytes, bytes] = field(repr=False)  # with cookies
    session_id: str | None = field(default=None, repr=False)
    form: Mapping[str, Any] = field(default_factory=dict, repr=False)  # with passwords
    is_secure: bool = False  # whether the pages are reached by https alone
    form_page: str | None = None  # the path of the page that the form is on, where the contract names it
    visit: Any = None
    refusal: Refusal | None = None
    may_be_repeated: bool = False  # what was refused is done once, however often it is sent

    @classmethod
    def of(
        cls, scope: Scope, headers: Mapping[bytes, bytes], cookie: str | None = None, *, is_secure: bool = False
    ) -> Self:
        """A request, with the session id of the contract's `cookie`; `is_secure` as its pages are."""
        cookies = cookie_parser(headers.get(b"cookie", b"").decode("latin-1")) if cookie else {}
        query = scope["query_string"].decode("latin-1")
        return cls(
            method=scope["method"],
            path=scope["path"],
            query=query,
            headers=headers,
            session_id=cookies.get(cookie_name(cookie or "", is_secure=is_secure)) or None,
            is_secure=is_secure,
        )

    def header(self, name: str) -> str:
        return self.headers.get(name.encode(), b"").decode("latin-1")

    @property
    def is_safe(self) -> bool:
        return self.method in SAFE_METHODS

    @property
    def is_of_own_origin(self) -> bool:
        """Whether it was sent by a page of ours, as browsers say with everything that may change something."""
        scheme, _, own = self.header("origin").partition("://")
        port = DEFAULT_PORTS.get(scheme)
        if port is None or (self.is_secure and scheme != "https"):  # a page of http may be anybody's on the way
            return False
        host = self.header("host").lower().removesuffix(port)  # which some proxies name, unlike browsers
        return host != "" and own.lower().removesuffix(port) == host

    @property
    def wants_page(self) -> bool:
        """Whether a person seems to ask, rather than a program."""
        return HTML in self.header("accept")


class Pages(Protocol):
    """What a service with pages brings: its visitors, and how it says no."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of every answer, such as Content-Security-Policy."""

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the pages by https alone: then forms of http are not ours (see `cookie_name`)."""

    async def open(self, request: PageRequest) -> Visit:
        """Find out who visits, by the session id of the request."""

    async def refuse(self, request: PageRequest, refusal: Refusal) -> Response:
        """The page that says why there is no other; `request.visit` may be None still."""


class PageOperation(CompiledOperation):
    """An operation whose answers are pages.

    Its access is that of the visitor's session, and the handler may ask for the `visit`. What changes something is
    only taken from our own pages: by Origin, and from sessions by a token in the form. A refusal is shown on the page
    that `x-page` names, or on one of its own, with the same status. What others append to the address of a page that is
    looked at, to see where its visitors come from, is not read.
    """

    refusals = HTML
    injected = INJECTED_ARGUMENTS | {"visit"}

    def __init__(self, spec: openapi.Operation, *rest: Any, pages: Pages) -> None:
        super().__init__(spec, *rest)
        self._pages, self._cookie, self._roles = pages, spec.cookie, spec.access.roles
        self._is_idempotent = spec.idempotent
        self._changes = spec.method.upper() not in SAFE_METHODS
        self._path = spec.full_path
        self._query_names = {parameter.name for parameter in spec.parameters if parameter.location == "query"}
        self._refusal_page: PageOperation | None = None
        self._wants_visit = "visit" in self.wanted
        if self._roles and self._cookie is None:
            raise ContractError(f"{self.name}: whoever signs in to pages does so by a cookie")
        self._answers.require(({403} if self._changes else set()) | ({503} if self._cookie else set()))
        self._authorizer = None

    def show_refusals_on(self, page: "PageOperation") -> None:
        """Say that refusals of this operation are shown on another one's page, which has no other parameters.

        Raises: ContractError when it needs what this one does not have.
        """
        if page._changes or not page._of["path"].keys() <= self._of["path"].keys() or page._required:
            raise ContractError(f"{self.name}: {page.name} cannot show its refusals")
        self._refusal_page = page

    async def respond(
        self,
        scope: Scope,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        found: Mapping[str, str],
        forward: Forward | None,
    ) -> WireResponse:
        """The page, or the one that says why there is none."""
        request = PageRequest.of(scope, headers, self._cookie, is_secure=self._pages.is_secure)
        if self._refusal_page is not None:
            request.form_page = self._refusal_page._path.format_map(found)
        query = scope["query_string"] if self._changes else self._declared(scope["query_string"])
        try:
            inner = {**scope, "page": request, "query_string": query}
            return await super().respond(inner, headers, receive, found, forward)
        except asyncio.CancelledError:  # by the server, when the time that a stop leaves for requests is over
            return await self._refused(Unavailable(nothing_done=request.visit is None), request, found)
        except Exception as fault:  # noqa: BLE001 (what is no refusal is raised again)
            return await self._refused(fault, request, found)

    def _declared(self, query: bytes) -> bytes:
        parts = query.split(b"&")
        return b"&".join(
            one for one in parts if unquote_plus(one.partition(b"=")[0].decode("latin-1")) in self._query_names
        )

    async def admit(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive) -> AdmittedRequest:
        request: PageRequest = scope["page"]
        if self._changes and not request.is_of_own_origin:
            raise Forbidden
        # The form is read first, to be kept where nobody can say who sent it; whether they may is said before what is
        # wrong with it.
        fault = None
        try:
            entered = await super().admit(scope, headers, receive)
            request.form = entered.value or {}
        except ProblemError as refusal:
            fault = refusal
        try:
            visit = request.visit = await self._pages.open(request)
        except Unavailable as away:
            away.nothing_done = True
            raise
        user = visit.user
        if self._roles and user is None:
            raise Unauthorized
        if user is not None and self._roles and user.role not in self._roles:
            raise Forbidden
        if fault is not None:
            raise fault
        return entered._replace(granted=Principal(user), page=request)

    async def call(self, values: dict[str, Any], entered: AdmittedRequest) -> WireResponse:
        request: PageRequest = entered.page
        if entered.kind == MULTIPART:  # which is read by Connexion
            request.form = {name: value for name, value in values.get("body", {}).items() if isinstance(value, str)}
        if self._changes and (token := request.visit.csrf_token) is not None:
            body = values.get("body", entered.value) or {}
            if not hmac.compare_digest(token.encode(), str(body.get(CSRF_FIELD, "")).encode()):
                raise FormExpired
        if self._wants_visit:
            values["visit"] = request.visit
        return await super().call(values, entered)

    async def _answered(self, values: dict[str, Any], *, may_be_done: bool = False) -> WireResponse:
        return self._answers.serialize(await self._handler(**values))

    async def _refused(self, fault: Exception, request: PageRequest, found: Mapping[str, str]) -> WireResponse:
        refusal = Refusal.of(fault, may_be_done=self._changes)
        if refusal is None:
            raise fault
        if not self._answers.allows(refusal.status):
            what = f"{self.name} raised {type(fault).__name__}, and no {refusal.status} is declared"
            raise ResponseContractViolation(what) from fault
        if isinstance(fault, Unavailable):
            log.warning("unavailable", operation=self.name, fault=describe_error(fault))
        request.refusal, request.may_be_repeated = refusal, self._is_idempotent
        page = self._refusal_page
        # what does not come from a form of ours is not shown in it, and what is away for one page is so for another
        if page is not None and refusal.status < 500 and isinstance(fault, (InvalidRequest, FormExpired, Problem)):
            try:
                _, headers, body = await page.show(request, found)
            except (ProblemError, Problem) as other:
                log.warning("refusal is shown on a page of its own", operation=self.name, fault=repr(other))
            else:
                own = {name.decode(): text.decode() for name, text in headers if not name.startswith(b"content-")}
                return self._answers.serialize(Response(body, refusal.status, {**own, **refusal.headers}, HTML))
        return self._answers.serialize(await self._pages.refuse(request, refusal))

    async def show(self, request: PageRequest, found: Mapping[str, str]) -> WireResponse:
        """This page, for somebody whose request to another operation was refused.

        Raises: InvalidRequest, for the other operation's path may be why.
        """
        values = self._defaults.copy()
        for name, parameter in self._of["path"].items():
            if errors := parameter.parse_into(found[name], values):
                raise InvalidRequest(errors=errors)
        return await self.call(values, AdmittedRequest(Principal(request.visit.user), request.path, [], page=request))
