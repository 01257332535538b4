"""Shipping is, and says, what others expect."""

from uuid import UUID

from chassis.events.dead_letter_table import DeadLetterTable
from chassis.testing.deliveries import deliver
from generated.events import PaymentSucceededData, payment_succeeded
from generated.models.shipping import Dispatch
from services import CONTRACTS_FOLDER
from services.money import Money
from services.shipping.application import ShipmentService
from services.shipping.clients import AnPostCarrier
from services.shipping.domain import Item, Recipient, Shipment
from services.shipping.handlers import ShippingHandlers
from tests.accounts import ASHA

CONTRACT = CONTRACTS_FOLDER / "shipping.yaml"

PARCEL, LAMP = UUID(int=3), UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001")
QUAY = Recipient(ASHA.id, ASHA.email, "12 Quay Street", None, "Galway", "IE", "H91 XY00")


async def test_shipping_honours_its_pacts(
    verify_provider, empty_database_for, database, unit_of_work, shipments, subscribers
):
    handlers = ShippingHandlers(ShipmentService(shipments, unit_of_work, AnPostCarrier()))
    order = parcel = PARCEL

    async def nothing():
        empty_database_for("shipping")

    async def drafted(order_id, shipment_id=str(PARCEL)):
        nonlocal order, parcel
        await nothing()
        order, parcel = UUID(order_id), UUID(shipment_id)
        shipment = Shipment(parcel, order)
        shipment.draft(QUAY, Money(25998, "EUR"), [Item(LAMP, "Walnut desk lamp", 2)])
        async with unit_of_work() as work:
            await work.shipments.save(shipment)

    async def packed(order_id):
        await drafted(order_id)
        await make_ready()
        async with unit_of_work() as work:
            shipment = await work.shipments.lock_or_create(order)
            shipment.items = [Item(LAMP, "Walnut desk lamp", 2)]
            await work.shipments.save(shipment)

    async def cancelled(order_id):
        await nothing()
        async with unit_of_work() as work:
            shipment = await work.shipments.lock_or_create(UUID(order_id))
            shipment.cancel()
            await work.shipments.save(shipment)

    async def ready(order_id, shipment_id=str(PARCEL)):
        await drafted(order_id, shipment_id)
        await make_ready()

    async def left(order_id, shipment_id=str(PARCEL)):
        await drafted(order_id, shipment_id)
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
        dead_letters=DeadLetterTable(database),
        states={
            "there is no parcel": nothing,
            "a parcel is drafted": drafted,
            "a parcel is ready": ready,
            "a parcel has two lamps in it": packed,
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
