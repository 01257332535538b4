"""What the auth service is told by its environment."""

from dataclasses import dataclass

from chassis.runtime.settings import Secret
from services import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    """Failures are counted for 15 minutes, registrations and mails for an hour."""

    database_url: Secret
    failures_per_account_and_address: int = 10
    # From all addresses from which the account was never used, together; a tenth of them slows already.
    failures_per_account_anywhere: int = 1_000
    # Many households and offices have one address between them, and so have all test shoppers of one machine.
    failures_per_address: int = 1_000
    registrations_per_address: int = 5_000
    # Of mails that anybody may ask for, whoever has the mailbox, in an hour: accounts that are opened, forgotten
    # passwords, other addresses (decision 0060).
    mails_per_recipient: int = 5
    mails_per_address: int = 1_000
    # Two tabs that wake up together, and a client that lost the answer and asks again, are back within seconds.
    refresh_leeway_seconds: float = 10.0
