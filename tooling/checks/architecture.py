"""Import-linter's contracts about services, for all that services.toml lists."""

import ast
import builtins
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.contracts.layers import LayersContract

from generated.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
BUILTIN_ERRORS = {name for name in dir(builtins) if name.endswith(("Error", "Exception", "Group", "Exit", "Interrupt"))}


class ServiceLayers(LayersContract):
    """The layers of every service; a module that is in none of them breaks the contract."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        containers = [f"services.{service}" for service in SERVICES]
        super().__init__(name, session_options, {**contract_options, "containers": containers, "exhaustive": "true"})


class SharedLayers(LayersContract):
    """No service imports another, and all stand on these layers; a module beside them breaks the contract."""

    def __init__(self, name: str, session_options: dict[str, Any], contract_options: dict[str, Any]) -> None:
        layers = [" | ".join(SERVICES), *contract_options["layers"]]
        options = {**contract_options, "layers": layers, "containers": ["services"], "exhaustive": "true"}
        super().__init__(name, session_options, options)


class ErrorsInErrorModules(Contract):
    """Every error of the services stands in an `errors.py`; tests have their own."""

    exempt: Any = fields.SetField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        classes = {
            (path, node.name): {ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases}
            for top in ("chassis", "services")
            for path in sorted(ROOT.glob(f"{top}/**/*.py"))
            if "tests" not in path.parts
            for node in ast.walk(ast.parse(path.read_bytes()))
            if isinstance(node, ast.ClassDef)
        }
        errors, known = BUILTIN_ERRORS, set[str]()
        while errors != known:
            known = errors
            errors = known | {name for (_, name), bases in classes.items() if bases & known}
        raised = {(str(path.relative_to(ROOT)), name) for (path, name), bases in classes.items() if bases & errors}
        misplaced = [
            f"{path}: {name}"
            for path, name in sorted(raised)
            if path.startswith("services/") and Path(path).name != "errors.py" and path not in (self.exempt or ())
        ]
        return ContractCheck(kept=not misplaced, metadata={"misplaced": misplaced})

    def render_broken_contract(self, check: ContractCheck) -> None:
        output.print("The following errors are not defined in an errors.py:")
        for error in check.metadata["misplaced"]:
            output.print_error(f"- {error}", bold=False)
