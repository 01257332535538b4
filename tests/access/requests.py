"""For every operation a request that its contract allows, and what it leads to when whoever asks may ask."""

import re
from typing import Any, NamedTuple
from uuid import uuid4

from chassis.web.static_files import StaticFiles
from features.shop.shopper import PASSWORD
from generated.access import OPERATIONS
from services.storefront.main import STATIC
from tests.shop import SHIPPING_ADDRESS

CSRF_PATTERN = re.compile('name="csrf" value="([^"]*)"')
UNKNOWN_ID = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a00f"
TOKEN_OF_NOBODY = "W1N0b2xlbiBsYW1wIG9uIGEgcXVheSBpbiBHYWx3YXldXQ"


class Request(NamedTuple):
    """What to say, with names in braces for what the stage has, and the status that answers whoever may say it.

    `somebody_elses` is the status for a shopper whose it is not, where the contract tells owners apart, or where a page
    `is_owned`, since services behind it do. What is sent
    `by_guest` leaves out the session that it would begin or end.
    """

    status: int
    body: dict[str, Any] | None = None
    path: dict[str, str] = {}  # noqa: RUF012 - never changed
    query: dict[str, str] = {}  # noqa: RUF012
    files: dict[str, Any] | None = None
    somebody_elses: int = 404
    form: dict[str, str] | None = None
    by_guest: bool = False
    is_owned: bool = False


