"""The back office: for admins alone, and every page of it made of what the real neighbours' contracts say."""

import asyncio

import pytest

from services.storefront.domain import Account, Session
from services.storefront.tests.conftest import ORIGIN, csrf_of, field_of, sign_in
from services.storefront.tests.neighbours import IMAGE, LAMP, problem
from services.storefront.tests.office import ADMIN, BRAM, FAILED_MAIL, LETTER, ORDER, PARCEL, OfficeNeighbours

PARCEL_PAGE, ORDER_PAGE = f"/admin/parcels/{PARCEL['id']}", f"/admin/orders/{ORDER['id']}"
PRODUCT_PAGE, ACCOUNTS_PAGE = f"/admin/products/{LAMP['id']}", "/admin/accounts"
LETTERS_PAGE = "/admin/dead-letters"
LETTER_PAGE = f"{LETTERS_PAGE}/order/{LETTER['id']}"
BRAMS = f"{ACCOUNTS_PAGE}/{BRAM['id']}"
PAGES = [
    "/admin", "/admin/parcels", PARCEL_PAGE, "/admin/orders", ORDER_PAGE, "/admin/products", "/admin/add-product",
    PRODUCT_PAGE, ACCOUNTS_PAGE, "/admin/mails", LETTER_PAGE,
]  # fmt: skip
SURE = {"sure": "true"}
LEFT = {"carrier": "An Post", "tracking_number": "AP123456789IE"}
BRUSH = {"title": "Heather brush", "price": "14.5", "currency": "EUR", "sku": "BRUSH", "category_id": ""}
PNG = b"\x89PNG\r\n\x1a\n\x00\xff"
MIB = 1024 * 1024


@pytest.fixture
async def neighbours():
    neighbours = OfficeNeighbours()
    server = await asyncio.start_server(neighbours.serve, "127.0.0.1", limit=10 * MIB)
    neighbours.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield neighbours
    server.close()


@pytest.fixture
async def admin(client):
    await sign_in(client)
    return client


def changes(neighbours):
    """What was asked of others that changes something, but for signing in."""
    return [
        (request["method"], request["path"])
        for request in neighbours.requests
        if request["method"] != "GET" and not request["path"].startswith("/auth/log")
    ]


async def send(client, page, path, **form):
    """Send a form of a page."""
    shown = await client.get(page)
    assert f'action="{path}"' in shown.text
    return await client.post(path, data={"csrf": csrf_of(shown), **form}, headers=ORIGIN)


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_shown_to_an_admin(admin, path):
    page = await admin.get(path)

    assert page.status_code == 200, page.text
    assert "Signed in as warehouse@example.com" in page.text
    assert page.text.count("<h1") == 1
    assert len(page.content) < 100_000


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_in_german_too(admin, path):
    page = await admin.get(path, headers={"Accept-Language": "de"})

    assert page.status_code == 200
    assert "Angemeldet als warehouse@example.com" in page.text


@pytest.mark.parametrize("path", PAGES)
async def test_nobody_is_asked_to_sign_in_and_comes_back(client, path):
    page = await client.get(path)

    assert page.status_code == 401
    assert f'name="then" value="{path}"' in page.text


@pytest.mark.parametrize("path", PAGES)
async def test_a_customer_is_told_that_it_is_not_for_them(client, neighbours, path):
    neighbours.account = {**ADMIN, "role": "customer"}
    await sign_in(client)
    asked = len(neighbours.requests)

    page = await client.get(path)

    assert page.status_code == 403
    assert len(neighbours.requests) == asked


async def test_only_an_admin_finds_the_way_from_the_shop(client, neighbours):
    await sign_in(client)
    assert 'href="/admin"' in (await client.get("/")).text

    neighbours.account = {**ADMIN, "role": "customer"}
    await sign_in(client)
    assert 'href="/admin"' not in (await client.get("/")).text


