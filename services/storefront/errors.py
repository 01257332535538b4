"""What the storefront can refuse, and why."""

from services.errors import HandledError


class SessionEnded(HandledError):
    """The session has ended at auth, or here."""
