"""Coming in and leaving."""

from urllib.parse import urlencode

import structlog

from chassis.web.http_client import Problem, UndeclaredProblem
from chassis.web.responses import Response
from generated.clients.auth import AuthClient
from generated.models.auth import Registration
from generated.models.storefront import BareForm, BeforeSignIn, RegistrationForm, SignInForm
from services.storefront.application.carts import Carts
from services.storefront.application.sessions import Sessions
from services.storefront.application.visits import Visit
from services.storefront.domain import TypedForm

log = structlog.get_logger()


class SessionHandlers:
    def __init__(self, sessions: Sessions, auth: AuthClient, carts: Carts) -> None:
        self._sessions, self._auth, self._carts = sessions, auth, carts

    async def show_registration(self, visit: Visit, then: str = "/") -> Response:
        return visit.page("register.html", then=then)

    async def register_account(self, visit: Visit, body: RegistrationForm) -> Response:
        registration = Registration(email=body.email, password=body.password)
        await self._auth.register_shopper(body=registration, x_real_ip=visit.address)
        try:
            return await self._sign_in(visit, body)
        except UndeclaredProblem:
            raise
        except Problem as refused:  # the account is there all the same
            log.info("not signed in after registering", type=refused.type)
            query = {"then": body.then or "/", "after": BeforeSignIn.REGISTRATION}
            return visit.see_other(f"/sign-in?{urlencode(query)}")

    async def show_sign_in(self, visit: Visit, then: str = "/", after: BeforeSignIn | None = None) -> Response:
        return visit.page("sign-in.html", then=then, after=after)

    async def sign_in(self, visit: Visit, body: SignInForm) -> Response:
        typed = TypedForm(body.then, body.typed) if body.then and body.typed else None
        return await self._sign_in(visit, body, typed)

    async def sign_out(self, visit: Visit, body: BareForm) -> Response:
        if visit.session is not None:
            await self._sessions.sign_out(visit.session)
            visit.session = None
        return visit.see_other("/")

    async def _sign_in(
        self, visit: Visit, form: SignInForm | RegistrationForm, typed: TypedForm | None = None
    ) -> Response:
        visit.session = await self._sessions.sign_in(
            form.email, form.password, address=visit.address, instead_of=visit.session, typed=typed
        )
        await self._carts.welcome(visit)
        return visit.see_other(form.then or "/")
