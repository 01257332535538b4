"""From a cart to an order that is paid, and what its page says."""

import asyncio
import re

import pytest

from services.storefront.tests.conftest import ORIGIN, csrf_of, field_of, sign_in
from services.storefront.tests.neighbours import ADDRESS, ADDRESS_ID, LAMP, MUG, ORDER, ORDER_ID, SHIPMENT, problem

CHECKOUT = "/order/v1/orders/checkout"
PAY = "/payment/v1/payments/mock-succeed"
FAIL = "/payment/v1/payments/mock-fail"
ELSEWHERE = {"address_line1": "3 Harbour Row", "city": "Cork", "country": "IE", "postcode": "T12 AB34"}
STATES = {
    "waits": ({"status": "CREATED"}, None, "PENDING_PAYMENT", "Your order waits for its payment"),
    "paid": ({"status": "PAID"}, "SUCCEEDED", "READY_TO_SHIP", "Thank you, your order is paid"),
    "paid, and order has not heard": ({"status": "CREATED"}, "SUCCEEDED", "PENDING_PAYMENT", "Thank you, your order"),
    "on its way": ({"status": "PAID"}, "SUCCEEDED", "DISPATCHED", "Your parcel is on its way"),
    "delivered": ({"status": "PAID"}, "SUCCEEDED", "DELIVERED", "Your parcel has arrived"),
    "cancelled": ({"status": "CANCELLED", "cancel_reason": "requested"}, "VOIDED", "CANCELLED", "as you asked"),
    "too late": ({"status": "CANCELLED", "cancel_reason": "not-paid-in-time"}, "VOIDED", "CANCELLED", "paid in time"),
    "paid back": ({"status": "REFUNDED", "cancel_reason": "requested"}, "REFUNDED", "CANCELLED", "is paid back"),
    "sent back": ({"status": "REFUNDED", "cancel_reason": None}, "REFUNDED", "DELIVERED", "You sent everything back"),
    "pending": ({"status": "PENDING"}, None, None, "Your order is being placed"),
    "rejected": ({"status": "REJECTED", "cancel_reason": "rejected"}, None, None, "came to nothing"),
}  # fmt: skip
AT_REST = {"delivered", "cancelled", "too late", "paid back", "sent back", "rejected"}


@pytest.fixture
async def shopper(client, neighbours):
    """A client of somebody who has signed in, with two lamps in the cart."""
    await sign_in(client)
    neighbours._put(LAMP, 2)
    return client


@pytest.fixture
async def buyer(shopper, neighbours):
    """A client of somebody whose order waits for its payment."""
    neighbours.orders, neighbours.shipments = [ORDER], [SHIPMENT]
    return shopper


async def place(client, page=None, **form):
    page = page or await client.get("/checkout")
    form = {"csrf": csrf_of(page), "key": field_of(page, "key"), **(form or ELSEWHERE)}
    return await client.post("/checkout", data=form, headers=ORIGIN)


async def pay(client, page=None, outcome="paid"):
    page = page or await client.get(f"/orders/{ORDER_ID}/pay")
    names = ("csrf", "key", "amount_cents", "currency")
    form = {**{name: field_of(page, name) for name in names}, "outcome": outcome}
    return await client.post(f"/orders/{ORDER_ID}/pay", data=form, headers=ORIGIN)


@pytest.mark.parametrize("path", ["/checkout", f"/orders/{ORDER_ID}", f"/orders/{ORDER_ID}/pay"])
async def test_whoever_has_not_signed_in_does_so_and_comes_back(client, path):
    page = await client.get(path)

    assert page.status_code == 401
    assert f'name="then" value="{path}"' in page.text


async def test_the_checkout_shows_the_sum_and_the_saved_addresses(shopper):
    page = await shopper.get("/checkout")

    assert page.status_code == 200
    assert "€259.98" in page.text
    assert "12 Quay Street, Galway H91 XY00, Ireland" in page.text
    assert '<option value="IE" selected>Ireland</option>' in page.text


async def test_countries_are_named_in_the_visitors_language(shopper):
    page = await shopper.get("/checkout", headers={"accept-language": "de"})

    assert '<option value="IE" selected>Irland</option>' in page.text


async def test_an_order_to_a_saved_address_leads_to_its_payment(shopper, neighbours):
    answer = await place(shopper, address_id=ADDRESS_ID, country="DE")

    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{ORDER_ID}/pay")
    assert neighbours.called(CHECKOUT)[0]["body"] == ADDRESS
    assert 'class="count"' not in (await shopper.get("/")).text