async def test_today_says_what_there_is_to_do(admin, neighbours):
    page = await admin.get("/admin")

    assert "5 January 2026" in page.text
    assert "Oldest waits since 5 Jan 2026, 11:01" in page.text
    assert "Only 2 left" in page.text
    assert "€259.98" in page.text
    asked = [request["query"] for request in neighbours.called("/order/v1/admin/orders")]
    assert {"created_from": "2026-01-05T00:00:00Z", "limit": "100"} in asked


AWAY = [
    "/order/v1/admin/orders", "/shipping/v1/admin/shipments", "/notifications/v1/admin/notifications",
    "/catalog/v1/products/",
]  # fmt: skip


@pytest.mark.parametrize("path", AWAY)
async def test_today_goes_without_a_service_that_is_away(admin, neighbours, path):
    neighbours.responses[path] = problem(503, "unavailable")

    page = await admin.get("/admin")

    assert page.status_code == 200
    assert "cannot be asked" in page.text


async def test_a_hundred_parcels_are_said_to_be_a_hundred_or_more(admin, neighbours):
    listed = {**PARCEL, "user_email": BRAM["email"], "created_at": "2026-01-05T11:01:00Z"}
    neighbours.responses["/shipping/v1/admin/shipments"] = 200, {"items": [listed] * 100, "next_cursor": "abc"}

    assert "100 or more" in (await admin.get("/admin")).text


async def test_a_parcel_is_dispatched_corrected_and_delivered(admin, neighbours):
    answer = await send(admin, PARCEL_PAGE, f"{PARCEL_PAGE}/dispatch", **LEFT)
    assert (answer.status_code, answer.headers["location"]) == (303, PARCEL_PAGE)
    assert (neighbours.parcel["status"], neighbours.parcel["tracking_number"]) == ("DISPATCHED", "AP123456789IE")

    corrected = {**LEFT, "tracking_number": "AP000000001IE"}
    assert (await send(admin, PARCEL_PAGE, f"{PARCEL_PAGE}/correct", **corrected)).status_code == 303
    assert neighbours.parcel["tracking_number"] == "AP000000001IE"

    assert (await send(admin, PARCEL_PAGE, f"{PARCEL_PAGE}/deliver", **SURE)).status_code == 303
    assert neighbours.parcel["status"] == "DELIVERED"
    assert "<form" not in (await admin.get(PARCEL_PAGE)).text.partition("<main")[2].partition("</main")[0]


async def test_a_number_that_is_none_is_refused_at_its_field(admin, neighbours):
    page = await send(admin, PARCEL_PAGE, f"{PARCEL_PAGE}/dispatch", carrier="DPD", tracking_number="no. 5")

    assert page.status_code == 400
    assert 'id="tracking_number-error"' in page.text
    assert 'value="DPD"' in page.text
    assert changes(neighbours) == []


SURE_FORMS = {
    "cancelling": (ORDER_PAGE, f"{ORDER_PAGE}/cancel"),
    "removing a picture": (PRODUCT_PAGE, f"{PRODUCT_PAGE}/pictures/{IMAGE['id']}/remove"),
}


@pytest.mark.parametrize(("page", "path"), SURE_FORMS.values(), ids=SURE_FORMS)
async def test_what_cannot_be_taken_back_is_asked_for_twice(admin, neighbours, page, path):
    refused = await send(admin, page, path)

    assert refused.status_code == 400
    assert "Please say that you are sure" in refused.text
    assert changes(neighbours) == []
    assert (await send(admin, page, path, **SURE)).status_code == 303
    assert len(changes(neighbours)) == 1


async def test_an_arrival_is_asked_for_twice(admin, neighbours):
    neighbours.parcel |= {"status": "DISPATCHED", **LEFT}

    refused = await send(admin, PARCEL_PAGE, f"{PARCEL_PAGE}/deliver")

    assert (refused.status_code, neighbours.parcel["status"]) == (400, "DISPATCHED")


async def test_a_parcel_says_what_goes_into_it_while_order_is_away(admin, neighbours):
    neighbours.responses[f"/order/v1/orders/{ORDER['id']}"] = problem(503, "unavailable")

    page = await admin.get(PARCEL_PAGE)

    assert page.status_code == 200
    assert LAMP["title"] in page.text