WRONG_PASSWORD_BODY = {"current_password": "not the quay", "new_password": "a longer walk by the quay"}
REQUESTS: dict[str, dict[str, Request]] = {
    "auth": {
        "register_shopper": Request(201, {"email": "{fresh}@example.com", "password": "three grey herons"}),
        "log_in": Request(200, {"email": "{email}", "password": PASSWORD}),
        "refresh_tokens": Request(401, {"refresh_token": TOKEN_OF_NOBODY}),
        "log_out": Request(204, {"refresh_token": TOKEN_OF_NOBODY}),
        "get_own_account": Request(200),
        "change_own_password": Request(409, WRONG_PASSWORD_BODY),
        "open_account": Request(201, {"email": "{fresh}@example.com", "password": "three herons", "role": "customer"}),
        "request_password_reset": Request(202, {"email": "{fresh}@example.com"}),
        "reset_password": Request(409, {"token": TOKEN_OF_NOBODY, "password": "three grey herons"}),
        "verify_email": Request(409, {"token": TOKEN_OF_NOBODY}),
        "request_verification": Request(202),
        "change_own_email": Request(409, {"email": "{fresh}@example.com", "password": "not the quay"}),
        "list_addresses": Request(200),
        "save_address": Request(201, SHIPPING_ADDRESS),
        "remove_address": Request(404, path={"address_id": UNKNOWN_ID}),
        "delete_own_account": Request(409, {"password": "not the quay"}),
        "issue_link_token": Request(404, path={"link_id": UNKNOWN_ID}),
        "list_accounts": Request(200, query={"email_prefix": "nobody-"}),
        "disable_account": Request(404, path={"user_id": UNKNOWN_ID}),
        "enable_account": Request(404, path={"user_id": UNKNOWN_ID}),
        "log_out_account": Request(404, path={"user_id": UNKNOWN_ID}),
        "get_keys": Request(200),
    },
    "cart": {
        "get_cart": Request(200),
        "add_line": Request(201, {"product_id": "{lamp}", "qty": 1}),
        "change_line": Request(200, {"qty": 1}, {"product_id": "{lamp}"}),
        "take_current_price": Request(404, {"line_id": UNKNOWN_ID}, {"product_id": UNKNOWN_ID}),
        "remove_line": Request(404, path={"product_id": UNKNOWN_ID}),
        "clear_cart": Request(200),
        "get_cart_of": Request(200, path={"user_id": UNKNOWN_ID}),
    },
    "catalog": {
        "list_categories": Request(200),
        "add_category": Request(201, {"name": "{fresh}"}),
        "get_category": Request(200, path={"category_id": "{category}"}),
        "rename_category": Request(200, {"name": "{fresh}"}, {"category_id": "{category}"}),
        "remove_category": Request(404, path={"category_id": UNKNOWN_ID}),
        "list_products": Request(200),
        "add_product": Request(201, {"title": "Oak stool", "price_cents": 1, "currency": "EUR", "sku": "{fresh}"}),
        "get_product": Request(200, path={"product_id": "{lamp}"}),
        "change_product": Request(200, {"description": "{fresh}"}, {"product_id": "{lamp}"}),
        "remove_product": Request(404, path={"product_id": UNKNOWN_ID}),
        "list_images": Request(200, path={"product_id": "{lamp}"}),
        "add_image": Request(409, path={"product_id": "{lamp}"}, files={"image": ("lamp.png", b"no image")}),
        "remove_image": Request(404, path={"product_id": "{lamp}", "image_id": UNKNOWN_ID}),
        "get_stock": Request(200, path={"product_id": "{lamp}"}),
        "list_stock_movements": Request(200, path={"product_id": "{lamp}"}),
        "restock_products": Request(200, {"items": [{"product_id": "{lamp}", "qty": 7}]}),
        "check_stock": Request(204, {"order_id": "{paid}", "items": [{"product_id": "{lamp}", "qty": 1}]}),
        "correct_stock": Request(200, {"reason": "Counted", "items": [{"product_id": "{lamp}", "qty": -1}]}),
        "reserve_stock": Request(200, {"order_id": "{paid}", "items": [{"product_id": "{lamp}", "qty": 1}]}),
        "commit_stock": Request(200, {"order_id": "{paid}"}),
    },
    "notifications": {
        "list_notifications": Request(200, query={"order_id": "{paid}"}, somebody_elses=200),
        "list_all_notifications": Request(200, query={"status": "SENT"}),
        "list_sent_mails": Request(200, path={"order_id": "{paid}"}),
        "retry_notification": Request(404, path={"notification_id": UNKNOWN_ID}),
    },
    "order": {
        "check_out": Request(409, SHIPPING_ADDRESS),
        "list_orders": Request(200),
        "list_all_orders": Request(200, query={"status": "PAID"}),
        "get_order": Request(200, path={"order_id": "{paid}"}),
        "list_timeline": Request(200, path={"order_id": "{paid}"}),
        "cancel_order": Request(200, path={"order_id": "{cancelled}"}),
        "cancel_items": Request(409, {"items": [{"product_id": "{lamp}", "qty": 1}]}, path={"order_id": "{cancelled}"}),
        "request_return": Request(409, {"items": [{"product_id": "{lamp}", "qty": 1}]}, path={"order_id": "{paid}"}),
        "receive_return": Request(404, {"restock": True}, path={"order_id": "{paid}", "return_id": UNKNOWN_ID}),
        "get_payable": Request(200, path={"order_id": "{created}"}),
    },
    "payment": {
        "succeed_payment": Request(200, {"order_id": "{paid}", "amount_cents": 12999, "currency": "EUR"}),
        "fail_payment": Request(409, {"order_id": "{paid}", "code": "card_declined", "reason": "Declined"}),
        "attempt_payment": Request(409, {"order_id": "{paid}", "method": "mock_succeeds"}),
        "receive_webhook": Request(403, {"type": "charge.ended", "ref": "mock_unknown"}, {"provider": "mock"}),
        "list_payments": Request(200, query={"order_id": "{paid}"}, somebody_elses=200),
        "void_payment": Request(200, {"order_id": "{cancelled}"}),
    },
    "shipping": {
        "list_shipments": Request(200, query={"order_id": "{paid}"}, somebody_elses=200),
        "draft_shipment": Request(
            201,
            {
                "order_id": "{created}",
                "user_id": "{asha}",
                "user_email": "asha@example.com",
                **SHIPPING_ADDRESS,
                "amount_cents": 12999,
                "currency": "EUR",
            },
        ),
        "list_all_shipments": Request(200, query={"status": "READY_TO_SHIP"}),
        "get_shipment": Request(200, path={"shipment_id": "{parcel}"}),
        "dispatch_shipment": Request(409, path={"shipment_id": "{stopped}"}),
        "correct_shipment": Request(
            409, {"carrier": "An Post", "tracking_number": "AP123456789IE"}, path={"shipment_id": "{stopped}"}
        ),
        "deliver_shipment": Request(409, path={"shipment_id": "{parcel}"}),
        "cancel_shipment": Request(200, {"order_id": "{cancelled}"}),
        "take_out_items": Request(
            409,
            {"order_id": "{cancelled}", "change_id": UNKNOWN_ID, "items": [{"product_id": "{lamp}", "qty": 1}]},
        ),
    },
}
REQUESTS["storefront"] = {
    "show_home": Request(200),
    "show_search": Request(200),
    "show_category": Request(200, path={"category_id": "{category}"}),
    "show_product": Request(200, path={"product_id": "{lamp}"}),
    "add_to_cart": Request(303, path={"product_id": "{lamp}"}, form={"key": "{fresh}", "qty": "1"}, by_guest=True),
    "show_cart": Request(200),
    "change_cart": Request(303, form={"product_id": UNKNOWN_ID, "qty": "0"}),
    "accept_price": Request(303, form={"line_id": UNKNOWN_ID, "product_id": UNKNOWN_ID}),
    "show_checkout": Request(200),
    "place_order": Request(400, form={"key": "{fresh}", "city": " ", "country": "IE"}),
    "show_order": Request(200, path={"order_id": "{paid}"}, is_owned=True),
    "show_payment": Request(200, path={"order_id": "{created}"}, is_owned=True),
    "pay_order": Request(
        303,
        path={"order_id": "{paid}"},
        form={"key": "{fresh}", "amount_cents": "12999", "currency": "EUR", "outcome": "paid"},
        is_owned=True,
    ),
    "show_registration": Request(200),
    "register_account": Request(
        303, form={"email": "{fresh}@example.com", "password": "three grey herons"}, by_guest=True
    ),
    "show_sign_in": Request(200),
    "sign_in": Request(401, form={"email": "{fresh}@example.com", "password": "three grey herons"}, by_guest=True),
    "sign_out": Request(303, form={}, by_guest=True),
    "show_password_reset": Request(200, query={"token": TOKEN_OF_NOBODY}),
    "choose_password": Request(409, form={"token": TOKEN_OF_NOBODY, "password": "three grey herons"}, by_guest=True),
    "show_email_verification": Request(200, query={"token": TOKEN_OF_NOBODY}),
    "verify_own_email": Request(409, form={"token": TOKEN_OF_NOBODY}, by_guest=True),
    "show_verified_email": Request(200),
    "choose_language": Request(303, form={"language": "de"}, by_guest=True),
    "show_forgotten_password": Request(200),
    "ask_for_password_link": Request(303, form={"email": "{fresh}@example.com"}, by_guest=True),
    "show_password_link_sent": Request(200),
    "show_account": Request(200),
    "ask_for_verification_link": Request(303, form={}),
    "show_link_sent": Request(200),
    "show_password_change": Request(200),
    "change_password": Request(409, form={"current_password": "not the quay", "password": "three grey herons"}),
    "show_email_change": Request(200),
    "change_email": Request(409, form={"email": "{fresh}@example.com", "current_password": "not the quay"}),
    "show_addresses": Request(200),
    "keep_address": Request(303, form=SHIPPING_ADDRESS),
    "drop_address": Request(404, path={"address_id": UNKNOWN_ID}, form={}),
    "show_account_deletion": Request(200),
    "delete_account": Request(409, form={"current_password": "not the quay"}),
    "show_deleted_account": Request(200),
    "show_orders": Request(200),
    "show_order_cancellation": Request(200, path={"order_id": "{paid}"}, is_owned=True),
    "cancel_own_order": Request(303, path={"order_id": "{cancelled}"}, form={}, is_owned=True),
    "show_office": Request(200),
    "show_parcels": Request(200),
    "show_parcel": Request(200, path={"shipment_id": "{parcel}"}),
    "dispatch_parcel": Request(
        409, path={"shipment_id": "{stopped}"}, form={"carrier": "An Post", "tracking_number": "AP123456789IE"}
    ),
    "correct_parcel": Request(
        409, path={"shipment_id": "{stopped}"}, form={"carrier": "An Post", "tracking_number": "AP123456789IE"}
    ),
    "deliver_parcel": Request(409, path={"shipment_id": "{parcel}"}, form={"sure": "true"}),
    "show_all_orders": Request(200),
    "show_any_order": Request(200, path={"order_id": "{paid}"}),
    "cancel_any_order": Request(404, path={"order_id": UNKNOWN_ID}, form={"sure": "true"}),
    "show_all_products": Request(200),
    "show_product_draft": Request(200),
    "offer_product": Request(
        303,
        form={"title": "Walnut desk lamp", "price": "129.99", "currency": "EUR", "sku": "{fresh}"},
    ),
    "show_product_details": Request(200, path={"product_id": "{lamp}"}),
    "edit_product": Request(
        404,
        path={"product_id": UNKNOWN_ID},
        form={"title": "Walnut desk lamp", "price": "129.99", "currency": "EUR", "sku": "{fresh}"},
    ),
    "switch_sale": Request(404, path={"product_id": UNKNOWN_ID}, form={"active": "true"}),
    "add_picture": Request(409, path={"product_id": "{lamp}"}, form={}, files={"picture": ("lamp.png", b"no image")}),
    "remove_picture": Request(404, path={"product_id": "{lamp}", "image_id": UNKNOWN_ID}, form={"sure": "true"}),
    "note_arrival": Request(404, path={"product_id": UNKNOWN_ID}, form={"key": "{fresh}", "arrived": "1"}),
    "note_correction": Request(
        404, path={"product_id": UNKNOWN_ID}, form={"key": "{fresh}", "change": "-1", "reason": "Broken"}
    ),
    "show_accounts": Request(200),
    "close_account": Request(404, path={"user_id": UNKNOWN_ID}, form={}),
    "reopen_account": Request(404, path={"user_id": UNKNOWN_ID}, form={}),
    "end_account_sessions": Request(404, path={"user_id": UNKNOWN_ID}, form={}),
    "show_mails": Request(200),
    "retry_mail": Request(404, path={"notification_id": UNKNOWN_ID}, form={}),
    "show_dead_letters": Request(200),
    "show_dead_letter": Request(404, path={"service": "order", "letter_id": UNKNOWN_ID}),
    "send_dead_letter_back": Request(404, path={"service": "order", "letter_id": UNKNOWN_ID}, form={"sure": "true"}),
    "give_dead_letter_up": Request(404, path={"service": "order", "letter_id": UNKNOWN_ID}, form={"sure": "true"}),
    "get_static_file": Request(200, path={"file": StaticFiles(STATIC, "").url("shop.css")}),
}
for _service, _requests in REQUESTS.items():
    _requests |= {f"get_{_service}_{what}": Request(200) for what in ("health", "readiness", "info")}
