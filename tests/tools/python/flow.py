"""The whole flow, from an empty shelf to a refund, through what openapi-python-client makes of the shop's contract.

It asks for the address of the gateway and prints what became of its two orders and what was refused.
"""

import asyncio
import json
import os
import sys
from typing import TypeVar
from uuid import uuid4

from shop_client import AuthenticatedClient, Client
from shop_client.api.auth import get_own_account, log_in, log_out, refresh_tokens, register_shopper
from shop_client.api.cart import add_line, get_cart
from shop_client.api.catalog import add_product, get_stock, list_products, restock_products
from shop_client.api.notifications import list_notifications
from shop_client.api.order import cancel_order, check_out, get_order, list_orders
from shop_client.api.payment import list_payments, succeed_payment
from shop_client.api.shipping import deliver_shipment, dispatch_shipment, list_shipments
from shop_client.models import (
    Account,
    Cart,
    CheckOut,
    Credentials,
    LineAddition,
    NotificationPage,
    Order,
    OrderPage,
    OrderStatus,
    Payment,
    PaymentPage,
    PaymentStatus,
    PlacedOrder,
    Problem,
    Product,
    ProductDraft,
    ProductPage,
    Registration,
    Restock,
    RestockLine,
    SessionToken,
    Shipment,
    ShipmentStatus,
    Stock,
    StockList,
    SuccessfulAttempt,
    Tokens,
)

from chassis.testing.eventually import eventually

T = TypeVar("T")
GATEWAY = sys.argv[1]
MARK = uuid4().hex[:12]
HOME = CheckOut(address_line1="12 Quay Street", city="Galway", country="IE", postcode="H91 XY00")
ASHA = Credentials(email=f"asha-{MARK}@example.com", password="a long walk by the quay")
visitor = Client(GATEWAY, raise_on_unexpected_status=True)


def expect(kind: type[T], answer: object) -> T:
    """What was answered, which has to be of this type."""
    assert isinstance(answer, kind), answer
    return answer


async def logged_in(credentials: Credentials) -> tuple[AuthenticatedClient, Tokens]:
    tokens = expect(Tokens, await log_in.asyncio(client=visitor, body=credentials))
    return AuthenticatedClient(GATEWAY, tokens.access_token, raise_on_unexpected_status=True), tokens


async def offered() -> tuple[AuthenticatedClient, Product]:
    """The admin at work, and a lamp that has just been put on the shelf, with five pieces."""
    admin, _ = await logged_in(Credentials(email=os.environ["ADMIN_EMAIL"], password=os.environ["ADMIN_PASSWORD"]))
    new = ProductDraft(title=f"Walnut desk lamp {MARK}", price_cents=12999, currency="EUR", sku=f"LAMP-{MARK}")
    lamp = expect(Product, await add_product.asyncio(client=admin, body=new))
    operator = admin.with_headers({"X-Internal-Key": os.environ["OPERATOR_KEY"]})
    delivery = Restock(items=[RestockLine(product_id=lamp.id, qty=5)])
    expect(StockList, await restock_products.asyncio(client=operator, body=delivery))
    return admin, lamp


async def bought(asha: AuthenticatedClient, lamp: Product) -> PlacedOrder:
    """Put two lamps in the cart, check out and pay; the parcel is ready when this returns."""
    cart = expect(Cart, await add_line.asyncio(client=asha, body=LineAddition(product_id=lamp.id, qty=2)))
    assert cart.total_cents == 25998
    key = str(uuid4())
    placed = expect(PlacedOrder, await check_out.asyncio(client=asha, body=HOME, idempotency_key=key))
    assert placed == await check_out.asyncio(client=asha, body=HOME, idempotency_key=key)
    due = SuccessfulAttempt(order_id=placed.order_id, amount_cents=placed.total_cents, currency=placed.currency)
    paid = expect(Payment, await succeed_payment.asyncio(client=asha, body=due))
    assert paid.status is PaymentStatus("SUCCEEDED")
    await eventually(lambda: is_(asha, placed, OrderStatus("PAID")), within=30)
    await eventually(lambda: is_parcel(asha, placed, ShipmentStatus("READY_TO_SHIP")), within=30)
    return placed


async def is_(asha: AuthenticatedClient, placed: PlacedOrder, status: OrderStatus) -> bool:
    return expect(Order, await get_order.asyncio(placed.order_id, client=asha)).status is status


async def is_parcel(asha: AuthenticatedClient, placed: PlacedOrder, status: ShipmentStatus) -> bool:
    return (await parcel_of(asha, placed)).status is status


async def parcel_of(asha: AuthenticatedClient, placed: PlacedOrder) -> Shipment:
    (parcel,) = expect(list, await list_shipments.asyncio(client=asha, order_id=placed.order_id))
    return expect(Shipment, parcel)


async def main() -> None:
    refused: dict[str, str] = {}
    wrong = expect(Problem, await log_in.asyncio(client=visitor, body=ASHA))
    refused["no such account"] = wrong.type_

    admin, offer = await offered()
    registration = Registration(email=ASHA.email, password=ASHA.password)
    account = expect(Account, await register_shopper.asyncio(client=visitor, body=registration))
    asha, tokens = await logged_in(ASHA)
    assert expect(Account, await get_own_account.asyncio(client=asha)) == account

    page = expect(ProductPage, await list_products.asyncio(client=asha, q=MARK))
    (lamp,) = page.items
    assert (lamp.id, lamp.title, lamp.available) == (offer.id, offer.title, 5)
    empty = expect(Problem, await check_out.asyncio(client=asha, body=HOME))
    refused["empty cart"] = empty.type_
    dear = await add_line.asyncio(client=asha, body=LineAddition(product_id=uuid4(), qty=1))
    refused["unknown product"] = expect(Problem, dear).type_

    kept = await bought(asha, lamp)
    parcel = await parcel_of(asha, kept)
    expect(Shipment, await dispatch_shipment.asyncio(parcel.id, client=admin))
    expect(Shipment, await deliver_shipment.asyncio(parcel.id, client=admin))
    late = expect(Problem, await cancel_order.asyncio(kept.order_id, client=asha))
    refused["parcel gone"] = late.type_

    async def is_empty() -> bool:
        return not expect(Cart, await get_cart.asyncio(client=asha)).items

    await eventually(is_empty, within=30)
    cancelled = await bought(asha, lamp)
    expect(Order, await cancel_order.asyncio(cancelled.order_id, client=asha))
    await eventually(lambda: is_(asha, cancelled, OrderStatus("REFUNDED")), within=30)
    payments = expect(PaymentPage, await list_payments.asyncio(client=asha, order_id=cancelled.order_id))
    assert [payment.status for payment in payments.items] == [PaymentStatus("REFUNDED")]
    orders = expect(OrderPage, await list_orders.asyncio(client=asha, limit=1))
    assert ([order.id for order in orders.items], type(orders.next_cursor)) == ([cancelled.order_id], str)
    news = expect(NotificationPage, await list_notifications.asyncio(client=asha, order_id=cancelled.order_id))
    assert news.items
    stock = expect(Stock, await get_stock.asyncio(lamp.id, client=admin))
    assert stock.available == 3

    renewed = expect(Tokens, await refresh_tokens.asyncio(client=visitor, body=SessionToken(tokens.refresh_token)))
    left = await log_out.asyncio_detailed(client=asha, body=SessionToken(renewed.refresh_token))
    assert left.status_code == 204
    print(json.dumps({"kept": str(kept.order_id), "cancelled": str(cancelled.order_id), "refused": refused}))


asyncio.run(main())
