"""What the payment service can refuse, and why."""

from services.errors import HandledError


class OrderNotFound(Exception):
    """There is no such order."""


class OrderNotPayable(Exception):
    """The order cannot be paid."""


class AmountDiffers(Exception):
    """The order asks for another amount."""


class TooManyFailures(Exception):
    """There were too many failed attempts to pay for this order."""


class PaymentInProgress(Exception):
    """Another attempt to pay for this order is not decided yet."""


class MockNotInUse(Exception):
    """The mock provider is not in use."""


class ProviderNotFound(Exception):
    """There is no such provider."""


class InvalidSignature(Exception):
    """The signature is not the provider's."""


class AlreadyPaid(Exception):
    """The order is paid already."""


class RefundExceedsPayment(HandledError):
    """There is not so much left to be paid back."""


class RefundOfAnotherAmount(HandledError):
    """Another amount, or another order's, is paid back under that id."""