for _service, _operations in OPERATIONS.items():
    if f"list_{_service}_dead_letters" in _operations:
        REQUESTS[_service][f"list_{_service}_dead_letters"] = Request(200, query={"status": "OPEN"})
        REQUESTS[_service] |= {
            f"{verb}_{_service}_dead_letter": Request(404, path={"letter_id": UNKNOWN_ID})
            for verb in ("get", "redrive", "dismiss")
        }
ALL_REQUESTS = [(service, name) for service, operations in OPERATIONS.items() for name in operations]


def fill_placeholders(said: Any, seeded_orders: dict[str, str]) -> Any:
    """The same with the stage's ids for the names in braces; `{fresh}` is different each time."""
    if isinstance(said, str):
        return said.format(**seeded_orders, fresh=uuid4().hex)
    if isinstance(said, dict):
        return {name: fill_placeholders(value, seeded_orders) for name, value in said.items()}
    if isinstance(said, list):
        return [fill_placeholders(value, seeded_orders) for value in said]
    return said


def body_of(request: Request, seeded_orders: dict[str, str]) -> dict[str, Any]:
    """The argument of httpx for the body of a request, if it has one."""
    if request.body:
        return {"json": fill_placeholders(request.body, seeded_orders)}
    files = {"files": request.files} if request.files else {}
    if request.form is not None:
        return {"data": {"csrf": "", **fill_placeholders(request.form, seeded_orders)}, **files}
    return files


