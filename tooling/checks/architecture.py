"""Import-linter's contracts about services, for all that services.toml lists."""

from typing import Any

from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract

from generated.services import SERVICES

PACKAGES = [f"services.{name}" for name in SERVICES]


class ServiceLayers(LayersContract):
    """The layers of every service; a module that is in none of them breaks the contract."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        options = {**contract_options, "containers": PACKAGES, "exhaustive": "true"}
        super().__init__(name, session_options, options)


class ServiceIndependence(IndependenceContract):
    """No service imports another."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        super().__init__(name, session_options, {**contract_options, "modules": PACKAGES})
