"""What each word of the contracts takes and refuses wherever it stands, written down apart from them."""

from typing import NamedTuple

ID = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
NUL, BELL, DELETE = "\x00", "\x07", "\x7f"
MOST_CENTS, MOST_PIECES = 9_007_199_254_740_991, 2_147_483_647  # exact in JavaScript; an int4 of PostgreSQL


class Meaning(NamedTuple):
    """Values that a word takes and values that it refuses."""

    takes: tuple
    refuses: tuple


def text(least, most, *refuses, of="x", takes=()):
    """A text of so many characters; `of` is one that it may be made of."""
    short = (of * (least - 1),) if least else ()
    return Meaning((of * least, of * most, *takes), (*short, of * (most + 1), None, 5, *refuses))


def number(least, most):
    return Meaning((least, most), (least - 1, most + 1, (least + most) // 2 + 0.5, str(least), None))


def listed(least, most):
    """A list of so many; what they are is said by words of their own."""
    short = ([0] * (least - 1),) if least else ()
    return Meaning(([0] * least, [0] * most), (*short, [0] * (most + 1), None, {}, "list"))


def one_of(*values):
    return Meaning(values, (*values, "ANOTHER", "", None, 5)[len(values) :])


def or_none(meaning):
    refuses = tuple(value for value in meaning.refuses if value is not None)
    return Meaning((*meaning.takes, None), refuses)


# Marks that turn text around, and controls beyond ASCII.
REORDERING = tuple(
    f"a{mark}b"
    for mark in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\x80\x85\x9f"
)
BLANK = ("", " ", "\u3164", "\u200b", "\u00a0\u3000", "\u2800", "\ufeff\u2060", "\u115f", "\ufe0f", "\u00ad")


def line(least, most):
    """A text on one line; where there has to be something, it can be seen."""
    takes, refuses = (
        ("Kö-βéta 1/2, 'q'", " outer blanks ", "\u200ba", "\U0001f469\u200d\U0001f680"),
        (BLANK if least else ()),
    )
    return text(
        least,
        most,
        f"a{NUL}b",
        f"a{BELL}b",
        f"a{DELETE}b",
        "a\nb",
        *REORDERING,
        *refuses,
        takes=takes if most > 20 else (),
    )


def or_blank(meaning):
    """What is asked for may be blank: then it is absent."""
    blank = ("", " ")
    return Meaning((*meaning.takes, *blank), tuple(value for value in meaning.refuses if value not in blank))


AN_ID = Meaning((ID, ID.upper()), ("", "x" * 36, ID + "0", ID[:-1], ID.replace("-", ""), None, 5))
MOMENT = Meaning(
    ("2026-01-05T12:00:00Z", "2026-01-05T12:00:00.123456+00:00"),
    ("", "yesterday", "2026-01-05", "2026-13-05T12:00:00Z", "2026-01-05T12:00:00." + "0" * 20 + "Z", None, 5),
)
LONG = "x@" + ".".join(["y" * 63] * 3) + "."
NO_EMAIL = (
    "", "asha", "@example.com", "asha@", "a b@example.com", "a@-b.com", "a@b-.com", "a@b..com", "a@.b", "a@b.",
    "a@" + "b" * 64, LONG + "z" * 61, "a@exa_mple.com", "a@b@c.com", "Asha <asha@example.com>", "a@b.com, c@d.com",
    '"a b"@example.com', f"a{NUL}b@example.com", "é@example.com", "a@b.com\u202e", "a@b\u200e.com", None, 5,
)  # fmt: skip
EMAIL = Meaning(
    ("asha@example.com", "a@b", "a.b+c_d@x-y.example.org", "a..b@example.com", ".a.@b.ie", "!#$%&'*/=?^`{|}~-@b.ie",
     "x" * 65 + "@b.com", "a@xn--bcher-kva.example", "a@127.0.0.1", LONG + "z" * 60),
    (*NO_EMAIL, " asha@example.com", "asha@b\u00fccher.example"),
)  # fmt: skip
TYPED_EMAIL = Meaning(
    (*EMAIL.takes, " asha@example.com\t", "\u3000a@b\u200b", "asha@b\u00fccher.example", "a@\u65e5\u672c\u3002jp"),
    NO_EMAIL,
)
COUNTRY = Meaning(("IE", "NL", "HK"), ("", "ie", "IRL", "I", "I1", "UK", "ZZ", "XK", None, 5))
GIVEN_COUNTRY = Meaning(("IE", "UK", "ZZ"), ("", "ie", "IRL", "I", "I1", None, 5))
CURRENCY = Meaning(("EUR", "USD", "CLF"), ("", "eur", "EURO", "EU", "E1R", "ABC", "XAU", "XXX", None, 5))
GIVEN_CURRENCY = Meaning(("EUR", "ABC"), ("", "eur", "EURO", "EU", "E1R", None, 5))
CART_CURRENCY = Meaning(("EUR", None), ("", "eur", "EURO", "EU", "E1R", 5))
POSTCODE = text(1, 16, "H91_XY00", "é", "a\nb", " ", "-", takes=("H91 XY00", "1234-AB", " D02 "))
ASKED_POSTCODE = text(0, 16, "H91_XY00", "é", "a\nb", takes=("H91 XY00", "1234-AB", " D02 ", " "))
SLUG = Meaning(("/problems/out-of-stock", "/problems/" + "x" * 60), ("", "out-of-stock", "/problems/", "/problems/X",
               "/problems/" + "x" * 61, "/problems/out_of_stock", None, 5))  # fmt: skip
TRACKING = Meaning(("AP123456789IE", "a-1", "x" * 40), ("", "AP 123", "AP/1", "x" * 41, 5, None))
TRACEPARENT = Meaning(
    ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",),
    ("", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "00-" + "0" * 32 + "-" + "0" * 16 + "-0G", None, 5,
     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-9", "00-4BF92F3577B34DA6A3CE929D0E0E4736-0-01"),
)  # fmt: skip
CODE = Meaning(("card_declined", "e51", "x" * 40), ("", "Card", "card-declined", "x" * 41, None, 5))
FLAG = Meaning((True, False), (None, "true", 1))
KEY = Meaning(
    ("a_B-9", "x" * 64, '"a_B-9"', '"a b.c"', r'"a\"b\\"', f'"{"x" * 64}"'),
    ("", "a b", "a.b", "x" * 65, '""', '"a', 'a"', '"a"b"', r'"a\b"', '"é"', f'"{"x" * 65}"', None, 5),
)
CURSOR = Meaning(("a_B-9", "x" * 200, "", " "), ("a b", "a=", "x" * 201, None, 5))
ADDRESS_OF_CLIENT = Meaning(("", "10.0.0.1", "2001:db8::1", "f" * 45), ("host", "1,2", "f" * 46, None, 5))
PROVIDER = text(1, 40)
OWN_PATH = Meaning(
    ("/", "/search?q=lamp&cursor=x", "/a//b", "/%C3%A4", "/" + "x" * 299),
    ("", "search", "//other.example", "/\\other.example", "https://other.example", "/a b", "/a\nb", f"/a{NUL}",
     '/"', "/<b>", "/" + "x" * 300, None, 5),
)  # fmt: skip

# A word with several meanings means one of them in each place.
WORDS = {
    "Cache-Control": [text(0, 100), one_of("no-cache")],
    "ETag": [Meaning((f'"{"0a" * 12}"',), ("0a" * 12, f'"{"0a" * 11}"', f'"{"0A" * 12}"', "*", "", None, 5))],
    "Idempotency-Key": [KEY],
    "If-None-Match": [text(0, 4000, "é", "a\nb", takes=('"a", W/"b"', "*"))],
    "Location": [text(1, 300), OWN_PATH],
    "Origin": [text(0, 300)],
    "Retry-After": [number(0, 86_400)],
    "Stripe-Signature": [text(1, 1000)],
    "WWW-Authenticate": [text(0, 200)],
    "Webhook-Signature": [text(1, 1000)],
    "X-Real-Ip": [ADDRESS_OF_CLIENT],
    "access_token": [text(20, 2000)],
    "active": [FLAG],
    "added_at": [MOMENT],
    "address_line1": [line(1, 200)],
    "address_line2": [line(1, 200)],
    "alg": [one_of("EdDSA")],
    "alt": [line(0, 200)],
    "arrived": [number(1, 1_000_000)],
    "amount_cents": [number(0, MOST_CENTS)],
    "available": [number(0, MOST_PIECES), number(0, 99)],
    "cancel_reason": [or_none(one_of("requested", "not-paid-in-time", "rejected", "given-up"))],
    "carrier": [line(1, 60)],
    "category_id": [AN_ID, or_none(AN_ID)],
    "change_id": [AN_ID],
    "changes": [listed(0, 50)],
    "checks": [listed(0, 20)],
    "city": [line(1, 100)],
    "code": [CODE],
    "country": [COUNTRY],
    "created_at": [MOMENT],
    "created_before": [MOMENT],
    "created_from": [MOMENT],
    "csrf": [text(0, 64, "a b", "a+b", "é", takes=("q7V_d0c-2s",))],
    "crv": [one_of("Ed25519")],
    "currency": [CURRENCY],
    "current_password": [text(1, 512, f"a{NUL}b", takes=("päss\nword",))],
    "cursor": [CURSOR],
    "description": [text(0, 5000, f"a{NUL}b", f"a{BELL}b", *REORDERING, takes=("Two\n\tlines.", " "))],
    "detail": [text(0, 1000)],
    "disabled": [FLAG],
    "change": [number(-1_000_000, 1_000_000)],
    "email": [EMAIL],
    "email_verified": [FLAG],
    "email_prefix": [text(0, 254, f"a{NUL}b", "é", "a\nb", takes=("asha@", " "))],
    "error": [text(1, 300)],
    "errors": [listed(0, 20)],
    "event_id": [AN_ID, or_none(AN_ID)],  # of an event; of a dead letter, which may have none
    "expires_in": [number(1, 900)],
    "failed_at": [MOMENT],
    "failures": [listed(0, 20)],
    "happened_at": [MOMENT],
    "file": [Meaning(("shop.5f2b8c1d0e9a.css", "", "x" * 100), ("../a", "a/b", "A.css", "a b", "x" * 101, None, 5))],
    "height": [number(1, 25_000_000)],
    "id": [AN_ID],
    "in_stock": [number(0, MOST_PIECES)],
    "instead_of": [AN_ID],
    "items": [listed(1, 200), listed(1, 100)],  # lines of an order; of a delivery to the warehouse
    "key": [text(1, 32, "a b", "a+b", "é", takes=("q7V_d0c-2s",)), or_none(AN_ID)],  # of a form; of an event
    "keys": [listed(0, 20)],
    "kid": [text(1, 64)],
    "kind": [one_of("order.created", "order.cancelled", "order.reduced", "payment.succeeded", "payment.failed",
                    "payment.refunded", "shipping.ready", "shipping.dispatched", "shipping.corrected",
                    "shipping.delivered", "verification.requested", "password.forgotten", "email.requested",
                    "account.deleted")],
    "kty": [one_of("OKP")],
    "language": [one_of("en", "de")],  # of pages
    "letter_id": [AN_ID],
    "limit": [number(1, 100)],
    "link_id": [AN_ID],
    "lines": [listed(1, 200)],
    "mail": [text(0, 40)],
    "method": [text(1, 100, "a b", "a/b", "é", takes=("pm_1N-d0",))],
    "missing_sources": [listed(0, 1)],
    "moved_at": [MOMENT],
    "name": [line(1, 80), text(1, 40)],  # of a category; of what was looked at
    "new_currency": [CURRENCY],
    "new_password": [text(8, 128, f"a{NUL}bcdefgh", takes=("päss\nword",))],
    "new_price_cents": [number(0, 1_000_000_000), number(0, MOST_CENTS)],
    "next_cursor": [or_none(text(0, 200))],
    "offset": [number(0, MOST_CENTS)],
    "operation": [or_none(text(0, 100))],
    "old_currency": [CURRENCY],
    "old_price_cents": [number(0, 1_000_000_000), number(0, MOST_CENTS)],
    "partition": [number(0, 2_147_483_647)],
    "password": [text(8, 128, f"a{NUL}bcdefgh", takes=("päss\nword",)), text(1, 512, f"a{NUL}b")],  # new; told
    "pay_by": [MOMENT],
    "payment_status": [one_of("PENDING", "PROCESSING", "SUCCEEDED", "REFUNDED", "VOIDED")],
    "pointer": [text(0, 500)],
    "postcode": [POSTCODE],
    "price_cents": [number(0, 1_000_000_000)],
    "price_honoured": [FLAG],
    "prices": [listed(0, 200)],
    "product_count": [number(0, MOST_PIECES)],
    "provider": [PROVIDER],
    "price": [Meaning(("129.99", "129,5", "0", "9" * 10), ("", "-1", "1.", ".5", "1.2345", "9" * 11, "ten", None, 5))],
    "after": [one_of("registration", "password_reset")],
    "typed": [text(0, 8000, "a b", "\u00e4", f"a{NUL}b")],
    "ids": [Meaning((ID, ",".join([ID] * 50)), ("", ID[:-1], f"{ID},", f"{ID} {ID}", ",".join([ID] * 51), "lamp"))],
    "q": [line(0, 100)],
    "since": [Meaning(("2026-01-05", "", " "), ("2026-1-5", "5 January", "2026-01-05T00:00", None, 5))],
    "sure": [Meaning((True,), (False, "true", 1, None))],
    "until": [Meaning(("2026-01-05", "", " "), ("2026-1-5", "5 January", "2026-01-05T00:00", None, 5))],
    "outcome": [one_of("paid", "card_declined", "insufficient_funds", "expired_card", "incorrect_cvc",
                       "authentication_required", "processing_error")],
    "qty": [number(1, 99)],
    "refund_id": [AN_ID],
    "remaining_cents": [number(0, MOST_CENTS)],
    "save": [FLAG],
    "queued_at": [MOMENT],
    "reason": [line(1, 200)],
    "recipient": [EMAIL],
    "redriven_at": [or_none(MOMENT)],
    "refresh_token": [text(40, 60, "x" * 40 + " ")],
    "reserved": [number(0, MOST_PIECES)],
    "restock": [FLAG],
    "return_id": [AN_ID],
    "revision": [number(0, MOST_CENTS)],
    "role": [one_of("customer", "admin")],
    "rule": [text(0, 50)],
    "sent_at": [MOMENT, or_none(MOMENT)],  # of a mail that was sent; of any
    "service": [PROVIDER, one_of("cart", "catalog", "notifications", "order", "payment", "shipping")],
    "size": [number(0, 2_147_483_647)],
    "sku": [text(1, 40, "a b", "a/b", "é", takes=("LAMP-1.b_2",))],
    "sort": [one_of("newest", "price_asc", "price_desc", "name")],
    "source": [one_of("order", "payment", "shipping", "notifications")],
    "status": [
        number(400, 599),
        one_of("ok"),
        one_of("ok", "failed"),
        one_of("PENDING", "CREATED", "PAID", "CANCELLED", "REFUNDED", "REJECTED"),
        one_of("INTENDED", "AGREED", "DROPPED", "REQUESTED", "RECEIVED", "PAID_BACK"),
        one_of("PENDING", "PROCESSING", "SUCCEEDED", "REFUNDED", "VOIDED"),
        one_of("OPEN", "CHARGED", "DECLINED", "CANCELLED"),  # of an attempt to pay
        one_of("VOIDED"),
        one_of("PENDING_PAYMENT", "READY_TO_SHIP", "DISPATCHED", "DELIVERED", "CANCELLED"),
        one_of("CANCELLED"),
        one_of("HELD", "COMMITTED", "RETURNED", "RELEASED"),
        one_of("QUEUED", "SENT", "FAILED"),
        one_of("OPEN", "REDRIVEN", "HANDLED", "DISMISSED"),
    ],
    "then": [OWN_PATH],
    "timestamp": [MOMENT],
    "title": [line(1, 200)],  # of a product
    "token": [text(40, 60, "x" * 40 + " ")],
    "token_type": [one_of("bearer")],
    "topic": [text(1, 249)],
    "total_cents": [number(0, MOST_CENTS)],
    "traceparent": [TRACEPARENT],
    "tracking_number": [TRACKING],
    "tries": [number(1, 2_147_483_647)],
    "type": [SLUG, text(0, 40)],  # of a problem; of an event, which its message narrows
    "unit_price_cents": [number(0, MOST_CENTS), number(0, 1_000_000_000)],
    "url": [text(1, 2000)],
    "use": [one_of("sig")],
    "user_email": [EMAIL],
    "value": [or_none(text(0, 20_000))],
    "version": [text(1, 40), Meaning((1,), (0, 2, "1", None, 1.5))],
    "wanted": [number(1, 10_000)],
    "width": [number(1, 25_000_000)],
    "x": [text(43, 43)],
    # answers that are lists
    "list_categories": [listed(0, 1000)],
    "list_images": [listed(0, 8)],
    "list_shipments": [listed(0, 1)],
}  # fmt: skip
WORDS["type"] += [one_of(event) for event in WORDS["kind"][0].takes]
# Of an entry of a timeline, which has nothing of accounts.
WORDS["kind"] += [one_of(*WORDS["kind"][0].takes[:10], "mail.sent")]
WORDS["kind"] += [one_of("cancellation", "return")]  # of a change of an order
# Problems that have members, and so a schema of their own.
WORDS["type"] += [one_of(f"/problems/{name}") for name in (
    "dispatched-differently", "order-exists", "out-of-stock", "price-changed", "product-unavailable")]  # fmt: skip
# What is asked for and nowhere told: 0 takes a line out of a cart; so many are delivered to the warehouse.
# What is optional may be blank; countries and currencies are passed on as they were given.
ASKED = {
    "address_id": [or_blank(AN_ID)],
    "address_line1": [line(0, 200)],
    "address_line2": [line(0, 200)],
    "category_id": [or_blank(AN_ID)],
    "city": [line(0, 200)],
    "code": [one_of("card_declined", "insufficient_funds", "expired_card", "incorrect_cvc", "authentication_required",
                    "processing_error")],
    "country": [GIVEN_COUNTRY],
    "currency": [GIVEN_CURRENCY],
    "email": [TYPED_EMAIL, line(0, 100)],  # of a search it is only passed on
    "postcode": [ASKED_POSTCODE],
    "qty": [number(0, 99), number(1, 1_000_000), number(-1_000_000, 1_000_000)],
    "reason": [line(0, 200)],
    "title": [line(0, 200)],
}  # fmt: skip
# What is only told may say more than what is asked for: in answers, and in events.
TOLD = {
    # lines of a cart; additions to it; a page; saved addresses; the one payment of an order
    "items": [listed(0, 50), listed(0, 200), listed(0, 100), listed(0, 20), listed(0, 1)],
    "carrier": [or_none(text(0, 60))],
    "code": [text(0, 40)],
    "country": [GIVEN_COUNTRY],
    "currency": [CART_CURRENCY, GIVEN_CURRENCY],
    "old_currency": [GIVEN_CURRENCY],
    "order_id": [or_none(AN_ID)],  # of a mail, which may be about no order
    "qty": [number(-MOST_PIECES - 1, MOST_PIECES)],  # of a movement of stock
    "reason": [text(0, 200), or_none(text(0, 200))],  # of a failed payment; of a correction of the stock
    "refresh_token": [text(40, 60)],
    "title": [text(1, 200)],  # of a problem
    "tracking_number": [or_none(text(0, 40))],
}
SENT = {
    "currency": [GIVEN_CURRENCY],
    "reason": [one_of("requested", "not-paid-in-time", "rejected", "given-up")],
}
