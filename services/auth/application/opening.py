"""Opening an account, by whoever may."""

from uuid_utils.compat import uuid7

from services.auth import outgoing_events
from services.auth.domain import Account, Link, LinkPurpose, Role, canonical_email
from services.auth.errors import EmailTaken
from services.auth.ports import UnitOfWork


async def open_account(work: UnitOfWork, email: str, role: Role, password_hash: str) -> Account:
    """Open it, and ask whose its address is. Raises: EmailTaken."""
    account = await work.accounts.create(uuid7(), canonical_email(email), role, password_hash)
    if account is None:
        raise EmailTaken
    link = Link(uuid7(), account.id, LinkPurpose.VERIFY_EMAIL, account.email)
    await work.links.add(link)
    await work.publish(outgoing_events.verification_requested_event(link))
    return account
