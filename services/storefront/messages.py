"""What people are told when the answer is no: a sentence for every problem type and every rule of a form."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from chassis.web.pages import Refusal

Translate = Callable[[str], str]


def _(text: str) -> str:
    """Mark a sentence for the catalogues; it is translated when it is shown."""
    return text


class Message(NamedTuple):
    """A heading and a sentence; at a field of the form, if it is about one."""

    title: str
    text: str
    field: str | None = None


# By the end of a problem's type.
MESSAGES: Mapping[str, Message] = {
    "invalid-request": Message(_("Something needs another look"), _("See the fields below.")),
    "form-expired": Message(_("The page was open for a while"), _("Nothing was changed. Please send it once more.")),
    "too-many-attempts": Message(_("That was too often"), _("Please wait for a minute, then try again.")),
    "wrong-credentials": Message(_("That did not work"), _("The address or the password is wrong.")),
    "email-taken": Message(
        _("There is an account already"), _("This address has an account. Sign in, or take another address."), "email"
    ),
    "password-too-common": Message(
        _("The password is too easy"), _("This password is one of the commonest. A sentence is best."), "password"
    ),
    "link-refused": Message(
        _("The link works no more"),
        _("It was used, is too old, or a newer mail has replaced it. Please ask for another one."),
    ),
    "account-disabled": Message(_("The account is closed for now"), _("Please write to us.")),
    "product-unavailable": Message(_("It is not sold any more"), _("One of the products is not sold any more.")),
    "currency-mix": Message(
        _("Another currency"), _("What is in the cart is in another currency. Order that first, or take it out.")
    ),
    "cart-full": Message(_("The cart is full"), _("The cart holds as many different products as it can.")),
    "too-many-pieces": Message(_("That is too many"), _("There can be 99 pieces of one product in a cart.")),
    "too-many-additions": Message(
        _("The cart is full"), _("The cart was added to as often as it can be. Order it first.")
    ),
    "cart-is-empty": Message(
        _("The cart is empty"), _("There is nothing to order. What was in it is among your orders, if you ordered it.")
    ),
    "out-of-stock": Message(
        _("Somebody was quicker"), _("There are not so many left. The cart says how many there are.")
    ),
    "price-changed": Message(_("A price has changed"), _("Nothing is ordered until you say so.")),
    "order-exists": Message(_("This has been ordered already"), _("Nothing was ordered twice.")),
    "too-many-unpaid-orders": Message(
        _("Other orders come first"), _("Some of your orders wait for their payment. Please pay or cancel them first.")
    ),
    "checkout-given-up": Message(_("It took too long"), _("Nothing was ordered. Please place the order once more.")),
    "email-not-verified": Message(
        _("One more step"), _("Please follow the link in the mail that we sent to your address. Then you can order.")
    ),
    "amount-differs": Message(_("Another amount"), _("The order asks for another amount than this page showed.")),
    "order-not-payable": Message(_("The order cannot be paid"), _("No money has moved.")),
    "payment-in-progress": Message(
        _("Not decided yet"), _("Your payment is still being made. Look again in a moment before you pay once more.")
    ),
    "too-many-failures": Message(_("That was too often"), _("There were too many attempts to pay for this order.")),
    "wrong-password": Message(_("That did not work"), _("The password is wrong."), "current_password"),
    "last-admin": Message(_("The account has to stay"), _("The shop has no other admin.")),
    "too-many-addresses": Message(_("That is one too many"), _("Remove one of the saved addresses first.")),
    "address-not-found": Message(_("It is gone already"), _("This address is not saved any more.")),
    "already-dispatched": Message(
        _("The parcel has left"), _("Once its parcel is on its way, an order cannot be cancelled.")
    ),
    "checkout-in-progress": Message(
        _("One moment"), _("The order is still being placed. Please try again in a minute.")
    ),
    "shipment-not-ready": Message(
        _("The parcel is not in a state for this"), _("Look at its status: nothing was changed.")
    ),
    "dispatched-differently": Message(
        _("The parcel has left already"),
        _("It went with another carrier or number. Correct the number if it is wrong."),
    ),
    "sku-taken": Message(_("The number is taken"), _("Another product has this number."), "sku"),
    "category-unknown": Message(
        _("The category is gone"), _("There is no such category any more; choose another."), "category_id"
    ),
    "image-refused": Message(
        _("That is no picture for here"), _("It has to be PNG, JPEG or WebP, and not too large."), "picture"
    ),
    "too-many-images": Message(
        _("There are enough pictures"), _("A product has eight pictures at most. Remove another one first."), "picture"
    ),
    "image-not-found": Message(_("The picture is gone"), _("It was removed already.")),
    "below-reserved": Message(
        _("Too few would be left"), _("Fewer pieces would be left than are set aside for orders."), "change"
    ),
    "too-much-stock": Message(_("That is too much"), _("The stock of a product cannot be that large.")),
    "own-account": Message(_("That is your own account"), _("Another admin has to do this.")),
    "account-not-found": Message(_("There is no such account"), _("It may have been deleted.")),
    "dead-letter-not-found": Message(_("There is no such event"), _("It may be too old to be kept.")),
    "notification-not-found": Message(_("There is no such mail"), _("It may be too old to be kept.")),
    "unauthorized": Message(_("Please sign in first"), _("Then you see what you wanted to see.")),
}
DEFAULT_MESSAGE = Message(_("That did not work"), _("Nothing was changed. Please try it once more."))

# By the field and the rule of the contract, or by the rule alone.
FIELD_RULES: Mapping[tuple[str, str], str] = {
    ("email", "pattern"): _("An e-mail address has an @ and a dot"),
    ("email", "minLength"): _("An e-mail address has an @ and a dot"),
    ("password", "minLength"): _("Eight characters at least"),
    ("qty", "type"): _("This should be a number"),
    ("token", "required"): _("The link works no more"),
    ("token", "minLength"): _("The link works no more"),
    ("token", "pattern"): _("The link works no more"),
    ("address_id", "not"): _("Choose the saved address or “Another address”: one is filled in below"),
    ("address_id", "required"): _("This address is not saved any more"),
    ("address_line1", "required"): _("Say the street and the number"),
    ("city", "required"): _("Say the town or city"),
    ("postcode", "required"): _("Say the postcode"),
    ("currency", "pattern"): _("A currency has three capital letters, like EUR"),
    ("picture", "required"): _("Please choose a file"),
    ("price", "decimals"): _("That currency has fewer decimals"),
    ("price", "pattern"): _("Write the price like 149.99"),
    ("sku", "pattern"): _("Letters, digits, dots, hyphens and underscores"),
    ("sure", "required"): _("Please say that you are sure"),
    ("tracking_number", "pattern"): _("Letters, digits and hyphens"),
    ("postcode", "pattern"): _("Letters, digits, blanks and hyphens only"),
}
RULES: Mapping[str, str] = {
    "required": _("This is needed"),
    "minLength": _("This is too short"),
    "maxLength": _("This is too long"),
    "minimum": _("This is too little"),
    "maximum": _("This is too much"),
}
DEFAULT_RULE_TEXT = _("Please have another look at this")


def message_for(refusal: Refusal) -> Message:
    """What to say about a refusal, in English: templates translate it."""
    return message_for_type(refusal.slug)


def message_for_type(slug: str) -> Message:
    """The same, by the end of a problem's type."""
    return MESSAGES.get(slug, DEFAULT_MESSAGE)


def field_errors(refusal: Refusal | None, translate: Translate, form: Mapping[str, Any]) -> dict[str, str]:
    """The sentence at each field of a form: /body/city is the field city."""
    if refusal is None:
        return {}
    about = message_for(refusal).field
    found = {about: translate(message_for(refusal).text)} if about is not None else {}
    for error in refusal.errors:
        where, _slash, name = error["pointer"].removeprefix("/").partition("/")
        if where == "body" and name:
            rule = "required" if error["rule"] == "minLength" and form.get(name) == "" else error["rule"]
            text = FIELD_RULES.get((name, rule)) or RULES.get(rule, DEFAULT_RULE_TEXT)
            found.setdefault(name, translate(text))
    return found
