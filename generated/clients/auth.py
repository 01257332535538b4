# Generated from contracts/auth.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Auth 2.0.0, for whoever needs something from it."""

from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.auth import (
    Account,
    AccountDeletion,
    AccountPage,
    AccountReference,
    AccountRegistration,
    Credentials,
    DeliveryAddress,
    EmailChange,
    ForgottenPassword,
    KeySet,
    LinkToken,
    PasswordChange,
    PasswordReset,
    Registration,
    SavedAddress,
    SavedAddresses,
    SessionToken,
    Tokens,
)
from generated.models.common import Health, Info, Readiness


class AccountDisabled(Problem):
    """The account is disabled."""


class AccountNotFound(Problem):
    """There is no such account."""


class AddressNotFound(Problem):
    """There is no such address."""


class EmailTaken(Problem):
    """The address already has an account."""


class LastAdmin(Problem):
    """The shop has no other admin."""


class LinkNotFound(Problem):
    """There is no such link any more."""


class LinkRefused(Problem):
    """The link is not valid any more."""


class OwnAccount(Problem):
    """Nobody disables their own account."""


class PasswordTooCommon(Problem):
    """The password is one of the commonest."""


class RefreshTokenRefused(Problem):
    """The refresh token is not valid any more."""


class TooManyAddresses(Problem):
    """One of the saved addresses has to go first."""


class TooManyAttempts(Problem):
    """There were too many attempts."""


class WrongCredentials(Problem):
    """The address or the password is wrong."""


class WrongPassword(Problem):
    """The current password is wrong."""


