"""Order is, and says, what others expect."""

from uuid import UUID

from chassis.events.dead_letter_table import DeadLetterTable
from chassis.web.idempotency import IdempotencyKeyStore
from generated.states import OrderStatus
from services import CONTRACTS_FOLDER
from services.order.handlers import OrderHandlers
from services.order.tests.conftest import LAMP, lamps

CONTRACT = CONTRACTS_FOLDER / "order.yaml"


async def test_order_honours_its_pacts(
    verify_provider,
    empty_database_for,
    database,
    unit_of_work,
    orders,
    order,
    carts,
    checkout,
    cancellation,
    reduction,
    timeline,
):
    async def nothing():
        empty_database_for("order")
        carts.clear()

    async def lamps_to_order(user_id):
        await nothing()
        carts.put(UUID(user_id), lamps())

    async def begun(order_id):
        empty_database_for("order")
        order.id, order.status = UUID(order_id), OrderStatus.PENDING
        async with unit_of_work() as work:
            await work.orders.add(order)

    async def waiting(order_id):
        await begun(order_id)
        await checkout.finish(await orders.find(UUID(order_id)))

    async def cancelled(order_id):
        await waiting(order_id)
        await cancellation.request(UUID(order_id))

    async def place():
        await waiting(str(order.id))

    async def cancel():
        await cancellation.request(order.id)

    async def reduce():
        await begun(str(order.id))
        order.status = OrderStatus.PAID
        async with unit_of_work() as work:
            await work.orders.save(order)
        await reduction.cancel_items(order.id, {LAMP: 1})

    handlers = OrderHandlers(orders, checkout, cancellation, reduction, timeline)
    await verify_provider(
        CONTRACT,
        handlers,
        dead_letters=DeadLetterTable(database),
        states={
            "there is no order": nothing,
            "an order waits for its payment": waiting,
            "an order was cancelled": cancelled,
            "a shopper has two lamps to order": lamps_to_order,
        },
        events={"order.created": place, "order.cancelled": cancel, "order.reduced": reduce},
        outbox=database,
        idempotency=IdempotencyKeyStore(database),
    )
