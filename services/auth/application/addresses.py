"""Where parcels of a shopper may go: a few addresses that need not be typed again."""

from uuid import UUID

from uuid_utils.compat import uuid7

from chassis.web.problems import Forbidden
from services.auth.domain import MAX_ADDRESSES, Address, SavedAddress
from services.auth.errors import AccountNotFound, AddressNotFound, TooManyAddresses
from services.auth.ports import AddressRepository, UnitOfWork, UnitOfWorkFactory


class AddressBook:
    def __init__(self, addresses: AddressRepository, unit_of_work: UnitOfWorkFactory) -> None:
        self._addresses, self._unit_of_work = addresses, unit_of_work

    async def list_by_account(self, account_id: UUID) -> list[SavedAddress]:
        """What the account has saved, the last one saved first."""
        return await self._addresses.list_by_account(account_id)

    async def save(self, account_id: UUID, address: Address) -> SavedAddress:
        """Save an address; one that is saved already stays as it is.

        Raises: AccountNotFound, TooManyAddresses, Forbidden.
        """
        async with self._unit_of_work() as work:
            if not await _lock_enabled(work, account_id):  # so that two at once are counted one after the other
                raise AccountNotFound
            known = await work.addresses.list_by_account(account_id)
            for saved in known:
                if saved.address == address:
                    return saved
            if len(known) >= MAX_ADDRESSES:
                raise TooManyAddresses
            saved = SavedAddress(uuid7(), address)
            await work.addresses.add(account_id, saved)
        return saved

    async def remove(self, account_id: UUID, address_id: UUID) -> None:
        """Raises: AddressNotFound, Forbidden."""
        async with self._unit_of_work() as work:
            await _lock_enabled(work, account_id)
            if not await work.addresses.remove(account_id, address_id):
                raise AddressNotFound


async def _lock_enabled(work: UnitOfWork, account_id: UUID) -> bool:
    """Whether there is such an account.

    Raises: Forbidden, if it is disabled: an access token outlives that for minutes.
    """
    account = await work.accounts.lock(account_id)
    if account and account.disabled_at:
        raise Forbidden
    return account is not None
