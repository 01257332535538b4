"""Postman's own converter on the contract of the whole shop: a request for every operation, ready to be sent."""

import json
import subprocess
from pathlib import Path

from tooling.npm import NODE, install_locked

CONVERTER = Path("node_modules", "openapi-to-postmanv2", "bin", "openapi2postmanv2.js")
EXAMPLE = "0198c3c5-0a4e-7c6e-9d26-3f1f4be2"
OTHER_EXAMPLES = {"shop.5f2b8c1d0e9a.css", "mock", "order"}


def test_every_request_of_the_collection_names_the_things_of_the_examples(
    whole_shop, public_operation_ids, tmp_path, record_result
):
    collection = tmp_path / "collection.json"
    tool = install_locked(Path(__file__).parent / "postman") / CONVERTER
    words = ["-s", whole_shop, "-o", collection, "-O", "parametersResolution=Example"]

    ended = subprocess.run([NODE, tool, *words], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    requests = list(collection_requests(json.loads(collection.read_bytes())))
    named = [value["value"] for request in requests for value in request["url"].get("variable", [])]
    assert len(requests) == len(public_operation_ids)
    assert named
    assert {value for value in named if not value.startswith(EXAMPLE)} == OTHER_EXAMPLES
    record_result(
        "openapi-to-postman", "openapi/shop.yaml", len(requests), "converted, every id in a path one of the examples"
    )


def collection_requests(folder):
    for item in folder["item"]:
        if "request" in item:
            yield item["request"]
        else:
            yield from collection_requests(item)
