"""Shipping is, and says, what others expect."""

from uuid import UUID

from chassis.testing.deliveries import deliver
from generated.events import PaymentSucceededData, payment_succeeded
from generated.models.shipping import Dispatch
from services import CONTRACTS_FOLDER
from services.money import Money
from services.shipping.application import ShipmentService
from services.shipping.clients import AnPostCarrier
from services.shipping.domain import Recipient
from services.shipping.handlers import ShippingHandlers
from tests.accounts import ASHA

CONTRACT = CONTRACTS_FOLDER / "shipping.yaml"

QUAY = Recipient(ASHA.id, ASHA.email, "12 Quay Street", None, "Galway", "IE", "H91 XY00")


async def test_shipping_honours_its_pacts(
    verify_provider, empty_database_for, database, unit_of_work, shipments, subscribers
):
    handlers = ShippingHandlers(ShipmentService(shipments, unit_of_work, AnPostCarrier()))
    order = parcel = UUID(int=0)

    async def nothing():
        empty_database_for("shipping")

    async def drafted(order_id):
        nonlocal order, parcel
        await nothing()
        order = UUID(order_id)
        async with unit_of_work() as work:
            shipment = await work.shipments.lock_or_create(order)
            shipment.draft(QUAY, Money(25998, "EUR"))
            await work.shipments.save(shipment)
        parcel = shipment.id

    async def cancelled(order_id):
        await nothing()
        async with unit_of_work() as work:
            shipment = await work.shipments.lock_or_create(UUID(order_id))
            shipment.cancel()
            await work.shipments.save(shipment)

    async def left(order_id):
        await drafted(order_id)
        await dispatch()

    async def make_ready():
        money = PaymentSucceededData(amount_cents=25998, currency="EUR", provider="mock", payment_id=UUID(int=7))
        paid = payment_succeeded(order_id=order, user_id=ASHA.id, user_email=ASHA.email, data=money)
        await deliver(subscribers, paid.event)

    async def dispatch():
        await make_ready()
        await handlers.dispatch_shipment(parcel)

    async def correct():
        await dispatch()
        await handlers.correct_shipment(parcel, Dispatch(carrier="DPD", tracking_number="DPD-42"))

    async def deliver_shipment():
        await dispatch()
        await handlers.deliver_shipment(parcel)

    await verify_provider(
        CONTRACT,
        handlers,
        headers=ASHA.headers,
        states={
            "there is no parcel": nothing,
            "a parcel is drafted": drafted,
            "a parcel has left": left,
            "an order was cancelled": cancelled,
        },
        events={
            "shipping.ready": make_ready,
            "shipping.dispatched": dispatch,
            "shipping.corrected": correct,
            "shipping.delivered": deliver_shipment,
        },
        outbox=database,
    )
