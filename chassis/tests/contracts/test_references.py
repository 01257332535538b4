import pytest

from chassis.contracts.errors import ContractError
from chassis.contracts.references import NAME_KEYWORD, Document


@pytest.fixture
def documents(write_files):
    write_files(
        "common.yaml",
        """
        components:
          schemas:
            Id: {type: string, format: uuid}
            Line: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}}}
        x-paths: {'/a~b': [{here: 1}, {here: 2}]}
        """,
    )
    path = write_files(
        "shop.yaml",
        """
        day: 2026-01-05
        200: a status
        components:
          schemas:
            Line: {$ref: 'common.yaml#/components/schemas/Line'}
            Order: {type: object, properties: {line: {$ref: '#/components/schemas/Line'}}}
          all: {$ref: 'common.yaml#/components'}
        """,
    )
    return Document(path)


def test_a_reference_is_followed_to_the_file_and_the_name_at_its_end(documents):
    node = documents.find("#/components/schemas/Line/properties/id")

    assert (node.document.path.name, node.name) == ("common.yaml", "id")
    assert node.document.resolve(node.value).name == "Id"


def test_a_pointer_may_lead_through_a_reference(documents):
    assert documents.find("#/components/all/schemas/Id").value == {"type": "string", "format": "uuid"}


def test_a_pointer_may_have_escaped_steps_and_indices(documents):
    assert documents.find("common.yaml#/x-paths/~1a~0b/1/here").value == 2


def test_inlined_there_is_no_reference_and_a_schema_keeps_its_name(documents):
    id_ = {"type": "string", "format": "uuid", NAME_KEYWORD: "Id"}
    line = {"type": "object", "properties": {"id": id_}, NAME_KEYWORD: "Line"}

    assert documents.find("#/components/schemas/Order").inlined == {
        "type": "object", "properties": {"line": line}, NAME_KEYWORD: "Order"
    }  # fmt: skip


def test_a_document_has_the_values_that_json_has(documents):
    inlined = documents.inlined

    assert (inlined["day"], inlined["200"]) == ("2026-01-05", "a status")


def test_the_documents_of_a_folder_know_each_other(documents):
    common, shop = Document.load_all(documents.path.parent)

    assert shop.find("common.yaml#/components").document is common


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        pytest.param("#/components/schemas/Gone", "refers to nothing", id="no such name"),
        pytest.param("#/day/hour", "refers to nothing", id="into a text"),
        pytest.param("common.yaml#/x-paths/~1a~0b/first", "refers to nothing", id="no index"),
        pytest.param("gone.yaml#/components", "gone.yaml cannot be read", id="no such file"),
    ],
)
def test_a_reference_to_nothing_is_refused(documents, reference, reason):
    with pytest.raises(ContractError, match=reason):
        documents.resolve({"$ref": reference})


@pytest.mark.parametrize(
    "schema",
    [
        pytest.param("{$ref: '#/components/schemas/A'}", id="itself"),
        pytest.param("{$ref: '#/components/schemas/A/properties'}", id="through itself"),
        pytest.param("{properties: {a: {$ref: '#/components/schemas/A'}}}", id="something that contains it"),
    ],
)
def test_a_reference_that_leads_back_to_itself_is_refused(write_files, schema):
    document = Document(write_files("shop.yaml", f"components: {{schemas: {{A: {schema}}}}}"))

    with pytest.raises(ContractError, match="refers to itself"):
        document.inline(document.content)


@pytest.mark.parametrize("text", ["- a list", "a: [", ""])
def test_a_file_that_is_no_object_is_refused(write_files, text):
    with pytest.raises(ContractError, match=r"shop\.yaml"):
        Document(write_files("shop.yaml", text))


def test_an_operation_of_a_shared_path_item_is_named_after_the_service_and_refers_to_where_it_stood(write_files):
    write_files(
        "common.yaml",
        """
        components: {responses: {Health: {description: The process is alive.}}}
        x-path-items:
          Health: {get: {operationId: get_health, responses: {'200': {$ref: '#/components/responses/Health'}}}}
        """,
    )
    paths = "paths: {/health: {$ref: 'common.yaml#/x-path-items/Health'}}"

    cart, order = (Document(write_files(f"{name}.yaml", paths)) for name in ("cart", "order"))

    assert [one.content["paths"]["/health"]["get"]["operationId"] for one in (cart, order)] == [
        "get_cart_health", "get_order_health"
    ]  # fmt: skip
    assert cart.inlined["paths"]["/health"]["get"]["responses"] == {"200": {"description": "The process is alive."}}


def test_a_message_has_what_its_traits_have_and_its_own_wins(write_files):
    path = write_files(
        "shop.yaml",
        """
        components:
          messageTraits:
            Event: {contentType: application/json, headers: {properties: {a: {type: string}, b: {type: string}}}}
          messages:
            Sent:
              name: parcel.sent
              traits: [{$ref: '#/components/messageTraits/Event'}]
              headers: {properties: {b: {type: integer}}}
        """,
    )

    assert Document(path).content["components"]["messages"]["Sent"] == {
        "name": "parcel.sent",
        "contentType": "application/json",
        "headers": {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
    }


@pytest.mark.parametrize(
    "broken",
    [
        "paths: {/health: {$ref: 'common.yaml#/x-path-items/Health'}}",
        "components: {messages: {Sent: {traits: [{$ref: '#/components/messageTraits/Event'}]}}}",
        "paths: 5",
        "components: {messages: [5]}",
    ],
)
def test_what_is_shared_by_nobody_or_is_no_contract_is_a_contract_error(write_files, broken):
    write_files("common.yaml", "components: {}")

    with pytest.raises(ContractError):
        Document(write_files("shop.yaml", broken))
