"""What schemathesis is told about this shop: ids that exist, and who else wants to see its exchanges."""

import json
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import (
    AllowHeaderMismatch,
    EnsureResourceAvailability,
    RejectedPositiveData,
    UnsupportedMethodResponse,
)

from generated.access import OPERATIONS
from tooling.conformance.coverage_log import CoverageViolation
from tooling.conformance.exchanges import Exchange, find_contract

IDS = json.loads(Path(os.environ["FUZZING_IDS"]).read_text("utf-8"))
USERS = json.loads(Path(os.environ["FUZZING_USERS"]).read_text("utf-8"))["auth"]
ADMIN = {one["value"] for user in USERS if user["name"] == "admin" for one in user["fixedHeaders"]}
INACTIVE = set()
INSIDE = {
    access.path for named in OPERATIONS.values() for access in named.values() if access.internal and not access.roles
}
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
THROUGH_THE_GATEWAY = os.environ["FUZZING_DOOR"] == "gateway"


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """The contract, in whose examples the ids are those of things that this shop has."""
    told = json.dumps(raw_schema)
    for example, one in IDS["examples"].items():
        told = told.replace(example, one)
    raw_schema.clear()
    raw_schema.update(json.loads(told))
    components = raw_schema["components"].get("parameters", {})
    for item in raw_schema["paths"].values():
        for said in [*item.get("parameters", []), *(p for one in item.values() if isinstance(one, dict)
                                                    for p in one.get("parameters", []))]:  # fmt: skip
            parameter = components.get(said.get("$ref", "").rpartition("/")[2], said)
            if parameter.get("name") in IDS["parameters"]:
                parameter["example"] = IDS["parameters"][parameter["name"]]


@schemathesis.hook
def after_call(context, case, response):
    request = response.request
    if case.operation.definition.raw.get("operationId") == "add_product" and response.status_code == 201:
        product = response.json()
        INACTIVE.update([product["id"]] if not product["active"] else [])
    url, said = urlsplit(request.url), {name.lower(): value for name, value in request.headers.items()}
    if THROUGH_THE_GATEWAY:
        said.pop("x-real-ip", None)  # which the gateway overwrites
    if contract := find_contract(unquote(url.path)):
        body = request.body.encode() if isinstance(request.body, str) else request.body
        with suppress(CoverageViolation):  # it is in the ledger; the checks go on
            contract.record(
                Exchange(
                    request.method, unquote(url.path), tuple(parse_qsl(url.query, keep_blank_values=True)), said,
                    body if isinstance(body, bytes) else None, response.status_code,
                    {name: values[0] for name, values in response.headers.items()}, response.content,
                ),
                "fuzzing",
            )  # fmt: skip


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is one, or something that schemathesis cannot know."""
    path = case.path_parameters or {}
    if THROUGH_THE_GATEWAY and response.status_code == 400 and not response.content:
        return False  # a path with encoded characters that Traefik itself refuses to pass on, without a word
    if isinstance(failure, RejectedPositiveData):
        # Where a page begins is said by the page before: no schema can tell a cursor that was never given out.
        is_page = response.headers["content-type"][0].startswith("text/html")  # which does not say why
        problem = {} if is_page else response.json()
        faults = problem.get("errors", [])
        made_up = (
            "cursor" in (case.query or {}) if is_page else {"pointer": "/query/cursor", "rule": "cursor"} in faults
        )
        # A key for repeats that comes with another request is what 422 is for, and keys are drawn from a pool.
        reused = problem.get("type") == "/problems/idempotency-key-reused"
        # It followed the `category_id` of a product that has none.
        to_nowhere = str(path.get("category_id")) == "None"
        return not (made_up or reused or to_nowhere)
    if isinstance(failure, EnsureResourceAvailability):
        # A product that was added as inactive is to all but admins one that never was, as get_product says.
        return path.get("product_id") not in INACTIVE or response.request.headers.get("Authorization") in ADMIN
    if isinstance(failure, (AllowHeaderMismatch, UnsupportedMethodResponse)):
        # What only other services may call is there for its own method alone, and no `Allow` names it (decision 0029).
        return case.operation.full_path not in INSIDE
    if isinstance(failure, AcceptedNegativeData):
        # Where a request came from is said by the gateway itself.
        by_gateway = THROUGH_THE_GATEWAY and "parameter `X-Real-Ip` in header" in failure.message
        # In a form null is a word of four letters.
        is_word = case.media_type in FORMS and "(was string, became null)" in failure.message
        # A page does not read what others append to its address (decision 0046).
        is_looked_at = case.method == "GET" and response.headers["content-type"][0].startswith("text/html")
        appended = is_looked_at and any(name not in case.operation.query for name in case.query or {})
        return not (by_gateway or is_word or appended)
    return True