@pytest.mark.parametrize("is_away", [False, True], ids=["order is there", "order is away"])
async def test_what_goes_into_an_old_parcel_is_asked_of_order(admin, neighbours, is_away):
    del neighbours.parcel["items"]
    if is_away:
        neighbours.responses[f"/order/v1/orders/{ORDER['id']}"] = problem(503, "unavailable")

    page = await admin.get(PARCEL_PAGE)

    assert page.status_code == 200
    assert (LAMP["title"] in page.text) is not is_away
    assert ("Order cannot be asked right now." in page.text) is is_away


async def test_a_parcel_that_somebody_else_dispatched_meanwhile_is_shown_as_it_is(admin, neighbours):
    shown = await admin.get(PARCEL_PAGE)
    neighbours.parcel |= {"status": "DISPATCHED", "carrier": "DPD", "tracking_number": "DPD-1"}

    page = await admin.post(f"{PARCEL_PAGE}/dispatch", data={"csrf": csrf_of(shown), **LEFT}, headers=ORIGIN)

    assert page.status_code == 409
    assert "The parcel is not in a state for this" in page.text
    assert neighbours.parcel["tracking_number"] == "DPD-1"


@pytest.mark.parametrize("status", ["DISPATCHED", "DELIVERED"])
async def test_parcels_are_listed_by_their_state(admin, neighbours, status):
    neighbours.parcel["status"] = status

    assert BRAM["email"] in (await admin.get("/admin/parcels", params={"status": status})).text
    assert BRAM["email"] not in (await admin.get("/admin/parcels")).text


async def test_orders_are_found_by_state_address_and_days(admin, neighbours):
    asked = {"status": "PAID", "email": "bram@example.com", "since": "2026-01-05", "until": "2026-01-05"}
    neighbours.next_page = "abc"

    page = await admin.get("/admin/orders", params=asked)

    assert ORDER_PAGE in page.text
    (request,) = neighbours.called("/order/v1/admin/orders")
    assert request["query"] == {
        "status": "PAID", "email": "bram@example.com", "created_from": "2026-01-05T00:00:00Z",
        "created_before": "2026-01-06T00:00:00Z", "limit": "25",
    }  # fmt: skip
    assert "until=2026-01-05&amp;cursor=abc" in page.text


async def test_a_search_with_nothing_in_it_shows_all_orders(admin, neighbours):
    page = await admin.get("/admin/orders", params={"email": "", "since": "", "until": ""})

    assert page.status_code == 200
    assert neighbours.called("/order/v1/admin/orders")[0]["query"] == {"limit": "25"}


@pytest.mark.parametrize("day", ["2026-02-30", "9999-12-31", "yesterday"])
async def test_a_day_that_there_is_not_is_an_address_that_is_not_right(admin, neighbours, day):
    page = await admin.get("/admin/orders", params={"until": day})

    assert page.status_code == 400
    assert neighbours.called("/order/v1/admin/orders") == []


async def test_an_order_shows_all_that_is_known_of_it(admin):
    page = await admin.get(ORDER_PAGE)

    assert "Order placed, stock set aside" in page.text
    assert PARCEL_PAGE in page.text
    assert "Parcel being packed" in page.text
    assert "12 Quay Street" in page.text


@pytest.mark.parametrize("path", ["/shipping/v1/shipments", "/payment/v1/payments", "/notifications/v1/notifications"])
async def test_an_order_is_shown_without_a_service_that_is_away(admin, neighbours, path):
    neighbours.responses[path] = problem(503, "unavailable")

    page = await admin.get(ORDER_PAGE)

    assert page.status_code == 200
    assert "cannot be asked" in page.text


async def test_an_order_whose_parcel_has_left_is_not_cancelled(admin, neighbours):
    neighbours.parcel["status"] = "DISPATCHED"

    page = await send(admin, ORDER_PAGE, f"{ORDER_PAGE}/cancel", **SURE)

    assert (page.status_code, neighbours.order["status"]) == (409, "PAID")
    assert "The parcel has left" in page.text


