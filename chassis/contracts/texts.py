"""What people type, in one form: outer blanks left out, a blank text absent, a domain by its A-labels.

A schema of a request says so by `x-normalize`: `text` for what must be there, `optional-text` for what is absent when
it is blank, `optional-postcode` for what is absent also when it is a dash, `text-or-empty` for what is empty when it is
blank, `email` for an address. The schema has accepted the value before, blanks and all, so that whoever reads only the
contract accepts the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

import idna

from chassis.contracts.errors import ContractError

NORMALIZE_KEYWORD = "x-normalize"
MAX_EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


def _characters(*ranges: tuple[int, int]) -> str:
    return "".join(chr(code) for first, last in ranges for code in range(first, last + 1))


WHITESPACE_CHARACTERS = _characters(
    (0x9, 0xD), (0x20, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
)  # fmt: skip
# They separate or mark and show nothing, also at the end of a word; joiners and selectors there do.
STRIPPED_CHARACTERS = WHITESPACE_CHARACTERS + "\u200b\u2060\ufeff"
# Unicode's Default_Ignorable_Code_Point and the blanks that are drawn: a text of nothing else is blank. Those that do
# not fit 16 bits stand only here, because the patterns of contracts mean the same to every tool only without them.
INVISIBLE_CHARACTERS = frozenset(WHITESPACE_CHARACTERS + _characters(
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
))  # fmt: skip
# No text may have them (common.yaml): controls, and marks that turn text around. The first version took most of them.
FORBIDDEN_CHARACTERS = dict.fromkeys(
    map(ord, _characters((0, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x206F)))
)


class InvalidText(ValueError):
    """A text has no normalized form; `pointer` says where it stands, `rule` what it breaks."""

    def __init__(self, pointer: str, rule: str) -> None:
        super().__init__(f"{pointer} breaks {rule!r}")
        self.pointer, self.rule = pointer, rule


Normalizer = Callable[[Any, str], Any]


def normalize_email(typed: str) -> str:
    """The address without outer blanks, a domain that is not ASCII by its A-labels (RFC 5890).

    Raises:
        ValueError: There is no such domain, or the address is longer than mail servers take.
    """
    local, _, domain = typed.strip(STRIPPED_CHARACTERS).rpartition("@")
    address = f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    if len(address) > MAX_EMAIL_LENGTH:
        raise ValueError("too long")
    return address


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen."""
    return all(character in INVISIBLE_CHARACTERS for character in text)


def without_forbidden_characters(text: str) -> str:
    """A text of the first version as the second has it: no character that it may not have, a dash if it is blank."""
    cleaned = text.translate(FORBIDDEN_CHARACTERS)
    return "-" if text and is_blank(cleaned) else cleaned


def _text(typed: str) -> str:
    if is_blank(typed):
        raise ValueError("blank")
    return typed.strip(STRIPPED_CHARACTERS)


def _optional_text(typed: str) -> str | None:
    return None if is_blank(typed) else typed.strip(STRIPPED_CHARACTERS)


def _optional_postcode(typed: str) -> str | None:
    return typed.strip(STRIPPED_CHARACTERS) if any(character.isalnum() for character in typed) else None


def _text_or_empty(typed: str) -> str:
    return "" if is_blank(typed) else typed.strip(STRIPPED_CHARACTERS)


# What each mark does, and the rule that is broken where it cannot be done.
NORMALIZERS: Mapping[str, tuple[Callable[[str], str | None], str]] = {
    "text": (_text, "required"),
    "optional-text": (_optional_text, "required"),
    "optional-postcode": (_optional_postcode, "required"),
    "text-or-empty": (_text_or_empty, "required"),
    "email": (normalize_email, "email"),
}


def normalizer_for(schema: Mapping[str, Any]) -> Normalizer | None:
    """What makes the one form of a value that the schema has accepted, given where it stands; None if nothing does.

    Objects are changed in place; None for an optional text says that it is absent.

    Raises:
        ContractError: The schema asks for something that is not known here.
    """
    if (kind := schema.get(NORMALIZE_KEYWORD)) is not None:
        if kind not in NORMALIZERS or schema.get("nullable"):
            raise ContractError(f"{NORMALIZE_KEYWORD}: {kind} is not known, or stands beside nullable")
        return _normalize_text(*NORMALIZERS[kind])
    if "items" in schema and (item := normalizer_for(schema["items"])) is not None:
        return lambda values, at: [item(value, f"{at}/{index}") for index, value in enumerate(values)]
    found = [(name, normalizer_for(each)) for name, each in _properties(schema).items()]
    fields = [(name, normalize) for name, normalize in found if normalize is not None]
    if not fields:
        return None

    def normalize_fields(value: Any, at: str) -> Any:
        for name, normalize in fields:
            if (given := value.get(name)) is not None:
                normalized = normalize(given, f"{at}/{name}")
                if normalized is None:
                    del value[name]
                else:
                    value[name] = normalized
        return value

    return normalize_fields


def _normalize_text(normalize: Callable[[str], str | None], rule: str) -> Normalizer:
    def normalize_text(typed: str, at: str) -> str | None:
        try:
            return normalize(typed)
        except ValueError:
            raise InvalidText(at, rule) from None

    return normalize_text


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(schema.get("properties", {}))
    for each in schema.get("allOf", ()):
        found |= _properties(each)
    return found
