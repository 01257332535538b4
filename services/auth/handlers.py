"""One method per operation of contracts/auth.yaml, under its operationId."""

from uuid import UUID

from chassis.web.access import User
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.responses import Response, created, no_content, ok
from generated.models import auth as api
from services.auth.application import AuthService, Tokens
from services.auth.domain import ACCESS_FOR, Account, Role, email_key
from services.auth.passwords import check_new_password
from services.auth.ports import Keyring


class AuthHandlers:
    def __init__(self, service: AuthService, keyring: Keyring) -> None:
        self._service, self._keyring = service, keyring

    async def register_shopper(self, body: api.Registration, x_real_ip: str | None = None) -> Response:
        check_new_password(body.password, "/body/password")
        return created(_to_api(await self._service.register(body.email, body.password, x_real_ip)))

    async def open_account(self, body: api.AccountRegistration, user: User) -> Response:
        check_new_password(body.password, "/body/password")
        return created(_to_api(await self._service.create_account(user.id, body.email, body.password, Role(body.role))))

    async def list_accounts(self, limit: int, email_prefix: str | None = None, cursor: str | None = None) -> Response:
        after = decode_cursor(cursor, str, UUID) if cursor else None
        accounts = await self._service.list_accounts(email_prefix or "", after, limit + 1)
        last = accounts[limit - 1] if len(accounts) > limit else None
        next_cursor = encode_cursor(email_key(last.email), last.id) if last else None
        return ok(api.AccountPage(items=[_to_api(account) for account in accounts[:limit]], next_cursor=next_cursor))

    async def disable_account(self, user_id: UUID, user: User) -> Response:
        return ok(_to_api(await self._service.disable(user_id, user.id)))

    async def enable_account(self, user_id: UUID, user: User) -> Response:
        return ok(_to_api(await self._service.enable(user_id, user.id)))

    async def log_out_account(self, user_id: UUID, user: User) -> Response:
        await self._service.log_out_everywhere(user_id, user.id)
        return no_content()

    async def log_in(self, body: api.Credentials, x_real_ip: str | None = None) -> Response:
        return _tokens(await self._service.log_in(body.email, body.password, x_real_ip))

    async def refresh_tokens(self, body: api.SessionToken) -> Response:
        return _tokens(await self._service.refresh(body.refresh_token))

    async def log_out(self, body: api.SessionToken, user: User) -> Response:
        await self._service.log_out(user.id, body.refresh_token)
        return no_content()

    async def get_own_account(self, user: User) -> Response:
        return ok(_to_api(await self._service.get_account(user.id)))

    async def change_own_password(self, body: api.PasswordChange, user: User, x_real_ip: str | None = None) -> Response:
        check_new_password(body.new_password, "/body/new_password")
        await self._service.change_password(
            user.id, user.email, current=body.current_password, new=body.new_password, client_address=x_real_ip
        )
        return no_content()

    async def get_keys(self) -> Response:
        jwks = await self._keyring.jwks()
        return Response(jwks, headers={"Cache-Control": f"public, max-age={self._keyring.cache_seconds()}"})


def _tokens(tokens: Tokens) -> Response:
    body = api.Tokens(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        token_type="bearer",  # noqa: S106 (what kind of token it is)
        expires_in=int(ACCESS_FOR.total_seconds()),
    )
    return Response(body, headers={"Cache-Control": "no-store"})


def _to_api(account: Account) -> api.Account:
    return api.Account(
        id=account.id,
        email=account.email,
        role=api.Role(account.role),
        created_at=account.created_at,
        disabled=account.disabled_at is not None,
    )
