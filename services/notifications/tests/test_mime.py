"""Mails composed as bytes, beside what the `email` package would have made of the same."""

import email.policy
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from services.notifications.mime import compose_mail

SENT_AT = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)
ID = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001"
HEADERS = {
    "From": "Shop <orders@shop.example>",
    "To": "asha@example.com",
    "Subject": "We have your payment for order 4BE2A001",
    "Date": format_datetime(SENT_AT),
    "Message-ID": f"<{ID}.shipping.corrected.{ID}@shop.example>",
    "Auto-Submitted": "auto-generated",
}
BODIES = {
    "plain words": "Your parcel is ready.\n\nThank you!\n",
    "no line break at the end": "Thank you!",
    "many scripts": "Lámpara «Nuez» 灯 मेज़ का दीपक منضدة 👩🏽‍🔧\n",
    "long lines": "<p>" + "Walnut desk lamp, ünïcödé " * 60 + "</p>\n",
    "one long word": "x" * 3000,
    "spaces at the ends of lines": "a \nb\t\n \n\t\nlast ",
    "dots": ".\n..\n.a\n\n.\n",
    "what quoted-printable uses": "=3D =\n=20\n==\na=\n",
    "the boundary": "--=_alternative\n--=_alternative--\n\nBcc: eve@example.com\n",
    "headers": "Bcc: eve@example.com\n\nFrom: eve@example.com\nFrom here\n",
    "every line break": "a\r\nb\rc\nd\n\r\ne",
    "control characters": "a\x00b\x07c\x0b\x0c\x1b[2J\x7f\x85\u2028\u202e",
    "nothing but lines": "\n\n\n",
}
SUBJECTS = {
    "plain": "Your order 4BE2A001",
    "another script": "Ваш заказ 4BE2A001: Lámpara «Nuez» 灯",
    "long, in another script": "Grüße aus der Werkstatt, " * 12,
    "longer than a line may be": "Walnut desk lamp " * 80,
    "what looks encoded": "=?utf-8?q?Bcc=3A_eve?= =?x?",
    "another header": "Your order; Bcc: eve@example.com",
}


def reference(headers, text, html):
    """The same mail, as the `email` package makes it."""
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in headers.items():
        message[name] = Address(addr_spec=value) if name == "To" else value
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def read(mail):
    """All that the default parser of the `email` package reads in a mail."""
    message = message_from_bytes(mail, policy=email.policy.default)
    structure = [(part.get_content_type(), part.get_content_charset(), part.defects) for part in message.walk()]
    contents = [part.get_content() for part in message.iter_parts()]
    addresses = [[(a.display_name, a.addr_spec) for a in message[name].addresses] for name in ("From", "To")]
    headers = {name: str(message[name]) for name in message if name != "Content-Type"}
    return headers, addresses, message["Date"].datetime, structure, contents, message.defects


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_is_read_as_if_the_email_package_had_made_it(body):
    assert read(compose_mail(HEADERS, body, f"<p>{body}</p>")) == read(reference(HEADERS, body, f"<p>{body}</p>"))


@pytest.mark.parametrize("subject", SUBJECTS.values(), ids=SUBJECTS.keys())
def test_a_subject_is_read_as_if_the_email_package_had_made_it(subject):
    headers = HEADERS | {"Subject": subject}

    composed = compose_mail(headers, "text", "html")

    assert read(composed) == read(reference(headers, "text", "html"))
    assert max(map(len, composed.split(b"\r\n"))) < 998


@pytest.mark.parametrize(
    "recipient", ["a..b@example.com", ".a.@example.com", "!#$%&'*+/=?^_`{|}~-@b.ie", f"{'x' * 240}@b.example"]
)
def test_an_address_is_read_as_if_the_email_package_had_made_it(recipient):
    local, _, domain = recipient.rpartition("@")
    message = EmailMessage(policy=email.policy.SMTP)
    message["To"] = Address(username=local, domain=domain)

    composed = compose_mail(HEADERS | {"To": recipient}, "text", "html")

    assert message_from_bytes(composed, policy=email.policy.default)["To"] == message["To"]
    assert f"\r\nTo: {recipient}\r\n".encode() in composed


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x7f"], ids=repr)
def test_no_header_makes_another_one(name, sign):
    with pytest.raises(ValueError, match="control character"):
        compose_mail(HEADERS | {name: f"value{sign}Bcc: eve@example.com"}, "text", "html")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_mail_is_ascii_in_short_lines(body):
    composed = compose_mail(HEADERS, body, body)

    composed.decode("ascii")
    assert max(map(len, composed.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 78
    assert not {b"\r", b"\n"} & {composed.replace(b"\r\n", b"")[n : n + 1] for n in range(len(composed))}
