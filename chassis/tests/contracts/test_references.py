import pytest

from chassis.contracts.errors import ContractError
from chassis.contracts.references import NAME, Document


@pytest.fixture
def documents(write):
    write(
        "common.yaml",
        """
        components:
          schemas:
            Id: {type: string, format: uuid}
            Line: {type: object, properties: {id: {$ref: '#/components/schemas/Id'}}}
        x-paths: {'/a~b': [{here: 1}, {here: 2}]}
        """,
    )
    path = write(
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
    id_ = {"type": "string", "format": "uuid", NAME: "Id"}
    line = {"type": "object", "properties": {"id": id_}, NAME: "Line"}

    assert documents.find("#/components/schemas/Order").inlined == {
        "type": "object", "properties": {"line": line}, NAME: "Order"
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
def test_a_reference_that_leads_back_to_itself_is_refused(write, schema):
    document = Document(write("shop.yaml", f"components: {{schemas: {{A: {schema}}}}}"))

    with pytest.raises(ContractError, match="refers to itself"):
        document.inline(document.content)


@pytest.mark.parametrize("text", ["- a list", "a: [", ""])
def test_a_file_that_is_no_object_is_refused(write, text):
    with pytest.raises(ContractError, match=r"shop\.yaml"):
        Document(write("shop.yaml", text))