@pytest.mark.parametrize(("save", "saved"), [({"save": "true"}, 2), ({}, 1)], ids=["kept", "not kept"])
async def test_an_order_goes_to_an_address_that_is_typed(shopper, neighbours, save, saved):
    answer = await place(shopper, **ELSEWHERE, **save, address_id="", address_line2="")

    assert answer.status_code == 303
    assert neighbours.called(CHECKOUT)[0]["body"] == ELSEWHERE
    assert len(neighbours.addresses) == saved


@pytest.mark.parametrize("answer", [problem(409, "too-many-addresses"), None], ids=["as many as can be", "auth away"])
async def test_an_order_does_not_fail_for_its_address_that_is_not_kept(shopper, neighbours, answer):
    page = await shopper.get("/checkout")
    neighbours.responses["POST /auth/users/me/addresses"] = answer

    assert (await place(shopper, page, **ELSEWHERE, save="true")).status_code == 303


async def test_one_orders_though_saved_addresses_cannot_be_asked_for(shopper, neighbours):
    neighbours.responses["GET /auth/users/me/addresses"] = None

    assert (await place(shopper)).status_code == 303


async def test_what_is_wrong_with_an_address_stands_at_its_field(shopper, neighbours):
    answer = await place(shopper, **{**ELSEWHERE, "city": " "})

    assert answer.status_code == 400
    assert 'id="city-error"' in answer.text
    assert 'aria-describedby="city-error" aria-invalid="true"' in answer.text
    assert 'value="3 Harbour Row"' in answer.text
    assert neighbours.orders == []


async def test_what_the_form_itself_does_not_take_stands_at_its_field(shopper, neighbours):
    answer = await place(shopper, **{**ELSEWHERE, "postcode": "T12_AB34"})

    assert answer.status_code == 400
    assert "Letters, digits, blanks and hyphens only" in answer.text
    assert neighbours.called(CHECKOUT) == []


@pytest.mark.parametrize("typed", ["address_line1", "address_line2", "city", "postcode"])
async def test_an_address_that_is_typed_beside_a_saved_one_is_not_passed_over(shopper, neighbours, typed):
    answer = await place(shopper, address_id=ADDRESS_ID, country="DE", **{typed: "Cork"})

    assert answer.status_code == 400
    assert "one is filled in below" in answer.text.split('id="address_id-error"')[1].split("</p>")[0]
    assert f'name="{typed}" type="text" value="Cork"' in answer.text
    assert neighbours.called(CHECKOUT) == []


async def test_an_address_that_was_removed_meanwhile_is_told(shopper, neighbours):
    page = await shopper.get("/checkout")
    neighbours.addresses = [{**neighbours.addresses[0], "id": MUG["id"]}]

    answer = await place(shopper, page, address_id=ADDRESS_ID)

    assert answer.status_code == 400
    assert "This address is not saved any more" in answer.text


async def test_a_form_sent_twice_is_one_order(shopper, neighbours):
    page = await shopper.get("/checkout")

    answers = [await place(shopper, page) for _ in range(2)]
    neighbours.cart = {}  # as cart has heard of the order
    answers.append(await place(shopper, page))  # by the back button

    assert {answer.headers["location"] for answer in answers} == {f"/orders/{ORDER_ID}/pay"}
    assert len(neighbours.orders) == 1


async def test_two_tabs_lead_to_one_order_though_the_cart_is_empty_by_then(shopper, neighbours):
    tabs = await asyncio.gather(*(shopper.get("/checkout") for _ in range(2)))
    await place(shopper, tabs[0])
    neighbours.cart = {}

    answer = await place(shopper, tabs[1])

    assert answer.headers["location"] == f"/orders/{ORDER_ID}/pay"
    assert len(neighbours.orders) == 1


async def test_another_tab_with_another_address_makes_no_second_order(shopper, neighbours):
    tabs = [await shopper.get("/checkout") for _ in range(2)]
    await place(shopper, tabs[0])
    neighbours.cart = {}

    answer = await place(shopper, tabs[1], address_id=ADDRESS_ID)

    assert answer.status_code == 409
    assert "is among your orders" in answer.text
    assert len(neighbours.orders) == 1


async def test_another_cart_is_another_order(shopper, neighbours):
    first = await shopper.get("/checkout")
    neighbours._put(LAMP, 1)
    second = await shopper.get("/checkout")

    assert field_of(first, "key") != field_of(second, "key")


