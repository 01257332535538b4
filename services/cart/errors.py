"""What the cart service can refuse, and why."""

from services.errors import HandledError


class ProductUnavailable(Exception):
    """A product is not sold any more."""


class CurrencyMix(Exception):
    """All products of a cart are of one currency."""


class CartFull(Exception):
    """The cart holds as many different products as it can."""


class TooManyPieces(Exception):
    """There can be no more than 99 pieces of one product in a cart."""


class TooManyAdditions(Exception):
    """The cart was added to as often as it can be."""


class LineNotFound(Exception):
    """The product is not in the cart."""


class PriceRequired(HandledError):
    """More pieces are wanted than the cart has, and no addition with their price was given."""


class KeyNotFound(HandledError):
    """No request came with this idempotency key."""
