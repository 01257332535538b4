"""What happens in the demo: Asha buys two lamps, changes her mind about a third, and Bram buys many mugs."""

import time
from datetime import UTC, datetime
from uuid import UUID

from chassis.testing.eventually import eventually
from demo.console import Console
from features.shop.mailbox import Mail, subject_of
from features.shop.money import PRICE
from features.shop.shop_client import ShopClient
from features.shop.shopper import Shopper
from generated.clients.payment import OrderNotPayable
from generated.models.order import OrderStatus
from generated.models.payment import AttemptStatus, PaymentStatus
from generated.models.shipping import Shipment, ShipmentStatus
from services.money import Money

LAMP = "Walnut desk lamp"
MUG, MUG_PRICE = "Stoneware mug", Money(1400, "EUR")
QUICK_ORDERS = 20


class UnexpectedResult(Exception):
    """Something is not as it should be."""


class Scenario:
    def __init__(self, shop: ShopClient, console: Console) -> None:
        self._shop, self._console, self._asha = shop, console, shop.shopper("Asha")
        self.checkouts: list[float] = []  # seconds
        self.payments_to_mails: list[float] = []  # seconds

    async def buy_until_delivered(self) -> None:
        """From an empty shelf to a parcel at the door."""
        asha, step = self._asha, self._console.step
        self._console.heading("Asha buys two lamps")
        with step(f"The admin offers the {LAMP} at {PRICE}, 5 in stock"):
            offered = await self._shop.admin.offer(LAMP, PRICE, 5, "Warm light from a turned walnut stem.")
        with step(f"Asha registers as {asha.email}"):
            await asha.register()
        with step("Asha logs in"):
            await asha.log_in()
        with step("Asha browses the catalog and finds the lamp"):
            found = await self._shop.gateway.catalog.list_products(q="desk lamp", limit=100)
            lamp = next(product for product in found.items if product.id == offered.id)
        with step("Asha puts two of them in her cart") as asides:
            cart = await asha.add_to_cart(lamp, 2)
            asides.append(f"2 x {PRICE} = {Money(cart.total_cents, str(cart.currency))}")
        with step("Asha checks out to 12 Quay Street, Galway") as asides:
            placed = await asha.check_out()
            asides.append(f"order {placed.order_id}, to be paid by {placed.pay_by:%H:%M:%S} UTC")
        with step("The lamps are set aside: 3 are still for sale"):
            stock = await self._shop.admin.get_stock(lamp)
            _expect(stock.available == 3, stock)
        await self._mailed("order is confirmed")
        with step(f"Asha pays {asha.amount_due}"):
            await asha.pay()
        with step("Her order is paid, and her parcel ready to ship"):
            await self._order_comes_to(OrderStatus.PAID)
            await self._parcel_comes_to(ShipmentStatus.READY_TO_SHIP)
        await self._mailed("payment arrived")
        await self._mailed("parcel is ready")
        with step("The warehouse dispatches her parcel") as asides:
            parcel = await self._shop.warehouse.dispatch(asha.order_id)
            asides.append(f"{parcel.carrier}, tracking number {parcel.tracking_number}")
        await self._mailed("parcel is on its way")
        with step("The parcel is at the door"):
            await self._shop.warehouse.deliver(asha.order_id)
        await self._mailed("parcel has arrived")

    async def cancel_paid_order(self) -> None:
        """A paid order is cancelled, and the money comes back."""
        asha, step = self._asha, self._console.step
        self._console.heading("Encore: Asha changes her mind")
        with step("Asha orders one more lamp and pays for it"):
            lamp = await self._shop.admin.offer(LAMP, PRICE, 1)
            await asha.add_to_cart(lamp)
            await asha.check_out()
            await asha.pay()
            await self._parcel_comes_to(ShipmentStatus.READY_TO_SHIP)
        with step("Asha cancels it, in time"):
            await asha.cancel()
        with step("She is refunded, the parcel stays, the lamp is for sale again"):
            await self._order_comes_to(OrderStatus.REFUNDED)
            await self._parcel_comes_to(ShipmentStatus.CANCELLED)

            async def for_sale_again() -> bool:
                return (await self._shop.admin.get_stock(lamp)).available == 1

            await eventually(for_sale_again)
        await self._mailed("order is cancelled")
        await self._mailed("money is refunded")

    async def pay_unsure_provider(self) -> None:
        """A payment whose answer is lost ends paid once, and one that never arrived is cancelled with its order."""
        asha, step = self._asha, self._console.step
        self._console.heading("The payment provider is unsure")
        with step("Asha orders two more lamps, one by one"):
            lamp = await self._shop.admin.offer(LAMP, PRICE, 2)
            await asha.add_to_cart(lamp)
            await asha.check_out()
        with step("She pays, and the answer of the provider is lost") as asides:
            attempt = await asha.attempt_payment("mock_answer_lost")
            _expect(attempt.status is AttemptStatus.UNDECIDED, attempt)
            asides.append(f"the attempt is {attempt.status.value}, her payment {attempt.payment_status}: nobody knows")
        with step("The shop looks it up at the provider, which has taken the money; the order is paid"):
            await self._order_comes_to(OrderStatus.PAID)
        with step("It is paid once, and not again"):
            payments = await asha.list_payments()
            _expect([payment.status for payment in payments] == [PaymentStatus.SUCCEEDED], payments)
            try:
                again = await asha.attempt_payment("mock_succeeds")
            except OrderNotPayable:
                pass
            else:
                raise UnexpectedResult(f"paid again: {again}")
        await self._mailed("payment arrived")
        with step("She pays for the second one, and the provider never hears of it") as asides:
            await asha.add_to_cart(lamp)
            await asha.check_out()
            attempt = await asha.attempt_payment("mock_request_lost")
            asides.append(f"her payment is {attempt.payment_status}")
        with step("She cancels: the provider is told to take no money any more, and the order is cancelled"):
            await asha.cancel()
            await self._order_comes_to(OrderStatus.CANCELLED)
            (payment,) = await asha.list_payments()
            _expect(payment.status is PaymentStatus.VOIDED, payment)
        await self._mailed("order is cancelled")

    async def order_many(self) -> None:
        """Many small orders, each timed from the payment to the mail about it."""
        self._console.heading("How quick it is")
        with self._console.step(f"Bram buys {QUICK_ORDERS} mugs, one by one"):
            mug = await self._shop.admin.offer(MUG, MUG_PRICE, QUICK_ORDERS)
            bram = await self._shop.new_shopper("Bram")
            for _ in range(QUICK_ORDERS):
                await bram.add_to_cart(mug)
                began = time.perf_counter()
                await bram.check_out()
                self.checkouts.append(time.perf_counter() - began)
                await bram.wait_for_mail_about("order is confirmed")  # or that mail would be what is timed
                paid_at = datetime.now(UTC)
                await bram.pay()
                mail = await bram.wait_for_mail_about("payment arrived")
                self.payments_to_mails.append((mail.arrived_at - paid_at).total_seconds())
                await eventually(lambda: _is_empty(bram))

    async def list_mails(self) -> list[Mail]:
        """All that Asha was told."""
        return await self._asha.list_mails()

    async def _mailed(self, news: str) -> None:
        with self._console.step(f'E-mail: "{subject_of(news, self._asha.order_id)}"'):
            await self._asha.wait_for_mail_about(news)

    async def _order_comes_to(self, status: OrderStatus) -> UUID:
        async def is_so() -> UUID:
            order = await self._asha.get_order()
            assert order.status is status, order  # noqa: S101  # what `eventually` waits for
            return order.id

        return await eventually(is_so)

    async def _parcel_comes_to(self, status: ShipmentStatus) -> Shipment:
        async def is_so() -> Shipment:
            (parcel,) = await self._asha.list_shipments()
            assert parcel.status is status, parcel  # noqa: S101  # what `eventually` waits for
            return parcel

        return await eventually(is_so)


async def _is_empty(shopper: Shopper) -> bool:
    return not (await shopper.get_cart()).items


def _expect(truth: bool, seen: object) -> None:
    if not truth:
        raise UnexpectedResult(f"seen was {seen}")