async def test_what_was_refused_can_be_tried_again(shopper, neighbours):
    page = await shopper.get("/checkout")
    neighbours.responses[CHECKOUT] = problem(409, "out-of-stock")
    refused = await place(shopper, page)
    del neighbours.responses[CHECKOUT]

    assert refused.status_code == 409
    assert "Somebody was quicker" in refused.text
    assert field_of(refused, "key") != field_of(page, "key")
    assert (await place(shopper, refused)).status_code == 303


@pytest.mark.parametrize(
    ("slug", "status", "sentence"),
    [
        ("cart-is-empty", 409, "There is nothing to order."),
        ("product-unavailable", 409, "One of the products is not sold any more."),
        ("too-many-unpaid-orders", 409, "Please pay or cancel them first."),
        ("checkout-given-up", 409, "Please place the order once more."),
        ("email-not-verified", 403, "Please follow the link in the mail"),
    ],
)
async def test_why_nothing_was_ordered_is_told_with_what_was_typed(shopper, neighbours, slug, status, sentence):
    neighbours.responses[CHECKOUT] = problem(status, slug)

    answer = await place(shopper)

    assert answer.status_code == status
    assert sentence in answer.text
    assert 'value="3 Harbour Row"' in answer.text


async def test_an_order_that_there_is_already_is_named(shopper, neighbours):
    neighbours.responses[CHECKOUT] = problem(409, "order-exists", order_id=ORDER_ID)

    answer = await place(shopper)

    assert answer.status_code == 409
    assert f'<a href="/orders/{ORDER_ID}">See that order</a>' in answer.text


async def test_while_order_is_away_what_was_typed_is_kept(shopper, neighbours):
    neighbours.responses[CHECKOUT] = None

    answer = await place(shopper)

    assert answer.status_code == 503
    assert 'name="address_line1" value="3 Harbour Row"' in answer.text
    assert 'name="key"' in answer.text


CHANGED = problem(
    409,
    "price-changed",
    lines=[{
        "product_id": LAMP["id"], "title": LAMP["title"], "old_price_cents": 12999, "new_price_cents": 14999,
        "old_currency": "EUR", "new_currency": "EUR",
    }],
)  # fmt: skip


async def new_price_form(client, neighbours):
    neighbours.responses[CHECKOUT] = CHANGED
    page = await place(client)
    del neighbours.responses[CHECKOUT]
    neighbours.products = [{**LAMP, "price_cents": 14999}]
    assert "Walnut desk lamp: it was €129.99 and is now €149.99 each." in page.text
    names = ("csrf", "line_id", "product_id")
    return {name: field_of(page, name) for name in names}


async def test_a_price_that_has_changed_is_taken_before_anything_is_ordered(shopper, neighbours):
    form = await new_price_form(shopper, neighbours)

    answer = await shopper.post("/cart/price", data=form, headers=ORIGIN)

    assert (answer.status_code, answer.headers["location"]) == (303, "/checkout")
    [line] = neighbours.cart.values()
    assert (line["qty"], line["unit_price_cents"]) == (2, 14999)
    assert neighbours.orders == []


async def test_a_new_price_that_is_taken_twice_is_taken_once(shopper, neighbours):
    form = await new_price_form(shopper, neighbours)

    await asyncio.gather(*(shopper.post("/cart/price", data=form, headers=ORIGIN) for _ in range(3)))

    [line] = neighbours.cart.values()
    assert (line["qty"], line["unit_price_cents"]) == (2, 14999)


async def test_a_new_price_whose_answer_was_lost_is_taken_by_the_same_form(shopper, neighbours):
    form = await new_price_form(shopper, neighbours)
    path = f"/cart/v1/cart/items/{form['product_id']}/price"
    neighbours.responses[path] = None
    away = await shopper.post("/cart/price", data=form, headers=ORIGIN)
    assert (away.status_code, [line["qty"] for line in neighbours.cart.values()]) == (503, [2])
    del neighbours.responses[path]

    await shopper.post("/cart/price", data={**form, "csrf": csrf_of(away)}, headers=ORIGIN)

    assert [(line["qty"], line["unit_price_cents"]) for line in neighbours.cart.values()] == [(2, 14999)]


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [("product-unavailable", "One of the products is not sold any more."), ("currency-mix", "Another currency")],
)
async def test_a_product_that_is_not_to_be_had_at_a_new_price_stays_in_the_cart(shopper, neighbours, slug, sentence):
    form = await new_price_form(shopper, neighbours)
    neighbours.responses[f"/cart/v1/cart/items/{form['product_id']}/price"] = problem(409, slug)
    before = dict(neighbours.cart)

    answer = await shopper.post("/cart/price", data=form, headers=ORIGIN)

    assert (answer.status_code, neighbours.cart) == (409, before)
    assert sentence in answer.text


