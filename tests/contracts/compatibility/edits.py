"""The documents beside this file, and the edits of them."""

import json
from pathlib import Path

import yaml

HERE = Path(__file__).parent
EDITS = yaml.load((HERE / "edits.yaml").read_bytes(), yaml.CSafeLoader)
# a JSON document is a YAML document that is written and read in a tenth of the time
TEXTS = {kind: json.dumps(yaml.load((HERE / f"{kind}.yaml").read_bytes(), yaml.CSafeLoader)) for kind in EDITS}


def apply_edit(kind, row):
    """A document as it is after the edit of a row."""
    document = json.loads(TEXTS[kind])
    for pointer, name in row.get("rename", {}).items():
        parent, _, last = pointer.rpartition("/")
        node, old = node_at(document, parent), last.replace("~1", "/")
        items = [(name if key == old else key, value) for key, value in node.items()]
        node.clear()
        node.update(items)
    document = replace_texts(document, row.get("each", {}))
    node = node_at(document, row.get("at", ""))
    if isinstance(node, dict):
        node.update(row.get("put", {}))
    for name in row.get("drop", ()):
        del node[name]
    if "add" in row:
        node.append(row["add"])
    if "remove" in row:
        node.remove(row["remove"])
    return document


def replace_texts(node, words):
    if isinstance(node, dict):
        return {words.get(key, key): replace_texts(value, words) for key, value in node.items()}
    if isinstance(node, list):
        return [replace_texts(item, words) for item in node]
    return words.get(node, node) if isinstance(node, str) else node


def node_at(document, pointer):
    """What stands at a JSON pointer, references followed."""
    node = document
    for step in filter(None, pointer.split("/")):
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
        while isinstance(node, dict) and "$ref" in node:
            node = node_at(document, node["$ref"].removeprefix("#/"))
    return node
