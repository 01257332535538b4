"""The mails themselves: what they say, and that nobody's words become more than words."""

import email.policy
from datetime import UTC, datetime
from email import message_from_bytes
from html.parser import HTMLParser
from uuid import UUID

import msgspec
import pytest
from jinja2.meta import find_undeclared_variables

from chassis.events.messages import MessageContract
from generated.events import ReducedItem
from generated.models.notifications import NotificationKind
from generated.models.payment import FailureCode
from services import EVENT_CONTRACTS_FOLDER
from services.money import Money
from services.notifications.domain import Line, Mail, Notification, Order
from services.notifications.errors import Unsendable
from services.notifications.rendering import FAILURE_SENTENCES, TEMPLATE_ENVIRONMENT, MailRenderer
from services.notifications.tests.conftest import SHOP, SHOP_URL
from services.notifications.tests.event_factory import ACCOUNT_KINDS, KINDS, make_event

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
LAMPS = Order(ORDER, Money(25998, "EUR"), (Line("Walnut desk lamp", 2, 12999),))
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def render_mail(kind, order=LAMPS, recipient="asha@example.com", **overrides):
    if kind == "order.reduced" and order:
        overrides["items"] = [ReducedItem(product_id=UUID(int=1), **vars(line)) for line in order.lines]
        overrides["amount_cents"] = order.total.amount_cents
    payload = msgspec.to_builtins(make_event(kind, ORDER, **overrides).data)
    notification = Notification(ORDER, kind, UUID(int=2), recipient, payload, NOW)
    return parse(render(notification, order))


def render(notification, order=LAMPS):
    return MailRenderer(SHOP, SHOP_URL)(
        Mail(UUID(int=3), notification, notification.message_id("shop.example"), NOW), order
    )


def parse(mail):
    return message_from_bytes(mail, policy=email.policy.default)


def test_every_event_that_is_received_has_a_kind_and_two_templates():
    received = {
        message.name
        for message in MessageContract.load(EVENT_CONTRACTS_FOLDER / "notifications.yaml").receives.values()
    }

    assert received == {kind.value for kind in NotificationKind} == {*KINDS, *ACCOUNT_KINDS}
    assert {f"{kind}.{form}" for kind in received for form in ("html", "txt")} <= {
        *TEMPLATE_ENVIRONMENT.list_templates()
    }


def make_order(title):
    return Order(ORDER, Money(25998, "EUR"), (Line(title, 2, 12999),))


def plain_text(message):
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_body(message):
    return message.get_body(("html",)).get_content()