async def test_a_product_that_was_taken_out_meanwhile_has_no_new_price(shopper, neighbours):
    form = await new_price_form(shopper, neighbours)
    neighbours.cart = {}

    answer = await shopper.post("/cart/price", data=form, headers=ORIGIN)

    assert (answer.status_code, neighbours.cart) == (303, {})


# Paying.


async def test_a_payment_says_how_much_and_until_when(buyer):
    page = await buyer.get(f"/orders/{ORDER_ID}/pay")

    assert page.status_code == 200
    assert "Pay €259.98" in page.text
    assert '<time class="strong" datetime="2026-01-05T12:15:00+00:00">5 Jan 2026, 12:15</time>' in page.text


async def test_paying_leads_to_the_order(buyer, neighbours):
    answer = await pay(buyer)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/{ORDER_ID}")
    assert neighbours.called(PAY)[0]["body"] == {"order_id": ORDER_ID, "amount_cents": 25998, "currency": "EUR"}
    page = await buyer.get(f"/orders/{ORDER_ID}")
    assert "Pay now" not in page.text  # though order has not heard of it yet


async def test_paying_twice_leads_to_the_order_twice(buyer):
    page = await buyer.get(f"/orders/{ORDER_ID}/pay")

    answers = await asyncio.gather(*(pay(buyer, page) for _ in range(2)))

    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, f"/orders/{ORDER_ID}")}


async def test_a_refused_payment_says_why_and_can_be_tried_again(buyer, neighbours):
    page = await buyer.get(f"/orders/{ORDER_ID}/pay")

    answers = [await pay(buyer, page, outcome="expired_card") for _ in range(2)]
    again = await buyer.get(answers[0].headers["location"])

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(neighbours.payment["failures"]) == 1
    assert "The payment was refused: the card has expired" in again.text
    assert (await pay(buyer, again)).headers["location"] == f"/orders/{ORDER_ID}"


@pytest.mark.parametrize(
    ("called", "outcome", "slug", "sentence"),
    [
        (PAY, "paid", "amount-differs", "The order asks for another amount than this page showed."),
        (PAY, "paid", "order-not-payable", "The order cannot be paid"),
        (FAIL, "card_declined", "too-many-failures", "There were too many attempts to pay for this order."),
    ],
)
async def test_why_a_payment_was_not_made_is_told(buyer, neighbours, called, outcome, slug, sentence):
    neighbours.responses[called] = problem(409, slug)

    answer = await pay(buyer, outcome=outcome)

    assert answer.status_code == 409
    assert sentence in answer.text


async def test_an_order_that_is_paid_has_nothing_to_pay(buyer, neighbours):
    neighbours.orders = [{**ORDER, "status": "PAID"}]

    page = await buyer.get(f"/orders/{ORDER_ID}/pay")

    assert "There is nothing to pay" in page.text
    assert 'name="outcome"' not in page.text