class AuthClient(Client):
    """One method per operation of contracts/auth.yaml, under its operationId."""

    async def register_shopper(self, *, body: Registration, x_real_ip: str | None = None) -> Account:
        """Open a shopper's account.

        Raises:
            EmailTaken: The address already has an account.
            PasswordTooCommon: The password is one of the commonest.
            TooManyAttempts: There were too many attempts.
        """
        answer: Account = await self._call(
            "register_shopper",
            "POST",
            "/auth/register",
            {201: Account},
            {
                "/problems/email-taken": EmailTaken,
                "/problems/password-too-common": PasswordTooCommon,
                "/problems/too-many-attempts": TooManyAttempts,
            },
            headers={"X-Real-Ip": x_real_ip},
            body=body,
            safe=False,
        )
        return answer

    async def log_in(self, *, body: Credentials, x_real_ip: str | None = None) -> Tokens:
        """Begin a session.

        Raises:
            AccountDisabled: The account is disabled.
            WrongCredentials: The address or the password is wrong.
            TooManyAttempts: There were too many attempts.
        """
        answer: Tokens = await self._call(
            "log_in",
            "POST",
            "/auth/login",
            {200: Tokens},
            {
                "/problems/account-disabled": AccountDisabled,
                "/problems/wrong-credentials": WrongCredentials,
                "/problems/too-many-attempts": TooManyAttempts,
            },
            headers={"X-Real-Ip": x_real_ip},
            body=body,
            safe=True,
        )
        return answer

    async def refresh_tokens(self, *, body: SessionToken) -> Tokens:
        """Continue a session.

        Raises:
            RefreshTokenRefused: The refresh token is not valid any more.
        """
        answer: Tokens = await self._call(
            "refresh_tokens",
            "POST",
            "/auth/refresh",
            {200: Tokens},
            {"/problems/refresh-token-refused": RefreshTokenRefused},
            body=body,
            safe=True,
        )
        return answer

    async def log_out(self, *, body: SessionToken, token: str | None = None) -> None:
        """End a session."""
        await self._call(
            "log_out",
            "POST",
            "/auth/logout",
            {204: None},
            {},
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )

    async def request_password_reset(self, *, body: ForgottenPassword, x_real_ip: str | None = None) -> None:
        """Ask for a link to choose another password.

        Raises:
            TooManyAttempts: There were too many attempts.
        """
        await self._call(
            "request_password_reset",
            "POST",
            "/auth/password/forgotten",
            {202: None},
            {"/problems/too-many-attempts": TooManyAttempts},
            headers={"X-Real-Ip": x_real_ip},
            body=body,
            safe=True,
        )

    async def reset_password(self, *, body: PasswordReset, x_real_ip: str | None = None) -> AccountReference:
        """Choose another password by the link of a mail.

        Raises:
            LinkRefused: The link is not valid any more.
            PasswordTooCommon: The password is one of the commonest.
        """
        answer: AccountReference = await self._call(
            "reset_password",
            "POST",
            "/auth/password/reset",
            {200: AccountReference},
            {"/problems/link-refused": LinkRefused, "/problems/password-too-common": PasswordTooCommon},
            headers={"X-Real-Ip": x_real_ip},
            body=body,
            safe=False,
        )
        return answer

    async def verify_email(self, *, body: LinkToken) -> None:
        """Verify an address by the link of a mail.

        Raises:
            EmailTaken: The address already has an account.
            LinkRefused: The link is not valid any more.
        """
        await self._call(
            "verify_email",
            "POST",
            "/auth/email/verify",
            {204: None},
            {"/problems/email-taken": EmailTaken, "/problems/link-refused": LinkRefused},
            body=body,
            safe=False,
        )

    async def list_addresses(self, *, token: str | None = None) -> SavedAddresses:
        """List one's saved addresses."""
        answer: SavedAddresses = await self._call(
            "list_addresses",
            "GET",
            "/auth/users/me/addresses",
            {200: SavedAddresses},
            {},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def save_address(self, *, body: DeliveryAddress, token: str | None = None) -> SavedAddress:
        """Save an address for other orders.

        Raises:
            AccountNotFound: There is no such account.
            TooManyAddresses: One of the saved addresses has to go first.
        """
        answer: SavedAddress = await self._call(
            "save_address",
            "POST",
            "/auth/users/me/addresses",
            {201: SavedAddress},
            {"/problems/account-not-found": AccountNotFound, "/problems/too-many-addresses": TooManyAddresses},
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def remove_address(self, *, address_id: UUID, token: str | None = None) -> None:
        """Remove a saved address.

        Raises:
            AddressNotFound: There is no such address.
        """
        await self._call(
            "remove_address",
            "DELETE",
            f"/auth/users/me/addresses/{address_id}",
            {204: None},
            {"/problems/address-not-found": AddressNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=False,
        )

    async def delete_own_account(
        self, *, body: AccountDeletion, x_real_ip: str | None = None, token: str | None = None
    ) -> None:
        """Delete one's own account.

        Raises:
            LastAdmin: The shop has no other admin.
            WrongPassword: The current password is wrong.
            TooManyAttempts: There were too many attempts.
        """
        await self._call(
            "delete_own_account",
            "POST",
            "/auth/users/me/delete",
            {204: None},
            {
                "/problems/last-admin": LastAdmin,
                "/problems/wrong-password": WrongPassword,
                "/problems/too-many-attempts": TooManyAttempts,
            },
            headers={"X-Real-Ip": x_real_ip, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )

    async def request_verification(self, *, x_real_ip: str | None = None, token: str | None = None) -> None:
        """Ask for another link to verify one's address.

        Raises:
            AccountNotFound: There is no such account.
            TooManyAttempts: There were too many attempts.
        """
        await self._call(
            "request_verification",
            "POST",
            "/auth/users/me/verification",
            {202: None},
            {"/problems/account-not-found": AccountNotFound, "/problems/too-many-attempts": TooManyAttempts},
            headers={"X-Real-Ip": x_real_ip, "Authorization": token and f"Bearer {token}"},
            safe=True,
        )

    async def change_own_email(
        self, *, body: EmailChange, x_real_ip: str | None = None, token: str | None = None
    ) -> None:
        """Ask for a link to change one's address.

        Raises:
            EmailTaken: The address already has an account.
            WrongPassword: The current password is wrong.
            TooManyAttempts: There were too many attempts.
        """
        await self._call(
            "change_own_email",
            "POST",
            "/auth/users/me/email",
            {202: None},
            {
                "/problems/email-taken": EmailTaken,
                "/problems/wrong-password": WrongPassword,
                "/problems/too-many-attempts": TooManyAttempts,
            },
            headers={"X-Real-Ip": x_real_ip, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )

    async def issue_link_token(self, *, link_id: UUID) -> LinkToken:
        """Get a token for one copy of a link's mail.

        Raises:
            LinkNotFound: There is no such link any more.
        """
        answer: LinkToken = await self._call(
            "issue_link_token",
            "POST",
            f"/auth/links/{link_id}/token",
            {200: LinkToken},
            {"/problems/link-not-found": LinkNotFound},
            safe=True,
        )
        return answer

    async def get_own_account(self, *, token: str | None = None) -> Account:
        """Read one's own account.

        Raises:
            AccountNotFound: There is no such account.
        """
        answer: Account = await self._call(
            "get_own_account",
            "GET",
            "/auth/users/me",
            {200: Account},
            {"/problems/account-not-found": AccountNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def change_own_password(
        self, *, body: PasswordChange, x_real_ip: str | None = None, token: str | None = None
    ) -> None:
        """Change one's own password.

        Raises:
            PasswordTooCommon: The password is one of the commonest.
            WrongPassword: The current password is wrong.
            TooManyAttempts: There were too many attempts.
        """
        await self._call(
            "change_own_password",
            "POST",
            "/auth/users/me/password",
            {204: None},
            {
                "/problems/password-too-common": PasswordTooCommon,
                "/problems/wrong-password": WrongPassword,
                "/problems/too-many-attempts": TooManyAttempts,
            },
            headers={"X-Real-Ip": x_real_ip, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )

    async def list_accounts(
        self,
        *,
        email_prefix: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        token: str | None = None,
    ) -> AccountPage:
        """Find accounts by the beginning of their address."""
        answer: AccountPage = await self._call(
            "list_accounts",
            "GET",
            "/auth/users",
            {200: AccountPage},
            {},
            query={"email_prefix": email_prefix, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def open_account(self, *, body: AccountRegistration, token: str | None = None) -> Account:
        """Open an account with a role.

        Raises:
            EmailTaken: The address already has an account.
            PasswordTooCommon: The password is one of the commonest.
        """
        answer: Account = await self._call(
            "open_account",
            "POST",
            "/auth/users",
            {201: Account},
            {"/problems/email-taken": EmailTaken, "/problems/password-too-common": PasswordTooCommon},
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def disable_account(self, *, user_id: UUID, token: str | None = None) -> Account:
        """Keep somebody from coming in.

        Raises:
            AccountNotFound: There is no such account.
            LastAdmin: The shop has no other admin.
            OwnAccount: Nobody disables their own account.
        """
        answer: Account = await self._call(
            "disable_account",
            "POST",
            f"/auth/users/{user_id}/disable",
            {200: Account},
            {
                "/problems/account-not-found": AccountNotFound,
                "/problems/last-admin": LastAdmin,
                "/problems/own-account": OwnAccount,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def enable_account(self, *, user_id: UUID, token: str | None = None) -> Account:
        """Let somebody come in again.

        Raises:
            AccountNotFound: There is no such account.
        """
        answer: Account = await self._call(
            "enable_account",
            "POST",
            f"/auth/users/{user_id}/enable",
            {200: Account},
            {"/problems/account-not-found": AccountNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def log_out_account(self, *, user_id: UUID, token: str | None = None) -> None:
        """End all sessions of an account.

        Raises:
            AccountNotFound: There is no such account.
        """
        await self._call(
            "log_out_account",
            "POST",
            f"/auth/users/{user_id}/logout",
            {204: None},
            {"/problems/account-not-found": AccountNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )

    async def get_keys(self) -> KeySet:
        """Read the public keys that verify access tokens."""
        answer: KeySet = await self._call(
            "get_keys", "GET", "/auth/.well-known/jwks.json", {200: KeySet}, {}, safe=True
        )
        return answer

    async def get_auth_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call("get_auth_health", "GET", "/auth/health", {200: Health}, {}, safe=True)
        return answer

    async def get_auth_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_auth_readiness", "GET", "/auth/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_auth_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call("get_auth_info", "GET", "/auth/v1/_info", {200: Info}, {}, safe=True)
        return answer
