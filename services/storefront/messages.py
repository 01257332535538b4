"""What people are told when the answer is no: a sentence for every problem type and every rule of a form."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

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
    "unauthorized": Message(_("Please sign in first"), _("Then you see what you wanted to see.")),
}
DEFAULT_MESSAGE = Message(_("That did not work"), _("Nothing was changed. Please try it once more."))

# By the field and the rule of the contract, or by the rule alone.
FIELD_RULES: Mapping[tuple[str, str], str] = {
    ("email", "pattern"): _("An e-mail address has an @ and a dot"),
    ("email", "minLength"): _("An e-mail address has an @ and a dot"),
    ("password", "minLength"): _("Eight characters at least"),
}
RULES: Mapping[str, str] = {
    "required": _("This is needed"),
    "minLength": _("This is too short"),
    "maxLength": _("This is too long"),
    "minimum": _("This is too little"),
    "maximum": _("This is too much"),
    "type": _("This should be a number"),
}
DEFAULT_RULE_TEXT = _("Please have another look at this")


def message_for(refusal: Refusal) -> Message:
    """What to say about a refusal, in English: templates translate it."""
    return MESSAGES.get(refusal.slug, DEFAULT_MESSAGE)


def field_errors(refusal: Refusal | None, translate: Translate) -> dict[str, str]:
    """The sentence at each field of a form: /body/city is the field city."""
    if refusal is None:
        return {}
    about = message_for(refusal).field
    found = {about: translate(message_for(refusal).text)} if about is not None else {}
    for error in refusal.errors:
        where, _slash, name = error["pointer"].removeprefix("/").partition("/")
        if where == "body" and name:
            rule = error["rule"]
            text = FIELD_RULES.get((name, rule)) or RULES.get(rule, DEFAULT_RULE_TEXT)
            found.setdefault(name, translate(text))
    return found
