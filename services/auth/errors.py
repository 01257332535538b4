"""What the auth service can refuse, and why."""

from math import ceil

from services.errors import HandledError


class EmailTaken(Exception):
    """The address already has an account."""


class PasswordTooCommon(Exception):
    """The password is one of the commonest."""


class WrongCredentials(Exception):
    """The address or the password is wrong."""


class WrongPassword(Exception):
    """The current password is wrong."""


class RefreshTokenRefused(Exception):
    """The refresh token is not valid any more."""


class LinkRefused(Exception):
    """The link is not valid any more."""


class LinkNotFound(Exception):
    """There is no such link any more."""


class AccountNotFound(Exception):
    """There is no such account."""


class AddressNotFound(Exception):
    """There is no such address."""


class TooManyAddresses(Exception):
    """One of the saved addresses has to go first."""


class AccountDisabled(Exception):
    """The account is disabled."""


class OwnAccount(Exception):
    """Nobody disables their own account."""


class LastAdmin(Exception):
    """The shop has no other admin."""


class TooManyAttempts(Exception):
    """There were too many attempts."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(max(ceil(seconds), 1))}


class NoAttemptLeft(HandledError):
    """Somebody has to wait; nothing is reserved."""
