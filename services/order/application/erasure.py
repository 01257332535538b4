"""What is kept of a shopper whose account was deleted."""

from uuid import UUID

from chassis.events.delivery import Delivery
from services.order.ports import UnitOfWork, UnitOfWorkFactory


class AccountErasure:
    def __init__(self, unit_of_work: UnitOfWorkFactory) -> None:
        self._unit_of_work = unit_of_work

    async def schedule(self, user_id: UUID, delivery: Delivery) -> None:
        """Have the address for mails erased from the shopper's orders, once nothing is to be told of them any more.

        Lines, amounts and where the parcel went are kept for the books.
        """

        async def schedule(work: UnitOfWork) -> None:
            await work.deleted_accounts.add(user_id)

        await self._unit_of_work.run_for_delivery(delivery, schedule)
