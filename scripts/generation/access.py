"""The access table: where every operation is and who may call it."""

from scripts.generation.documents import Document
from scripts.generation.operations import operations
from scripts.generation.rendering import render


def access(contracts: list[Document]) -> str:
    """The text of the module."""
    services = {document.name: list(operations(document)) for document in contracts}
    return render("access.py.jinja", services={name: found for name, found in services.items() if found})
