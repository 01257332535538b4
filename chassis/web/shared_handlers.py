"""Handlers of operations that contracts share."""


class SharedHandlers:
    """Serves path items that contracts take by reference: `get_health` serves `get_<service>_health`.

    Whichever of them a contract has not, it does not serve there.
    """

    @staticmethod
    def operation_id(method: str, service: str) -> str:
        """What the operation is called that a method serves."""
        verb, _, rest = method.partition("_")
        return f"{verb}_{service}_{rest}"