class VisibleHtml(HTMLParser):
    """The text that a reader of the HTML sees, and the names of its elements."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, text):
        self.text += text


def test_there_are_words_for_every_kind_of_the_contract():
    assert {*KINDS, *ACCOUNT_KINDS} == {kind.value for kind in NotificationKind}


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_holds_lines_and_total_in_text_and_in_html(kind):
    message = render_mail(kind)

    text, html = plain_text(message), VisibleHtml(html_body(message)).text

    for expected in ("Walnut desk lamp", "129.99 EUR", "259.98 EUR", "4BE2A001", str(ORDER), "What happens next"):
        assert expected in text
        assert expected in html
    assert "2 x 129.99 EUR" in text
    assert "2 \u00d7 129.99 EUR" in html
    assert "4BE2A001" in message["Subject"]
    assert "because" in text


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_from_the_shop_to_one_shopper(kind):
    message = render_mail(kind)

    assert [address.addr_spec for address in message["To"].addresses] == ["asha@example.com"]
    assert message["From"].addresses[0].addr_spec == SHOP
    assert message["Message-ID"] == f"<{ORDER}.{kind}@shop.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert (message["Cc"], message["Bcc"]) == (None, None)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("order.created", "order.reduced")])
def test_a_mail_about_an_order_not_known_here_goes_without_lines(kind):
    message = render_mail(kind, order=None)

    for text in (plain_text(message), VisibleHtml(html_body(message)).text):
        assert "4BE2A001" in text
        assert "What happens next" in text
        assert "Total" not in text


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("shipping.dispatched", ["An Post", "LX123456789IE"]),
        ("shipping.corrected", ["An Post", "LX987654321IE", "was wrong"]),
        ("payment.succeeded", ["259.98 EUR", "0198c3c5-0a4e-7c6e-9d26-3f1f4be2f001"]),
        ("payment.failed", ["Your card was declined."]),
        ("payment.refunded", ["259.98 EUR"]),
    ],
)
def test_a_mail_says_what_happened_also_without_the_order(kind, expected):
    message = render_mail(kind, order=None)

    for value in expected:
        assert value in plain_text(message)
        assert value in VisibleHtml(html_body(message)).text


@pytest.mark.parametrize(
    ("reason", "text"), [("requested", "as requested"), ("not-paid-in-time", "did not reach us in")]
)
def test_a_cancelled_order_says_why(reason, text):
    message = render_mail("order.cancelled", reason=reason)

    assert text in plain_text(message)
    assert text in VisibleHtml(html_body(message)).text


def visible_text(message):
    return plain_text(message) + VisibleHtml(html_body(message)).text


@pytest.mark.parametrize("template", sorted(TEMPLATE_ENVIRONMENT.list_templates()))
def test_a_template_knows_only_what_the_shop_itself_says(template):
    source = TEMPLATE_ENVIRONMENT.loader.get_source(TEMPLATE_ENVIRONMENT, template)[0]

    assert find_undeclared_variables(TEMPLATE_ENVIRONMENT.parse(source)) <= {
        *(
            "number",
            "order_id",
            "lines",
            "total",
            "free",
            "amount",
            "refusal",
            "expired",
            "partly",
            "returned",
            "subject",
        ),
        *("payment_id", "carrier", "tracking_number"),
        "link",  # of the shop itself, with a token of its own
        "facts",  # the macro of facts.html
    }


@pytest.mark.parametrize("kind", KINDS)
def test_of_what_an_event_says_only_the_words_of_admins_and_of_the_shop_reach_a_mail(kind):
    payload = msgspec.to_builtins(make_event(kind, ORDER).data)
    canaries = {
        name: f"canary-{name}" for name, value in payload.items() if isinstance(value, str) and name != "currency"
    }
    notification = Notification(ORDER, kind, UUID(int=2), "asha+canary-recipient@example.com", payload | canaries, NOW)

    message = parse(render(notification))

    visible = visible_text(message) + message["Subject"]
    assert {name for name in canaries if f"canary-{name}" in visible} == canaries.keys() & {
        *("payment_id", "carrier", "tracking_number")
    }
    assert "canary-recipient" not in visible


@pytest.mark.parametrize("code", list(FailureCode))
def test_every_code_of_a_failed_payment_has_a_sentence_of_its_own(code):
    others = [FAILURE_SENTENCES[other] for other in FAILURE_SENTENCES if other != code]

    text = visible_text(render_mail("payment.failed", code=code.value))

    assert FAILURE_SENTENCES[code] in text
    assert not [sentence for sentence in others if sentence in text]


def test_a_failed_payment_of_the_first_version_is_told_in_the_shops_words():
    text = visible_text(render_mail("payment.failed", code="visit_evil_example", reason="Visit evil.example"))

    assert "Your card was declined." in text
    assert "evil" not in text


@pytest.mark.parametrize("kind", ["order.created", "order.cancelled"])
def test_a_mail_about_an_order_that_cost_nothing_asks_for_no_money_and_promises_none(kind):
    free = Order(ORDER, Money(0, "EUR"), (Line("Colour card", 1, 0),))

    text = " ".join(visible_text(render_mail(kind, free)).split())

    assert "nothing to pay" in text
    assert "Please pay" not in text
    assert "paid already" not in text
    assert "What you have paid" not in text


INJECTIONS = {
    "a script": "<script>alert(1)</script>",
    "an image that runs": '"><img src=x onerror=alert(1)>',
    "a link": '<a href="https://evil.example">Click</a>',
    "a template": "{{ 7*7 }}{% include '/etc/passwd' %}",
    "an entity": "&lt;script&gt; &amp;",
    "an attribute": "' onmouseover='alert(1)",
    "a comment": "<!-- --></title></table>",
}


@pytest.mark.parametrize("value", INJECTIONS.values(), ids=INJECTIONS.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_stay_words(kind, value):
    harmless = render_mail(kind)

    message = render_mail(kind, make_order(value))

    html = VisibleHtml(html_body(message))
    assert value in html.text
    assert html.tags == VisibleHtml(html_body(harmless)).tags
    assert value in plain_text(message)
    assert "49" not in html.text


@pytest.mark.parametrize("value", INJECTIONS.values(), ids=INJECTIONS.keys())
def test_hostile_carriers_stay_words(value):
    message = render_mail("shipping.dispatched", carrier=value)

    html = VisibleHtml(html_body(message))
    assert value in html.text
    assert not html.tags & {"script", "img", "a"}
    assert value in plain_text(message)


@pytest.mark.parametrize(
    "value",
    [
        "Lamp\r\nBcc: eve@example.com\r\n\r\nYou owe us 900 EUR",
        "Lamp\nBcc: eve@example.com\n\nYou owe us 900 EUR",
        "Lamp\x00\x1b[2J\u2028Bcc: eve@example.com You owe us 900 EUR",
        "Lamp\u202eBcc: eve@example.com You owe us 900 EUR\u202c",
    ],
    ids=["CRLF", "LF", "other control characters", "text turned around"],
)
def test_words_of_others_stay_on_one_line_and_make_no_headers(value):
    lamp = render_mail("shipping.dispatched", make_order(value), carrier=value)

    assert lamp["Bcc"] is None
    assert len(lamp.keys()) == len(render_mail("shipping.dispatched").keys())
    for line in plain_text(lamp).splitlines():
        assert not line.startswith(("Bcc", "You owe"))
    assert not set(plain_text(lamp)) & set("\x00\x1b\u2028\u202e\r")


@pytest.mark.parametrize(
    "title", ["Lámpara «Nuez» 灯 👩🏽‍🔧", "मेज़ का दीपक", "منضدة"], ids=["Latin and emoji", "Hindi", "Arabic"]
)
def test_titles_of_any_script_arrive_as_they_are(title):
    message = render_mail("order.created", make_order(title))

    assert title in plain_text(message)
    assert title in VisibleHtml(html_body(message)).text


@pytest.mark.parametrize(
    "recipient",
    [
        "asha@example.com, eve@example.com",
        "asha@example.com\r\nBcc: eve@example.com",
        "Eve <eve@example.com>, asha@example.com",
        "@",
        "",
    ],
    ids=["two", "a header", "two with a name", "no name", "nothing"],
)
def test_no_mail_is_made_for_what_is_not_one_address(recipient):
    with pytest.raises(Unsendable):
        render_mail("order.created", recipient=recipient)


def test_no_mail_is_made_of_news_without_words():
    notification = Notification(ORDER, "order.lost", UUID(int=2), "asha@example.com", {}, NOW)

    with pytest.raises(Unsendable):
        render(notification)


def test_a_mail_whose_template_lacks_a_fact_is_not_rendered():
    notification = Notification(
        ORDER, "shipping.dispatched", UUID(int=2), "asha@example.com", {"carrier": "An Post"}, NOW
    )

    with pytest.raises(Unsendable):
        render(notification)


def test_a_mail_is_made_of_ascii_in_short_lines_and_a_message_id_is_not_folded():
    payload = msgspec.to_builtins(make_event("shipping.dispatched", ORDER).data)
    notification = Notification(ORDER, "shipping.dispatched", UUID(int=2), "asha@example.com", payload, NOW)

    sent = render(notification, make_order("Lámpara «Nuez» 灯 " * 20))

    sent.decode("ascii")
    assert f"\r\nMessage-ID: <{ORDER}.shipping.dispatched@shop.example>\r\n".encode() in sent
    assert max(len(line) for line in sent.split(b"\r\n\r\n", 1)[1].split(b"\r\n")) <= 78
    assert b"\n" not in sent.replace(b"\r\n", b"")


def reduced_mail(**payload):
    items = [{"product_id": str(UUID(int=1)), "title": "Walnut desk lamp", "qty": 1, "unit_price_cents": 12999}]
    said = {"change_id": str(UUID(int=6)), "items": items, "amount_cents": 12999, "currency": "EUR", **payload}
    notification = Notification(ORDER, "order.reduced", UUID(int=2), "asha@example.com", said, NOW, str(UUID(int=6)))
    return parse(render(notification))


def test_a_mail_about_a_part_of_an_order_lists_that_part_alone():
    message = reduced_mail()

    for said in (plain_text(message), VisibleHtml(html_body(message)).text):
        assert "129.99 EUR" in said
        assert "259.98 EUR" not in said
        assert "We pay 129.99 EUR back to you" in said


def test_a_part_that_cost_nothing_is_not_said_to_be_paid_back():
    items = [{"title": "Colour card", "qty": 1, "unit_price_cents": 0}]
    message = reduced_mail(items=items, amount_cents=0)

    for said in (plain_text(message), VisibleHtml(html_body(message)).text):
        assert "nothing to pay back" in said
        assert "We pay" not in said


@pytest.mark.parametrize(
    ("occurrence", "expected"), [("", "your cancelled order"), (str(UUID(int=6)), "a part of your order")]
)
def test_a_refund_says_whether_it_is_for_all_of_an_order(occurrence, expected):
    payload = msgspec.to_builtins(make_event("payment.refunded", ORDER).data)
    notification = Notification(ORDER, "payment.refunded", UUID(int=2), "asha@example.com", payload, NOW, occurrence)

    message = parse(render(notification))

    for said in (plain_text(message), VisibleHtml(html_body(message)).text):
        assert expected in said


def test_a_mail_about_what_was_sent_back_says_that_it_has_arrived():
    message = reduced_mail(kind="return")

    assert message["Subject"] == "What you sent back of your order 4BE2A001 has arrived"
    for said in (plain_text(message), VisibleHtml(html_body(message)).text):
        assert "We have what you sent back" in said
        assert "We pay 129.99 EUR back to you" in said
        assert "cancelled" not in said
