"""The mails themselves: what they say, and that nobody's words become more than words."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from uuid import UUID

import msgspec
import pytest
from jinja2.meta import find_undeclared_variables

from generated.models.notifications import NotificationKind
from generated.models.payment import FailureCode
from services.money import Money
from services.notifications.clients import UNFOLDED
from services.notifications.composing import REFUSALS, TEMPLATES, Composer
from services.notifications.domain import Line, Mail, News, Order
from services.notifications.ports import Unsendable
from services.notifications.tests.conftest import SHOP
from services.notifications.tests.happenings import KINDS, event

ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
LAMPS = Order(ORDER, Money(25998, "EUR"), (Line("Walnut desk lamp", 2, 12999),))
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def composed(kind, order=LAMPS, recipient="asha@example.com", **said):
    facts = msgspec.to_builtins(event(kind, ORDER, **said).data)
    news = News(ORDER, kind, UUID(int=2), recipient, facts, NOW)
    return Composer(SHOP)(Mail(UUID(int=3), news, news.message_id("shop.example"), NOW), order)


def ordering(title):
    return Order(ORDER, Money(25998, "EUR"), (Line(title, 2, 12999),))


def text_of(message):
    return message.get_body(("plain",)).get_content()


def html_of(message):
    return message.get_body(("html",)).get_content()


class Seen(HTMLParser):
    """What a reader of the HTML sees, and the elements it is made of."""

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
    assert set(KINDS) == {kind.value for kind in NotificationKind}


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_holds_lines_and_total_in_text_and_in_html(kind):
    message = composed(kind)

    text, html = text_of(message), Seen(html_of(message)).text

    for said in ("Walnut desk lamp", "129.99 EUR", "259.98 EUR", "4BE2A001", str(ORDER), "What happens next"):
        assert said in text
        assert said in html
    assert "2 x 129.99 EUR" in text
    assert "2 \u00d7 129.99 EUR" in html
    assert "4BE2A001" in message["Subject"]
    assert "because" in text


@pytest.mark.parametrize("kind", KINDS)
def test_every_mail_is_from_the_shop_to_one_shopper(kind):
    message = composed(kind)

    assert [address.addr_spec for address in message["To"].addresses] == ["asha@example.com"]
    assert message["From"].addresses[0].addr_spec == SHOP
    assert message["Message-ID"] == f"<{ORDER}.{kind}@shop.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert (message["Cc"], message["Bcc"]) == (None, None)
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part.get_content_charset() for part in message.iter_parts()} == {"utf-8"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "order.created"])
def test_a_mail_about_an_order_not_known_here_goes_without_lines(kind):
    message = composed(kind, order=None)

    for said in (text_of(message), Seen(html_of(message)).text):
        assert "4BE2A001" in said
        assert "What happens next" in said
        assert "Total" not in said


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("shipping.dispatched", ["An Post", "LX123456789IE"]),
        ("shipping.corrected", ["An Post", "LX987654321IE", "was wrong"]),
        ("payment.succeeded", ["259.98 EUR", "0198c3c5-0a4e-7c6e-9d26-3f1f4be2f001"]),
        ("payment.failed", ["Your card was declined."]),
        ("payment.refunded", ["259.98 EUR"]),
    ],
)
def test_the_news_itself_is_told(kind, facts):
    message = composed(kind, order=None)

    for fact in facts:
        assert fact in text_of(message)
        assert fact in Seen(html_of(message)).text


@pytest.mark.parametrize(
    ("reason", "said"), [("requested", "as requested"), ("not-paid-in-time", "did not reach us in")]
)
def test_a_cancelled_order_says_why(reason, said):
    message = composed("order.cancelled", reason=reason)

    assert said in text_of(message)
    assert said in Seen(html_of(message)).text


def body_of(message):
    return text_of(message) + Seen(html_of(message)).text


@pytest.mark.parametrize("template", sorted(TEMPLATES.list_templates()))
def test_a_template_knows_only_what_the_shop_itself_says(template):
    source = TEMPLATES.loader.get_source(TEMPLATES, template)[0]

    assert find_undeclared_variables(TEMPLATES.parse(source)) <= {
        *("number", "order_id", "lines", "total", "free", "amount", "refusal", "expired", "subject"),
        *("payment_id", "carrier", "tracking_number"),
        "facts",  # the macro of facts.html
    }


@pytest.mark.parametrize("kind", KINDS)
def test_of_what_an_event_says_only_the_words_of_admins_and_of_the_shop_reach_a_mail(kind):
    facts = msgspec.to_builtins(event(kind, ORDER).data)
    canaries = {name: f"canary-{name}" for name, fact in facts.items() if isinstance(fact, str) and name != "currency"}
    news = News(ORDER, kind, UUID(int=2), "asha+canary-recipient@example.com", facts | canaries, NOW)

    message = Composer(SHOP)(Mail(UUID(int=3), news, news.message_id("shop.example"), NOW), LAMPS)

    read = body_of(message) + message["Subject"]
    assert {name for name in canaries if f"canary-{name}" in read} == canaries.keys() & {
        *("payment_id", "carrier", "tracking_number")
    }
    assert "canary-recipient" not in read


@pytest.mark.parametrize("code", list(FailureCode))
def test_every_code_of_a_failed_payment_has_a_sentence_of_its_own(code):
    others = [REFUSALS[other] for other in REFUSALS if other != code]

    said = body_of(composed("payment.failed", code=code.value))

    assert REFUSALS[code] in said
    assert not [sentence for sentence in others if sentence in said]


def test_a_failed_payment_of_the_first_version_is_told_in_the_shops_words():
    said = body_of(composed("payment.failed", code="visit_evil_example", reason="Visit evil.example"))

    assert "Your card was declined." in said
    assert "evil" not in said


@pytest.mark.parametrize("kind", ["order.created", "order.cancelled"])
def test_a_mail_about_an_order_that_cost_nothing_asks_for_no_money_and_promises_none(kind):
    free = Order(ORDER, Money(0, "EUR"), (Line("Colour card", 1, 0),))

    said = " ".join(body_of(composed(kind, free)).split())

    assert "nothing to pay" in said
    assert "Please pay" not in said
    assert "paid already" not in said
    assert "What you have paid" not in said


HOSTILE = {
    "a script": "<script>alert(1)</script>",
    "an image that runs": '"><img src=x onerror=alert(1)>',
    "a link": '<a href="https://evil.example">Click</a>',
    "a template": "{{ 7*7 }}{% include '/etc/passwd' %}",
    "an entity": "&lt;script&gt; &amp;",
    "an attribute": "' onmouseover='alert(1)",
    "a comment": "<!-- --></title></table>",
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_words_stay_words(kind, words):
    harmless = composed(kind)

    message = composed(kind, ordering(words))

    html = Seen(html_of(message))
    assert words in html.text
    assert html.tags == Seen(html_of(harmless)).tags
    assert words in text_of(message)
    assert "49" not in html.text


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_carriers_stay_words(words):
    message = composed("shipping.dispatched", carrier=words)

    html = Seen(html_of(message))
    assert words in html.text
    assert not html.tags & {"script", "img", "a"}
    assert words in text_of(message)


@pytest.mark.parametrize(
    "words",
    [
        "Lamp\r\nBcc: eve@example.com\r\n\r\nYou owe us 900 EUR",
        "Lamp\nBcc: eve@example.com\n\nYou owe us 900 EUR",
        "Lamp\x00\x1b[2J\u2028Bcc: eve@example.com You owe us 900 EUR",
        "Lamp\u202eBcc: eve@example.com You owe us 900 EUR\u202c",
    ],
    ids=["CRLF", "LF", "other control characters", "text turned around"],
)
def test_words_of_others_stay_on_one_line_and_make_no_headers(words):
    lamp = composed("shipping.dispatched", ordering(words), carrier=words)

    assert lamp["Bcc"] is None
    assert len(lamp.keys()) == len(composed("shipping.dispatched").keys())
    for line in text_of(lamp).splitlines():
        assert not line.startswith(("Bcc", "You owe"))
    assert not set(text_of(lamp)) & set("\x00\x1b\u2028\u202e\r")


@pytest.mark.parametrize(
    "title", ["Lámpara «Nuez» 灯 👩🏽‍🔧", "मेज़ का दीपक", "منضدة"], ids=["Latin and emoji", "Hindi", "Arabic"]
)
def test_titles_of_any_script_arrive_as_they_are(title):
    message = composed("order.created", ordering(title))

    assert title in text_of(message)
    assert title in Seen(html_of(message)).text
    message.as_bytes().decode("ascii")


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
        composed("order.created", recipient=recipient)


def test_no_mail_is_made_of_news_without_words():
    news = News(ORDER, "order.lost", UUID(int=2), "asha@example.com", {}, NOW)

    with pytest.raises(Unsendable):
        Composer(SHOP)(Mail(UUID(int=3), news, news.message_id("shop.example"), NOW), LAMPS)


def test_facts_that_are_missing_are_noticed():
    news = News(ORDER, "shipping.dispatched", UUID(int=2), "asha@example.com", {"carrier": "An Post"}, NOW)

    with pytest.raises(Unsendable):
        Composer(SHOP)(Mail(UUID(int=3), news, news.message_id("shop.example"), NOW), LAMPS)


def test_a_message_id_is_not_folded_on_its_way():
    sent = composed("shipping.dispatched").as_bytes(policy=UNFOLDED)

    assert f"\r\nMessage-ID: <{ORDER}.shipping.dispatched@shop.example>\r\n".encode() in sent
    assert max(len(line) for line in sent.split(b"\r\n\r\n", 1)[1].split(b"\r\n")) <= 78
