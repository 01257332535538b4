"""The contracts as the services read them: whole, every reference followed."""

from pathlib import Path

import yaml

from chassis.contracts.documents import read

ROOT = Path(__file__).parents[2]
PROBLEM = "application/problem+json"
METHODS = ("get", "put", "post", "delete", "patch")
PATHS = {path.stem: path for path in sorted((ROOT / "contracts").glob("*.yaml"))}
CONTRACTS = {name: read(path) for name, path in PATHS.items()}
SHOP = yaml.safe_load((ROOT / "asyncapi" / "shop.yaml").read_text("utf-8"))


def operations():
    """Every operation of every contract under a name for people, with the parameters of its path."""
    found = {}
    for service, contract in CONTRACTS.items():
        for path, item in contract["paths"].items():
            for method in METHODS:
                if method in item:
                    parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
                    found[f"{service}: {method} {path}"] = {**item[method], "parameters": parameters}
    return found


def examples(content):
    """Each example of a media type or a parameter."""
    if "example" in content:
        yield content["example"]
    yield from (one["value"] for one in content.get("examples", {}).values())


def problems():
    """Each example of a problem: where it stands, under which status, and what it says."""
    for name, operation in OPERATIONS.items():
        for status, answer in operation["responses"].items():
            for example in examples(answer.get("content", {}).get(PROBLEM, {})):
                yield name, int(status), example


OPERATIONS = operations()
