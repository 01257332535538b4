"""Render mails from the templates in templates/: one recipient, as text and HTML."""

import unicodedata
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from msgspec import convert

from services.money import Money
from services.notifications.domain import LINK_PATHS, Line, Mail, Order, is_email_address
from services.notifications.errors import Unsendable
from services.notifications.mime import compose_mail

log = structlog.get_logger()

TEMPLATE_ENVIRONMENT = Environment(
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
FAILURE_SENTENCES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "There was too little money on your account.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "The security code of your card was not right.",
    "authentication_required": "Your bank asks you to confirm the payment.",
    "processing_error": "Your bank could not process the payment.",
}
DEFAULT_FAILURE_SENTENCE = FAILURE_SENTENCES["card_declined"]
# What events say in words that the shop or its admins chose; titles of products are the only others.
TRUSTED_FIELDS = {"payment_id", "carrier", "tracking_number"}
# Control characters, line breaks and the marks that turn text around; but joiners make emoji and many scripts.
STRIPPED_UNICODE_CATEGORIES, KEPT_JOINERS = {"Cc", "Cf", "Zl", "Zp", "Cs"}, "\u200c\u200d"


class MailRenderer:
    """Renders mails from one sender, as bytes that a mail server takes; their links lead to the pages of `shop_url`."""

    def __init__(
        self, sender: str, shop_url: str, compose: Callable[[Mapping[str, str], str, str], bytes] = compose_mail
    ) -> None:
        self._sender, self._shop_url, self._compose = f"Shop <{sender}>", shop_url, compose

    def __call__(self, mail: Mail, order: Order | None) -> bytes:
        """Render a mail; without lines when the order is not known, with the link of its token, if it has one.

        Raises:
            Unsendable: Its recipient is no address, or there is no template for its kind.
        """
        try:
            return self._render(mail, order)
        except Exception as error:  # whatever is wrong with one mail must not keep the others waiting
            log.exception("mail cannot be made", mail_id=str(mail.id), kind=mail.notification.kind)
            raise Unsendable(type(error).__name__) from error

    def _render(self, mail: Mail, order: Order | None) -> bytes:
        if not is_email_address(mail.notification.recipient):
            raise ValueError("not one address")
        text, html = (
            TEMPLATE_ENVIRONMENT.get_template(f"{mail.notification.kind}.{extension}") for extension in ("txt", "html")
        )
        context = _template_context(mail, order)
        if mail.link_token:
            context["link"] = f"{self._shop_url}{LINK_PATHS[mail.notification.kind]}?token={mail.link_token}"
        subject = " ".join(_render_block(text, "subject", context).split())
        headers = {
            "From": self._sender,
            "To": mail.notification.recipient,
            "Subject": subject,
            "Date": format_datetime(mail.queued_at),
            "Message-ID": mail.message_id,
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's absence answers it
        }
        return self._compose(headers, text.render(context, subject=subject), html.render(context, subject=subject))


def _template_context(mail: Mail, order: Order | None) -> dict[str, Any]:
    """The variables of the templates: the order's number, lines and total, and what the shop itself says.

    Nobody has proved that the address is theirs: what a shopper chose stands in no mail, not even the address itself,
    for whoever gets the mail might be somebody else.
    """
    payload, order_id = mail.notification.payload, mail.notification.order_id
    lines, total = (order.lines, order.total) if order else ((), None)
    if mail.notification.kind == "order.reduced":  # it is about a part of the order
        lines = convert(payload["items"], tuple[Line, ...])
        total = Money(int(str(payload["amount_cents"])), str(payload["currency"]))
    context: dict[str, Any] = {
        "number": str(order_id)[-8:].upper() if order_id else None,  # the end: ids of one moment begin alike
        "order_id": str(order_id) if order_id else None,
        "lines": [_line_context(line, total.currency) for line in lines] if total else [],
        "total": str(total) if total else None,
        "free": total is not None and total.amount_cents == 0,
    }
    if "amount_cents" in payload:
        context["amount"] = str(Money(int(str(payload["amount_cents"])), str(payload["currency"])))
    context["returned"] = payload.get("kind") == "return"
    context["partly"] = mail.notification.occurrence != ""
    if "code" in payload:
        context["refusal"] = FAILURE_SENTENCES.get(str(payload["code"]), DEFAULT_FAILURE_SENTENCE)
    if "reason" in payload:
        context["expired"] = payload["reason"] == "not-paid-in-time"
    return context | {name: _to_single_line(str(payload[name])) for name in TRUSTED_FIELDS & payload.keys()}


def _line_context(line: Line, currency: str) -> Mapping[str, object]:
    return {
        "title": _to_single_line(line.title),
        "qty": line.qty,
        "price": str(Money(line.unit_price_cents, currency)),
        "sum": str(Money(line.qty * line.unit_price_cents, currency)),
    }


def _to_single_line(text: str) -> str:
    """Text as one line, without control characters and marks that reverse it."""
    visible = (
        " " if unicodedata.category(c) in STRIPPED_UNICODE_CATEGORIES and c not in KEPT_JOINERS else c for c in text
    )
    return " ".join("".join(visible).split())


def _render_block(template: Template, name: str, context: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(context))))
