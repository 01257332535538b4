"""What is wrong with a contract."""


class ContractError(Exception):
    """A contract cannot be used as it is written, or does not fit the code: the service must not start."""
