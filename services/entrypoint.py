"""How every service of the shop is run: its tokens are auth's, and its metrics are the shop's."""

from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from chassis import service
from chassis.web.tokens import JwtVerifier
from services import AUDIENCE, ISSUER, ROOT, VERSION
from services.settings import Settings

S = TypeVar("S", bound=Settings)


def run(settings: type[S], assemble: Callable[[service.Service, S], Awaitable[None]]) -> NoReturn:
    """Run the service whose package has these settings, put together by `assemble`."""
    service.run(settings, assemble, version=VERSION, root=ROOT, tokens=_tokens, namespace="shop")


def _tokens(settings: Settings) -> JwtVerifier:
    return JwtVerifier.from_jwks_url(
        f"{settings.auth_url}/auth/.well-known/jwks.json", issuer=ISSUER, audience=AUDIENCE
    )
