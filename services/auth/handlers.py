"""One method per operation of contracts/auth.yaml, under its operationId."""

from uuid import UUID

from msgspec import UNSET

from chassis.web.access import User
from chassis.web.cursors import decode_cursor, encode_cursor
from chassis.web.responses import Response, created, no_content, ok
from generated.models import auth as api
from services.auth.application.addresses import AddressBook
from services.auth.application.administration import AccountAdministration
from services.auth.application.authentication import AuthService, TokenPair
from services.auth.application.deletion import AccountDeletion
from services.auth.application.links import AccountLinks
from services.auth.domain import ACCESS_TOKEN_LIFETIME, Account, Address, Role, SavedAddress, email_key
from services.auth.passwords import require_acceptable_password
from services.auth.ports import Keyring

ACCEPTED = Response(status=202)


class AuthHandlers:
    def __init__(
        self,
        *,
        service: AuthService,
        administration: AccountAdministration,
        links: AccountLinks,
        deletion: AccountDeletion,
        addresses: AddressBook,
        keyring: Keyring,
    ) -> None:
        self._service, self._administration, self._links = service, administration, links
        self._deletion, self._addresses, self._keyring = deletion, addresses, keyring

    async def register_shopper(self, body: api.Registration, x_real_ip: str | None = None) -> Response:
        require_acceptable_password(body.password, "/body/password")
        return created(_to_api(await self._service.register(body.email, body.password, x_real_ip)))

    async def open_account(self, body: api.AccountRegistration, user: User) -> Response:
        require_acceptable_password(body.password, "/body/password")
        return created(
            _to_api(await self._administration.open_account(user.id, body.email, body.password, Role(body.role)))
        )

    async def list_accounts(self, limit: int, email_prefix: str | None = None, cursor: str | None = None) -> Response:
        after = decode_cursor(cursor, str, UUID) if cursor else None
        accounts = await self._administration.list_accounts(email_prefix or "", after, limit + 1)
        last = accounts[limit - 1] if len(accounts) > limit else None
        next_cursor = encode_cursor(email_key(last.email), last.id) if last else None
        return ok(api.AccountPage(items=[_to_api(account) for account in accounts[:limit]], next_cursor=next_cursor))

    async def disable_account(self, user_id: UUID, user: User) -> Response:
        return ok(_to_api(await self._administration.disable(user_id, user.id)))

    async def enable_account(self, user_id: UUID, user: User) -> Response:
        return ok(_to_api(await self._administration.enable(user_id, user.id)))

    async def log_out_account(self, user_id: UUID, user: User) -> Response:
        await self._administration.log_out_everywhere(user_id, user.id)
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
        require_acceptable_password(body.new_password, "/body/new_password")
        await self._service.change_password(
            user.id, user.email, current=body.current_password, new=body.new_password, client_address=x_real_ip
        )
        return no_content()

    async def request_password_reset(self, body: api.ForgottenPassword, x_real_ip: str | None = None) -> Response:
        await self._links.request_password_reset(body.email, x_real_ip)
        return ACCEPTED

    async def reset_password(self, body: api.PasswordReset, x_real_ip: str | None = None) -> Response:
        require_acceptable_password(body.password, "/body/password")
        account_id = await self._links.reset_password(body.token, body.password, x_real_ip)
        return ok(api.AccountReference(id=account_id))

    async def request_verification(self, user: User, x_real_ip: str | None = None) -> Response:
        await self._links.request_verification(user.id, x_real_ip)
        return ACCEPTED

    async def change_own_email(self, body: api.EmailChange, user: User, x_real_ip: str | None = None) -> Response:
        await self._links.request_email_change(
            user.id, user.email, new_email=body.email, password=body.password, client_address=x_real_ip
        )
        return ACCEPTED

    async def list_addresses(self, user: User) -> Response:
        saved = await self._addresses.list_by_account(user.id)
        return ok(api.SavedAddresses(items=[_to_api_address(one) for one in saved]))

    async def save_address(self, body: api.DeliveryAddress, user: User) -> Response:
        address = Address(
            address_line1=body.address_line1,
            address_line2=body.address_line2 or None,
            city=body.city,
            country=body.country,
            postcode=body.postcode or None,
        )
        return created(_to_api_address(await self._addresses.save(user.id, address)))

    async def remove_address(self, address_id: UUID, user: User) -> Response:
        await self._addresses.remove(user.id, address_id)
        return no_content()

    async def delete_own_account(self, body: api.AccountDeletion, user: User, x_real_ip: str | None = None) -> Response:
        await self._deletion.delete(user.id, user.email, body.password, x_real_ip)
        return no_content()

    async def verify_email(self, body: api.LinkToken) -> Response:
        await self._links.verify_email(body.token)
        return no_content()

    async def issue_link_token(self, link_id: UUID) -> Response:
        token = api.LinkToken(token=await self._links.issue_token(link_id))
        return Response(token, headers={"Cache-Control": "no-store"})

    async def get_keys(self) -> Response:
        jwks = await self._keyring.jwks()
        return Response(jwks, headers={"Cache-Control": f"public, max-age={self._keyring.cache_seconds()}"})


def _tokens(tokens: TokenPair) -> Response:
    body = api.Tokens(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        token_type="bearer",  # noqa: S106 (what kind of token it is)
        expires_in=int(ACCESS_TOKEN_LIFETIME.total_seconds()),
    )
    return Response(body, headers={"Cache-Control": "no-store"})


def _to_api(account: Account) -> api.Account:
    return api.Account(
        id=account.id,
        email=account.email,
        role=api.Role(account.role),
        created_at=account.created_at,
        disabled=account.disabled_at is not None,
        email_verified=account.verified_at is not None,
    )


def _to_api_address(saved: SavedAddress) -> api.SavedAddress:
    address = saved.address
    return api.SavedAddress(
        id=saved.id,
        address_line1=address.address_line1,
        address_line2=address.address_line2 or UNSET,
        city=address.city,
        country=address.country,
        postcode=address.postcode or UNSET,
    )
