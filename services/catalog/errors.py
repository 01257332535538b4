"""What the catalog service can refuse, and why."""

from typing import Any

from services.errors import HandledError


class CategoryNotFound(Exception):
    """There is no such category."""


class CategoryNameTaken(Exception):
    """There is a category of this name already."""


class TooManyCategories(Exception):
    """The shop has as many categories as it can."""


class CategoryNotEmpty(Exception):
    """There are products in this category."""


class CategoryUnknown(Exception):
    """There is no such category for the product."""


class ProductNotFound(Exception):
    """There is no such product."""


class SkuTaken(Exception):
    """There is a product with this SKU already."""


class ImageNotFound(Exception):
    """There is no such image."""


class ImageRefused(Exception):
    """The file is not an image that can be shown here."""


class TooManyImages(Exception):
    """The product has as many images as it can."""


class BelowReserved(Exception):
    """Fewer pieces would be left than are set aside for orders."""


class TooMuchStock(Exception):
    """The stock of a product cannot be that large."""


class ReservationNotFound(Exception):
    """There is no such reservation."""


class NotSold(HandledError):
    """More pieces of an order come back than were sold, and no repeat would mend that."""


class OrderCancelled(Exception):
    """The order is cancelled."""


class _LinesRefused(Exception):
    """Some lines of an order cannot be set aside; which ones goes with the problem."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        super().__init__()
        self.members = {"lines": lines}


class ProductUnavailable(_LinesRefused):
    """A product is not sold any more."""


class PriceChanged(_LinesRefused):
    """A price has changed since the product was put in the cart."""


class OutOfStock(_LinesRefused):
    """A product is out of stock."""


class ImageStoreRejection(HandledError):
    """The image store is there, and refuses what was asked of it."""
