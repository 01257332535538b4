"""Make a mail of what is to be told: one recipient, text and HTML, in the words of templates/."""

import unicodedata
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape

from services.money import Money
from services.notifications.domain import Line, Mail, Order
from services.notifications.ports import Unsendable

log = structlog.get_logger()

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8"),
    # By the endings the files really have: what jinja2 does not know by its ending it does not escape.
    autoescape=select_autoescape(enabled_extensions=("html",), disabled_extensions=("txt",), default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    auto_reload=False,
)
# Why a payment failed, by the code of the event; a code that is none of these is the first.
REFUSALS = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "There was too little money on your account.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "The security code of your card was not right.",
    "authentication_required": "Your bank asks you to confirm the payment.",
    "processing_error": "Your bank could not process the payment.",
}
REFUSED = REFUSALS["card_declined"]
# What events say in words that the shop or its admins chose; titles of products are the only others.
SHOPS_OWN = {"payment_id", "carrier", "tracking_number"}
# Control characters, line breaks and the marks that turn text around; but joiners make emoji and many scripts.
HIDDEN, JOINERS = {"Cc", "Cf", "Zl", "Zp", "Cs"}, "\u200c\u200d"


class Composer:
    """Writes mails from one sender."""

    def __init__(self, sender: str) -> None:
        self._sender = Address("Shop", addr_spec=sender)

    def __call__(self, mail: Mail, order: Order | None) -> EmailMessage:
        """The mail; without lines when the order is not known.

        Raises:
            Unsendable: Its recipient is no address, or what it is about has no words.
        """
        try:
            return self._composed(mail, order)
        except Exception as misfit:  # whatever is wrong with one mail must not keep the others waiting
            log.exception("mail cannot be made", mail_id=str(mail.id), kind=mail.news.kind)
            raise Unsendable(type(misfit).__name__) from misfit

    def _composed(self, mail: Mail, order: Order | None) -> EmailMessage:
        text, html = (TEMPLATES.get_template(f"{mail.news.kind}.{form}") for form in ("txt", "html"))
        facts = _facts(mail, order)
        subject = " ".join(_block(text, "subject", facts).split())
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        # Not as a string: "a@example.com, b@example.com" would be two recipients.
        message["To"] = _address(mail.news.recipient)
        message["Subject"] = subject
        message["Date"] = mail.queued_at
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
        message.set_content(text.render(facts, subject=subject), cte="quoted-printable")
        message.add_alternative(html.render(facts, subject=subject), subtype="html", cte="quoted-printable")
        return message


def _address(recipient: str) -> Address:
    """The recipient as one address, also those that RFC 5322 would have in quotes, like a..b@example.com."""
    username, _, domain = recipient.rpartition("@")
    if not username or not domain or "@" in username:
        raise ValueError("not one address")
    return Address(username=username, domain=domain)


def _facts(mail: Mail, order: Order | None) -> dict[str, Any]:
    """All that the templates know: the order's number, lines and total, and of the news what the shop itself said.

    Nobody has proved that the address is theirs: what a shopper chose stands in no mail, not even the address itself,
    for whoever gets the mail might be somebody else.
    """
    facts = mail.news.facts
    known: dict[str, Any] = {
        "number": str(mail.news.order_id)[-8:].upper(),  # the end: ids of one moment begin alike
        "order_id": str(mail.news.order_id),
        "lines": [_line(line, order.total.currency) for line in order.lines] if order else [],
        "total": str(order.total) if order else None,
        "free": order is not None and order.total.amount_cents == 0,
    }
    if "amount_cents" in facts:
        known["amount"] = str(Money(int(str(facts["amount_cents"])), str(facts["currency"])))
    if "code" in facts:
        known["refusal"] = REFUSALS.get(str(facts["code"]), REFUSED)
    if "reason" in facts:
        known["expired"] = facts["reason"] == "not-paid-in-time"
    return known | {name: _plain(str(facts[name])) for name in SHOPS_OWN & facts.keys()}


def _line(line: Line, currency: str) -> Mapping[str, object]:
    return {
        "title": _plain(line.title),
        "qty": line.qty,
        "price": str(Money(line.unit_price_cents, currency)),
        "sum": str(Money(line.qty * line.unit_price_cents, currency)),
    }


def _plain(said: str) -> str:
    """An admin's words as one line that looks like what it says."""
    seen = (" " if unicodedata.category(c) in HIDDEN and c not in JOINERS else c for c in said)
    return " ".join("".join(seen).split())


def _block(template: Template, name: str, facts: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(facts))))