async def test_products_are_listed_by_whether_they_are_for_sale(admin):
    assert "Heather brush" in (await admin.get("/admin/products")).text
    assert "Heather brush" not in (await admin.get("/admin/products", params={"active": "true"})).text
    off_sale = await admin.get("/admin/products", params={"active": "false", "q": ""})
    assert "Heather brush" in off_sale.text
    assert "Walnut desk lamp" not in off_sale.text


@pytest.mark.parametrize(
    ("price", "currency", "cents"), [("14,5", "EUR", 1450), ("1400", "JPY", 1400), ("0", "EUR", 0)]
)
async def test_a_product_is_added(admin, neighbours, price, currency, cents):
    shown = await admin.get("/admin/add-product")
    form = {**BRUSH, "csrf": csrf_of(shown), "price": price, "currency": currency}

    first = await admin.post("/admin/add-product", data=form, headers=ORIGIN)
    second = await admin.post("/admin/add-product", data=form, headers=ORIGIN)

    assert (first.status_code, first.headers["location"]) == (303, PRODUCT_PAGE)
    assert second.status_code == 303
    added = [one for one in neighbours.called("/catalog/v1/products/") if one["method"] == "POST"]
    assert added[0]["body"]["price_cents"] == cents
    assert added[0]["body"]["active"] is False
    assert len({one["headers"]["idempotency-key"] for one in added}) == 1


WRONG_PRODUCTS = {
    "no title": ({"title": " "}, 400, "title"),
    "a price in words": ({"price": "ten"}, 400, "price"),
    "more decimals than yen have": ({"price": "10.50", "currency": "JPY"}, 400, "price"),
    "no currency": ({"currency": "ABC"}, 400, "currency"),
    "a number that is taken": ({"sku": "TAKEN"}, 409, "sku"),
}


@pytest.mark.parametrize("path", [PRODUCT_PAGE, "/admin/add-product"], ids=["changed", "added"])
@pytest.mark.parametrize(("said", "status", "field"), WRONG_PRODUCTS.values(), ids=WRONG_PRODUCTS)
async def test_a_product_that_is_not_right_is_refused_at_its_field(admin, neighbours, path, said, status, field):

    page = await send(admin, path, path, **{**BRUSH, **said})

    assert page.status_code == status
    assert f'id="{field}-error"' in page.text
    assert neighbours.lamp == LAMP


async def test_a_product_is_changed(admin, neighbours):
    answer = await send(admin, PRODUCT_PAGE, PRODUCT_PAGE, **{**BRUSH, "description": "Soft."})

    assert (answer.status_code, answer.headers["location"]) == (303, PRODUCT_PAGE)
    assert neighbours.lamp["price_cents"] == 1450
    assert (neighbours.lamp["category_id"], neighbours.lamp["active"]) == (None, True)
    assert 'value="14.50"' in (await admin.get(PRODUCT_PAGE)).text


async def test_a_product_is_taken_off_sale_and_put_on_sale(admin, neighbours):
    await send(admin, PRODUCT_PAGE, f"{PRODUCT_PAGE}/sale", active="false")
    assert neighbours.lamp["active"] is False
    assert "Not for sale" in (await admin.get(PRODUCT_PAGE)).text

    await send(admin, PRODUCT_PAGE, f"{PRODUCT_PAGE}/sale", active="true")
    assert neighbours.lamp == LAMP


async def upload(client, content, **form):
    shown = await client.get(PRODUCT_PAGE)
    files = {"picture": ("lamp.png", content, "image/png")}
    return await client.post(
        f"{PRODUCT_PAGE}/pictures", data={"csrf": csrf_of(shown), **form}, files=files, headers=ORIGIN
    )


