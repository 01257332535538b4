"""Why a mail could not be sent. Nobody calls for one, so none of these is a problem of the contract."""


class Away(Exception):
    """The mail server could not be reached, or did not serve us: nothing is wrong with the mail."""


class Refused(Exception):
    """The mail server refuses this mail for now."""


class RefusedForGood(Refused):
    """The mail server refuses this mail, and says that a repeat will not help."""


class Unsendable(RefusedForGood):
    """No mail can be made of it."""
