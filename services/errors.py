"""What the errors of all services have in common."""


class HandledError(Exception):
    """The service that raises it handles it itself: no caller is answered with it, so no contract declares it."""