async def test_a_picture_is_handed_on_as_it_is(admin, neighbours):
    answer = await upload(admin, PNG, alt="Eine Lampe für dich")

    assert (answer.status_code, answer.headers["location"]) == (303, PRODUCT_PAGE)
    ((kind, body),) = neighbours.uploads
    boundary = kind.removeprefix("multipart/form-data; boundary=").encode()
    image, alt, end = body.split(b"--" + boundary)[1:]
    assert image.startswith(b'\r\nContent-Disposition: form-data; name="image"; filename="image"')
    assert image.endswith(b"\r\n\r\n" + PNG + b"\r\n")
    assert alt == '\r\nContent-Disposition: form-data; name="alt"\r\n\r\nEine Lampe für dich\r\n'.encode()
    assert end == b"--\r\n"


async def test_what_is_no_picture_is_refused_at_its_field_and_what_was_typed_is_kept(admin, neighbours):
    page = await upload(admin, b"no picture", alt="A lamp")

    assert (page.status_code, neighbours.uploads) == (409, [])
    assert 'id="picture-error"' in page.text
    assert 'value="A lamp"' in page.text


async def test_a_picture_of_five_mebibytes_is_taken_and_no_larger_one(admin, neighbours):
    assert (await upload(admin, b"x" * 5 * MIB)).status_code == 303
    assert (await upload(admin, b"x" * (5 * MIB + 1))).status_code == 413
    assert (await upload(admin, b"x" * 6 * MIB)).status_code == 413

    assert len(neighbours.uploads) == 1


async def test_a_picture_without_the_token_of_the_session_is_not_handed_on(admin, neighbours):
    page = await upload(admin, PNG, csrf="of-another-session")

    assert (page.status_code, neighbours.uploads) == (403, [])


async def test_a_text_in_the_place_of_a_picture_is_no_picture(admin, neighbours):
    shown = await admin.get(PRODUCT_PAGE)
    files = {"csrf": (None, csrf_of(shown)), "picture": (None, "text")}

    page = await admin.post(f"{PRODUCT_PAGE}/pictures", files=files, headers=ORIGIN)

    assert (page.status_code, neighbours.uploads) == (400, [])


async def test_while_catalog_is_away_a_picture_is_asked_for_again(admin, neighbours):
    neighbours.responses[f"POST /catalog/v1/products/{LAMP['id']}/images"] = None

    page = await upload(admin, PNG)

    assert page.status_code == 503
    assert "choose it once more" in page.text
    assert f'href="{PRODUCT_PAGE}"' in page.text


async def test_a_picture_that_is_removed_is_gone_and_a_repeat_says_so(admin, neighbours):
    path = f"{PRODUCT_PAGE}/pictures/{IMAGE['id']}/remove"
    shown = await admin.get(PRODUCT_PAGE)
    form = {"csrf": csrf_of(shown), **SURE}

    assert (await admin.post(path, data=form, headers=ORIGIN)).status_code == 303
    again = await admin.post(path, data=form, headers=ORIGIN)

    assert again.status_code == 404
    assert "The picture is gone" in again.text
    assert neighbours.images == []


STOCK_FORMS = {
    "arrival": ("arrivals", {"arrived": "20"}, 25, None),
    "correction downwards": ("corrections", {"change": "-2", "reason": "Broken in the storeroom"}, 3, "Broken in"),
}


@pytest.mark.parametrize(("what", "said", "in_stock", "reason"), STOCK_FORMS.values(), ids=STOCK_FORMS)
async def test_stock_is_changed_once_however_often_a_form_is_sent(admin, neighbours, what, said, in_stock, reason):
    shown = await admin.get(PRODUCT_PAGE)
    form = {"csrf": csrf_of(shown), "key": field_of(shown, "key"), **said}

    for _time in range(2):
        answer = await admin.post(f"{PRODUCT_PAGE}/{what}", data=form, headers=ORIGIN)
        assert answer.status_code == 303

    assert neighbours.stock["in_stock"] == in_stock
    assert (reason or "Arrived") in (await admin.get(PRODUCT_PAGE)).text


async def test_a_form_that_was_gone_back_to_and_changed_counts_again(admin, neighbours):
    shown = await admin.get(PRODUCT_PAGE)
    form = {"csrf": csrf_of(shown), "key": field_of(shown, "key")}

    for arrived in ("20", "30"):
        answer = await admin.post(f"{PRODUCT_PAGE}/arrivals", data={**form, "arrived": arrived}, headers=ORIGIN)
        assert answer.status_code == 303

    assert neighbours.stock["in_stock"] == 55


