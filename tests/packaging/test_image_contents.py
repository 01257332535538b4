"""The bill of materials and the licences of the image."""

import json
import re

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.packaging.test_images import find_pins
from tooling.image import contents


def test_both_name_every_package_of_the_image_and_are_the_same_each_time(tmp_path):
    for folder in ("one", "two"):
        assert contents.main(["--folder", str(tmp_path / folder)]) == 0

    bill, licences = ((tmp_path / "one" / name).read_text() for name in ("sbom.cdx.json", "licences.md"))
    assert bill == (tmp_path / "two" / "sbom.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    locked = find_pins("requirements-service.lock")
    assert "tzdata" in locked, "which is for Windows"
    del locked["tzdata"]
    listed = {one["name"]: one["version"] for one in json.loads(bill)["components"] if one["type"] == "library"}
    assert listed == locked
    assert all(f"| {name} | {version} |" in licences for name, version in locked.items())


def test_what_is_compiled_into_a_package_is_named_with_it(tmp_path):
    contents.main(["--folder", str(tmp_path)])

    bill, licences = json.loads((tmp_path / "sbom.cdx.json").read_text()), (tmp_path / "licences.md").read_text()
    (cryptography,) = [one for one in bill["components"] if one["name"] == "cryptography"]
    (openssl,) = [one for one in cryptography["components"] if one.get("purl", "").startswith("pkg:generic/openssl@")]
    assert f"| cryptography | openssl | {openssl['version']} | not said |" in licences
    assert re.search(r"^\| orjson \| simdutf8 \| [\d.]+ \| MIT OR Apache-2.0 \|$", licences, re.MULTILINE)
    assert len({one["bom-ref"] for one in cryptography["components"]}) == len(cryptography["components"])


def test_the_image_says_the_licences_of_its_packages():
    (said,) = re.findall(r'image\.licenses="([^"]+)"', contents.DOCKERFILE.read_text("utf-8"))

    assert said == contents.combine_licences(list(contents.iterate_packages()))


def test_a_licence_is_told_for_a_package_only_as_long_as_it_does_not_say_it_itself(monkeypatch):
    told = dict(contents.LICENCE_NAMES)
    monkeypatch.setattr(contents, "LICENCE_NAMES", {})

    def says_it(name):
        try:
            return bool(contents.find_licence_expression(name))
        except ValueError:
            return False

    assert [name for name in told if says_it(name)] == []
