"""The contracts as the services read them, and as they are written with every reference followed."""

from pathlib import Path

from chassis.contracts.asyncapi import EventApi
from chassis.contracts.openapi import Api

ROOT = Path(__file__).parents[2]
APIS = {api.name: api for api in Api.load_all(ROOT / "contracts")}
CONTRACTS = {name: api.document.inlined for name, api in APIS.items()}
EVENT_APIS = {api.name: api for api in EventApi.load_all(ROOT / "asyncapi")}
SHOP = EVENT_APIS["shop"].document.content
# Every operation of every contract, under a name for people.
OPERATIONS = {f"{one.service}: {one.method} {one.path}": one for api in APIS.values() for one in api.operations}


def declared_problems():
    """Each example of a problem: where it stands, under which status, and what it says."""
    for name, operation in OPERATIONS.items():
        for status, response in operation.responses.items():
            for problem in response.problems:
                yield name, status, problem