async def test_stock_is_not_corrected_below_what_is_set_aside(admin, neighbours):
    page = await send(admin, PRODUCT_PAGE, f"{PRODUCT_PAGE}/corrections", key="one", change="-3", reason="Gone")

    assert page.status_code == 409
    assert 'id="change-error"' in page.text
    assert (neighbours.stock["in_stock"], neighbours.movements) == (5, [])


@pytest.mark.parametrize(
    ("what", "said", "field"),
    [("arrivals", {"arrived": "0"}, "arrived"), ("corrections", {"change": "-1", "reason": " "}, "reason"),
     ("corrections", {"change": "some", "reason": "Gone"}, "change")],
)  # fmt: skip
async def test_a_change_of_stock_that_is_not_right_is_refused_at_its_field(admin, neighbours, what, said, field):
    page = await send(admin, PRODUCT_PAGE, f"{PRODUCT_PAGE}/{what}", key="one", **said)

    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert changes(neighbours) == []


async def test_accounts_are_found_by_the_beginning_of_their_address(admin):
    page = await admin.get(ACCOUNTS_PAGE, params={"email_prefix": "br"})

    assert BRAM["email"] in page.text
    assert 'name="then" value="/admin/accounts?email_prefix=br"' in page.text


async def sessions_of_bram(store):
    session = Session("bram's", "token", Account(*(BRAM[name] for name in ("id", "email", "role"))))
    await store.add(session)
    return session


@pytest.mark.parametrize("what", ["disable", "end-sessions"])
async def test_whoever_is_kept_out_is_signed_out_of_the_shop_too(admin, neighbours, store, what):
    session = await sessions_of_bram(store)

    answer = await send(admin, ACCOUNTS_PAGE, f"{BRAMS}/{what}", then="/admin/accounts?email_prefix=bram")

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/accounts?email_prefix=bram")
    assert await store.find(session.id) is None
    assert neighbours.bram["disabled"] is (what == "disable")
    assert (await admin.get("/admin")).status_code == 200


async def test_a_disabled_account_is_let_in_again(admin, neighbours):
    neighbours.bram["disabled"] = True

    answer = await send(admin, ACCOUNTS_PAGE, f"{BRAMS}/enable")

    assert (answer.status_code, answer.headers["location"]) == (303, ACCOUNTS_PAGE)
    assert neighbours.bram["disabled"] is False


async def test_nobody_disables_their_own_account(admin):
    shown, own = await admin.get(ACCOUNTS_PAGE), f"{ACCOUNTS_PAGE}/{ADMIN['id']}/disable"
    assert own not in shown.text

    page = await admin.post(own, data={"csrf": csrf_of(shown)}, headers=ORIGIN)

    assert page.status_code == 409
    assert "That is your own account" in page.text


async def test_a_form_leads_to_no_other_site(admin, neighbours):
    page = await send(admin, ACCOUNTS_PAGE, f"{BRAMS}/disable", then="https://evil.example")

    assert (page.status_code, neighbours.bram["disabled"]) == (400, False)


async def test_a_mail_that_failed_is_tried_again(admin, neighbours):
    answer = await send(admin, "/admin/mails", f"/admin/mails/{FAILED_MAIL['id']}/retry")

    assert (answer.status_code, answer.headers["location"]) == (303, "/admin/mails")
    assert neighbours.mail["status"] == "QUEUED"
    assert "Parcel being packed" in (await admin.get("/admin/mails", params={"status": "QUEUED"})).text


async def test_the_letters_of_all_services_are_listed_and_those_that_are_away_are_named(admin, neighbours):
    page = await admin.get(LETTERS_PAGE)
    neighbours.responses["/payment/v1/admin/dead-letters"] = problem(503, "unavailable")
    without_payment = await admin.get(LETTERS_PAGE)

    assert LETTER["error"] in page.text
    assert LETTER_PAGE in page.text
    assert "cannot be asked" not in page.text
    assert (without_payment.status_code, LETTER_PAGE in without_payment.text) == (200, True)
    assert "payment cannot be asked right now." in without_payment.text


