"""What can be wrong with a mail."""

from services.errors import HandledError


class NotificationNotFound(Exception):
    """There is no such mail."""


class InvalidRecipient(HandledError):
    """A notification is for something that is not one plain e-mail address, and no repeat would mend that."""


class LinkNotFound(HandledError):
    """The link that a mail is about was used, replaced or is too old."""


class Unavailable(HandledError):
    """The mail server could not be reached, or did not serve us: nothing is wrong with the mail."""


class AccessDenied(Unavailable):
    """The mail server does not let this shop in, or cannot prove who it is: somebody has to mend settings."""


class Unconfirmed(HandledError):
    """The mail server was given the whole mail and said nothing to it: nobody knows whether it took it (RFC 1047)."""


class Rejection(HandledError):
    """The mail server refuses this mail for now."""


class ResponseTimeout(Rejection):
    """The mail server fell silent or hung up over this mail, though it is there for others."""


class PermanentRejection(Rejection):
    """The mail server refuses this mail, and says that a repeat will not help."""


class Unsendable(PermanentRejection):
    """No mail can be made of it."""