async def test_an_order_of_somebody_else_is_not_there(buyer, neighbours):
    page = await buyer.get(f"/orders/{ORDER_ID}/pay")
    neighbours.orders = []
    neighbours.responses[PAY] = problem(404, "order-not-found")

    answers = [
        await pay(buyer, page),
        await buyer.get(f"/orders/{ORDER_ID}"),
        await buyer.get(f"/orders/{ORDER_ID}/pay"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 3


# The order's page.


@pytest.mark.parametrize("name", STATES)
async def test_an_order_says_where_it_stands(buyer, neighbours, name):
    order, payment, shipment, headline = STATES[name]
    neighbours.orders = [{**ORDER, **order}]
    neighbours.payment = {**neighbours._unpaid(), "status": payment} if payment else None
    neighbours.shipments = [{**SHIPMENT, "status": shipment}] if shipment else []

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert page.status_code == 200
    assert headline in page.text
    assert ("live." in page.text) is (name not in AT_REST)
    assert ("Look again" in page.text) is (name not in AT_REST)
    assert (f"/orders/{ORDER_ID}/pay" in page.text) is (name == "waits")
    assert (f"/orders/{ORDER_ID}/cancel" in page.text) is (name in ("waits", "paid", "paid, and order has not heard"))


async def test_an_order_shows_what_it_is_of_and_where_it_goes(buyer):
    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert "€129.99</span>" in page.text
    assert "12 Quay Street, Galway H91 XY00, Ireland" in page.text
    assert "http://pictures.test/lamp.webp" in page.text
    assert "5 Jan 2026, 12:15" in page.text


async def test_a_parcel_on_its_way_has_its_number(buyer, neighbours):
    neighbours.shipments = [
        {**SHIPMENT, "status": "DISPATCHED", "carrier": "An Post", "tracking_number": "AP123456789IE"}
    ]

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert "An Post" in page.text
    assert "AP123456789IE" in page.text


async def test_a_deadline_that_has_passed_is_told(buyer, clock):
    clock.pass_(minutes=20)

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert "The time to pay has passed" in page.text


HAPPENINGS = [
    ({"source": "order", "kind": "order.created", "amount_cents": 25998, "currency": "EUR"}, "Order placed"),
    ({"source": "notifications", "kind": "mail.sent", "mail": "order.created"}, "Mail sent: we have your order"),
    ({"source": "payment", "kind": "payment.failed", "code": "expired_card", "reason": "No"}, "the card has expired"),
    ({"source": "payment", "kind": "payment.failed", "code": "e51", "reason": "No"}, "the card was declined"),
    ({"source": "payment", "kind": "payment.succeeded", "amount_cents": 25998, "currency": "EUR"}, "Paid: €259.98"),
    ({"source": "shipping", "kind": "shipping.ready"}, "Ready to be packed"),
    (
        {"source": "shipping", "kind": "shipping.dispatched", "carrier": "An Post", "tracking_number": "AP1IE"},
        "Handed to An Post as AP1IE",
    ),
    (
        {"source": "shipping", "kind": "shipping.corrected", "carrier": "DHL", "tracking_number": "D1"},
        "it went with DHL as D1",
    ),
    ({"source": "shipping", "kind": "shipping.delivered"}, "Delivered"),
    ({"source": "order", "kind": "order.cancelled", "reason": "requested"}, "Cancelled, as you asked"),
    ({"source": "order", "kind": "order.reduced", "amount_cents": 12999, "currency": "EUR"}, "the order: €129.99"),
    ({"source": "payment", "kind": "payment.refunded", "amount_cents": 25998, "currency": "EUR"}, "Paid back: €259.98"),
]


@pytest.mark.parametrize(("entry", "sentence"), HAPPENINGS, ids=[entry["kind"] for entry, _ in HAPPENINGS])
async def test_whatever_happened_has_its_sentence(buyer, neighbours, entry, sentence):
    neighbours.timeline = [{"happened_at": "2026-01-05T12:00:00Z", **entry}]

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert sentence in page.text


async def test_what_happened_last_comes_first(buyer, neighbours):
    neighbours.timeline = [{"happened_at": f"2026-01-05T12:0{n}:00Z", **HAPPENINGS[n][0]} for n in range(2)]

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert page.text.index("Mail sent") < page.text.index("Order placed")


async def test_an_order_is_shown_without_what_is_away(buyer, neighbours):
    for path in ("/shipping/v1/shipments", "/payment/v1/payments", "/catalog/v1/products/"):
        neighbours.responses[path] = None
    neighbours.responses[f"/order/v1/orders/{ORDER_ID}/timeline"] = (
        200,
        {"items": [], "missing_sources": ["notifications"], "next_cursor": None},
    )

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert page.status_code == 200
    assert "The warehouse cannot be asked right now." in page.text
    assert "Which mails were sent cannot be asked right now." in page.text


async def test_an_order_is_not_shown_while_order_is_away(buyer, neighbours):
    neighbours.responses[f"/order/v1/orders/{ORDER_ID}"] = None

    page = await buyer.get(f"/orders/{ORDER_ID}")

    assert page.status_code == 503


async def test_the_script_of_an_order_is_a_file_of_the_shop(buyer, client):
    page = await buyer.get(f"/orders/{ORDER_ID}")
    path = re.search(r'<script src="([^"]*/live[^"]*)"', page.text)[1]

    script = await client.get(path)

    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    assert page.text.count("<script") == 2  # it, and that of the search