async def test_letters_are_listed_by_their_state_and_of_one_service_page_by_page(admin, neighbours):
    neighbours.next_page = "Wzdd"

    page = await admin.get(LETTERS_PAGE, params={"service": "order"})
    others = await admin.get(LETTERS_PAGE, params={"service": "cart", "status": "HANDLED"})

    assert "/admin/dead-letters?service=order&amp;status=OPEN&amp;cursor=Wzdd" in page.text
    assert "There is nothing here just now." in others.text
    assert [request["path"] for request in neighbours.requests if "dead-letters" in request["path"]] == [
        "/order/v1/admin/dead-letters", "/cart/v1/admin/dead-letters",
    ]  # fmt: skip


async def test_what_is_in_an_event_is_shown_as_text(admin):
    page = await admin.get(LETTER_PAGE)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text


async def test_an_event_without_a_value_says_so(admin, neighbours):
    neighbours.event = None

    assert "It is empty." in (await admin.get(LETTER_PAGE)).text


@pytest.mark.parametrize(("what", "becomes"), [("redrive", "REDRIVEN"), ("dismiss", "DISMISSED")])
async def test_a_letter_is_sent_back_or_given_up_once_one_is_sure(admin, neighbours, what, becomes):
    unsure = await send(admin, LETTER_PAGE, f"{LETTER_PAGE}/{what}")
    before = changes(neighbours)
    answer = await send(admin, LETTER_PAGE, f"{LETTER_PAGE}/{what}", **SURE)

    assert (unsure.status_code, before) == (400, [])
    assert (answer.status_code, answer.headers["location"]) == (303, LETTER_PAGE)
    assert changes(neighbours) == [("POST", f"/order/v1/admin/dead-letters/{LETTER['id']}/{what}")]
    assert neighbours.letter["status"] == becomes


async def test_what_was_handled_offers_nothing_to_do(admin, neighbours):
    neighbours.letter["status"] = "HANDLED"

    assert "<form" not in (await admin.get(LETTER_PAGE)).text.partition("<main")[2].partition("</main>")[0]


GONE = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2bfff"


@pytest.mark.parametrize(
    "path",
    [f"/admin/parcels/{GONE}", f"/admin/orders/{GONE}", f"/admin/products/{GONE}", f"/admin/dead-letters/cart/{GONE}"],
)
async def test_what_is_not_there_is_a_page_that_says_so(admin, path):
    assert (await admin.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "said"),
    [(f"/admin/mails/{GONE}/retry", "There is no such mail"), (f"{ACCOUNTS_PAGE}/{GONE}/enable", "no such account")],
)
async def test_what_is_gone_meanwhile_is_told_on_the_list(admin, path, said):
    shown = await admin.get("/admin/mails")

    page = await admin.post(path, data={"csrf": csrf_of(shown)}, headers=ORIGIN)

    assert page.status_code == 404
    assert said in page.text


@pytest.mark.parametrize("path", PAGES[1:])
async def test_while_a_service_is_away_a_page_that_needs_it_says_so(admin, neighbours, path):
    for called in (
        *AWAY, f"/shipping/v1/shipments/{PARCEL['id']}", f"/order/v1/orders/{ORDER['id']}", "/auth/users",
        f"/catalog/v1/products/{LAMP['id']}", "/catalog/v1/categories/",
        f"/order/v1/admin/dead-letters/{LETTER['id']}",
    ):  # fmt: skip
        neighbours.responses[called] = problem(503, "unavailable")

    page = await admin.get(path)

    assert page.status_code == 503
    assert f'href="{path}">' in page.text


@pytest.mark.parametrize(
    ("page", "path", "form"),
    [(PARCEL_PAGE, f"{PARCEL_PAGE}/dispatch", LEFT), (ACCOUNTS_PAGE, f"{BRAMS}/disable", {})],
    ids=["parcel", "account"],
)
async def test_a_form_of_another_site_changes_nothing(admin, neighbours, page, path, form):
    shown = await admin.get(page)

    refused = await admin.post(path, data={"csrf": csrf_of(shown), **form}, headers={"Origin": "https://evil.example"})

    assert refused.status_code == 403
    assert changes(neighbours) == []


