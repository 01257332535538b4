"""What the auth service tells others, made from what happened here. No event holds a secret: see decision 0049."""

from chassis.events.outbox import OutgoingEvent
from generated import events
from services.auth.domain import Account, Link


def verification_requested_event(link: Link) -> OutgoingEvent:
    return events.verification_requested(
        user_id=link.account_id, user_email=link.email, data=events.VerificationRequestedData(link_id=link.id)
    )


def password_forgotten_event(link: Link) -> OutgoingEvent:
    return events.password_forgotten(
        user_id=link.account_id, user_email=link.email, data=events.PasswordForgottenData(link_id=link.id)
    )


def email_requested_event(account: Account, link: Link) -> OutgoingEvent:
    """To the address that the account has; the link was mailed to the other one."""
    return events.email_requested(
        user_id=account.id, user_email=account.email, data=events.EmailRequestedData(link_id=link.id)
    )


def account_deleted_event(account: Account) -> OutgoingEvent:
    return events.account_deleted(
        user_id=account.id,
        user_email=account.email,
        data=events.AccountDeletedData(email_verified=account.verified_at is not None),
    )
