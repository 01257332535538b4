import pytest

from chassis.contracts.errors import ContractError
from chassis.contracts.media_types import PROBLEM_JSON
from chassis.contracts.openapi import Access, Api

CONTRACT = """
openapi: 3.0.3
info: {title: Shop, version: 1.2.0}
servers: [{url: /shop}]
paths:
  /v1/orders/{order_id}:
    parameters:
      - {name: order_id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}, example: 7}
    get:
      operationId: get_order
      summary: Read an order
      x-access: {roles: [customer, admin], owner: true}
      responses:
        200:
          description: The order.
          headers: {ETag: {$ref: '#/components/headers/ETag'}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        '404': {$ref: '#/components/responses/NotFound'}
    put:
      operationId: change_order
      x-access: {internal: [cart]}
      parameters: [{name: dry, in: query, schema: {type: boolean}}]
      requestBody: {$ref: '#/components/requestBodies/Order'}
      responses:
        '204': {description: Changed.}
components:
  headers:
    ETag: {required: true, schema: {type: string}}
  requestBodies:
    Order: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}, example: {}}}}
  responses:
    NotFound:
      description: There is none.
      content:
        application/problem+json:
          examples: {a: {value: {type: /problems/a}}, b: {value: {type: /problems/b}}}
  schemas:
    Id: {type: string}
    Order: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}}}
"""


@pytest.fixture
def api(write_files):
    return Api.load(write_files("shop.yaml", CONTRACT))


def test_operations_know_where_they_are_and_whom_they_let_in(api):
    got, changed = api.operations

    assert (got.id, got.service, got.method, got.full_path) == (
        "get_order",
        "shop",
        "get",
        "/shop/v1/orders/{order_id}",
    )
    assert got.access == Access(roles=("customer", "admin"), owner=True)
    assert (got.access.external, changed.access.external) == (True, False)
    assert (got.idempotent, changed.idempotent) == (True, False)


def test_parameters_of_the_path_come_before_those_of_the_operation(api):
    parameters = api.operations[1].parameters

    assert [(p.name, p.location, p.required, p.examples) for p in parameters] == [
        ("order_id", "path", True, (7,)), ("dry", "query", False, ())
    ]  # fmt: skip
    assert [p.schema.name for p in parameters] == ["Id", ""]


def test_a_body_is_found_through_its_reference(api):
    got, changed = api.operations

    assert got.request_body is None
    assert changed.request_body.required
    assert changed.request_body.content["application/json"].examples == ({},)
    assert changed.request_body.content["application/json"].schema.name == "Order"


def test_responses_have_headers_contents_and_problems_by_their_status(api):
    responses = api.operations[0].responses

    assert list(responses) == [200, 404]
    assert [(header.name, header.required) for header in responses[200].headers.values()] == [("ETag", True)]
    assert responses[200].content["application/json"].schema.inlined["properties"]["id"]["x-name"] == "Id"
    assert (responses[404].node.name, list(responses[404].content)) == ("NotFound", [PROBLEM_JSON])
    assert [problem["type"] for problem in responses[404].problems] == ["/problems/a", "/problems/b"]
    assert api.operations[1].responses[204].content == {}


def test_a_problem_with_members_has_a_schema_of_its_own_and_every_other_the_common_one(write_files):
    path = write_files(
        "shop.yaml",
        """
        openapi: 3.0.3
        servers: [{url: /shop}]
        paths: {}
        components:
          schemas:
            Problem: {type: object, properties: {type: {type: string}}}
            Short: {allOf: [{$ref: '#/components/schemas/Problem'}, {properties: {type: {enum: [/problems/short]}}}]}
          responses:
            Either:
              content:
                application/problem+json:
                  schema: {anyOf: [{$ref: '#/components/schemas/Short'}, {$ref: '#/components/schemas/Problem'}]}
            Any: {content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
            Short: {content: {application/problem+json: {schema: {anyOf: [{$ref: '#/components/schemas/Short'}]}}}}
        """,
    )
    responses = Api.load(path).named_responses

    assert responses["Either"].problem_schema("/problems/short").name == "Short"
    assert responses["Either"].problem_schema("/problems/other").name == "Problem"
    assert responses["Any"].problem_schema("/problems/short").name == "Problem"
    with pytest.raises(ContractError, match="/problems/other is none of /problems/short"):
        responses["Short"].problem_schema("/problems/other")


def test_schemas_and_responses_are_known_by_their_names(api):
    assert list(api.schemas) == list(api.components("schemas")) == ["Id", "Order"]
    assert list(api.named_responses) == ["NotFound"]


@pytest.mark.parametrize(
    ("declared", "access"),
    [
        ("public", Access(public=True)),
        ({"token": "optional"}, Access(public=True, optional_token=True)),
        ({"internal": ["order"]}, Access(internal=("order",))),
        ({"roles": ["admin"], "internal": ["order"]}, Access(roles=("admin",), internal=("order",))),
    ],
)
def test_access_is_parsed(declared, access):
    assert Access.parse(declared) == access


@pytest.mark.parametrize(
    "declared",
    [
        "everybody",
        None,
        {},
        {"roles": []},
        {"roles": "admin"},
        {"internal": ["a"], "owner": True},
        {"roles": ["a"], "x": 1},
        {"roles": ["a"], "owner": "yes"},
    ],
)
def test_access_that_is_no_rule_is_refused(declared):
    with pytest.raises(ContractError, match="x-access cannot be"):
        Access.parse(declared)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("operationId: get_order", "tags: [a]", "get /v1/orders/.* has no operationId"),
        ("x-access: {internal: [cart]}", "tags: [a]", "change_order has no x-access"),
        ("'204'", "default", "change_order answers default"),
        ("servers: [{url: /shop}]", "servers: [{url: /a}, {url: /b}]", r"servers is \[\{url: /shop\}\]"),
    ],
)
def test_a_contract_that_lacks_something_is_refused(write_files, before, after, reason):
    api = Api.load(write_files("shop.yaml", CONTRACT.replace(before, after)))

    with pytest.raises(ContractError, match=reason):
        assert [(operation.full_path, operation.access, operation.responses) for operation in api.operations]