@pytest.mark.parametrize(
    "path",
    [
        "/admin/parcels?status=NOWHERE", "/admin/parcels/none", "/admin/orders/none", "/admin/products?active=perhaps",
        "/admin/products/none", "/admin/accounts?email_prefix=%C3%A9", "/admin/mails?status=NOWHERE",
    ],
)  # fmt: skip
async def test_an_address_that_says_nothing_is_refused_and_nobody_is_asked(admin, neighbours, path):
    asked = len(neighbours.requests)

    page = await admin.get(path)

    assert page.status_code == 400
    assert len(neighbours.requests) == asked


GONE_PARCEL, GONE_PRODUCT = f"/admin/parcels/{GONE}", f"/admin/products/{GONE}"
FORMS_OF_WHAT_IS_GONE = {
    "a dispatch": (f"{GONE_PARCEL}/dispatch", LEFT, None),
    "a correction": (f"{GONE_PARCEL}/correct", LEFT, None),
    "an arrival of a parcel": (f"{GONE_PARCEL}/deliver", SURE, None),
    "a product's text": (GONE_PRODUCT, BRUSH, None),
    "a product's sale": (f"{GONE_PRODUCT}/sale", {"active": "true"}, None),
    "a picture": (f"{GONE_PRODUCT}/pictures", {}, {"picture": ("image.png", PNG)}),
    "stock": (f"{GONE_PRODUCT}/arrivals", {"key": "one", "arrived": "1"}, None),
    "a count": (f"{GONE_PRODUCT}/corrections", {"key": "one", "change": "-1", "reason": "Broken"}, None),
    "a cancelling": (f"/admin/orders/{GONE}/cancel", SURE, None),
    "an account": (f"{ACCOUNTS_PAGE}/{GONE}/disable", {}, None),
    "sessions": (f"{ACCOUNTS_PAGE}/{GONE}/end-sessions", {}, None),
}


@pytest.mark.parametrize(("path", "form", "files"), FORMS_OF_WHAT_IS_GONE.values(), ids=FORMS_OF_WHAT_IS_GONE)
async def test_a_form_about_what_is_gone_says_so(admin, neighbours, path, form, files):
    shown = await admin.get(PRODUCT_PAGE)
    for called in (
        "/catalog/v1/inventory/restock", "/catalog/v1/inventory/correct", f"/catalog/v1/products/{GONE}",
        f"/catalog/v1/products/{GONE}/images",
    ):  # fmt: skip
        neighbours.responses[called] = problem(404, "product-not-found")

    page = await admin.post(path, data={"csrf": csrf_of(shown), **form}, files=files, headers=ORIGIN)

    assert page.status_code == 404
    assert (neighbours.stock["in_stock"], neighbours.uploads) == (5, [])


@pytest.mark.parametrize(("what", "form"), [("correct", LEFT), ("deliver", SURE)], ids=["correct", "deliver"])
async def test_what_has_not_left_is_neither_put_right_nor_arrived(admin, neighbours, what, form):
    shown = await admin.get(PARCEL_PAGE)

    page = await admin.post(f"{PARCEL_PAGE}/{what}", data={"csrf": csrf_of(shown), **form}, headers=ORIGIN)

    assert (page.status_code, neighbours.parcel["status"]) == (409, "READY_TO_SHIP")
    assert "The parcel is not in a state for this" in page.text


async def test_more_than_can_be_counted_does_not_arrive(admin, neighbours):
    neighbours.responses["/catalog/v1/inventory/restock"] = problem(409, "too-much-stock")

    page = await send(admin, PRODUCT_PAGE, f"{PRODUCT_PAGE}/arrivals", key="one", arrived="1000000")

    assert (page.status_code, neighbours.stock["in_stock"]) == (409, 5)
    assert "That is too much" in page.text