def origin_of(client: Any) -> dict[str, str]:
    """Where a form is from that the shop's own pages send."""
    return {"Origin": str(client.base_url).rstrip("/")}


async def session_cookie(shop: Any, email: str, password: str) -> dict[str, str]:
    """The session of somebody who has signed in on the shop's pages."""
    form = {"csrf": "", "email": email, "password": password}
    answer = await shop.http.post("/sign-in", data=form, headers=origin_of(shop.http))
    shop.http.cookies.clear()
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


async def send_request(
    client: Any, service: str, name: str, seeded_orders: dict[str, str], headers: dict[str, str]
) -> Any:
    """Make the operation's request to the gateway or to the service itself."""
    operation, request = OPERATIONS[service][name], REQUESTS[service][name]
    path = operation.path.format(**fill_placeholders(request.path, seeded_orders))
    said, query = body_of(request, seeded_orders), fill_placeholders(request.query, seeded_orders)
    if request.by_guest:
        headers = {name: value for name, value in headers.items() if name != "Cookie"}
    if "data" in said:
        headers = {**headers, **origin_of(client)}
        if "Cookie" in headers:
            page = await client.get("/", headers=headers)
            said["data"]["csrf"] = CSRF_PATTERN.search(page.text)[1]
    answer = await client.request(operation.method, path, params=query or None, headers=headers, **said)
    client.cookies.clear()  # whose request it is, its headers say
    return answer
