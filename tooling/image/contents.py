"""The packages of the image, from its lock, and what was compiled into them, with the licences."""

import argparse
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import files, metadata
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from license_expression import get_spdx_licensing
from packageurl import PackageURL
from packaging.requirements import Requirement

from infra.local.run_dir import ROOT
from services import VERSION
from tooling.rebuild import read_commit

LOCK_FILE = ROOT / "requirements-service.lock"
DOCKERFILE = ROOT / "infra" / "docker" / "service.Dockerfile"
IMAGE_ENVIRONMENT = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "python_version": "3.11",
         "python_full_version": "3.11.14", "implementation_name": "cpython"}  # fmt: skip
# What these say of themselves in words only.
LICENCE_NAMES = {
    "aiosignal": "Apache-2.0",
    "async-timeout": "Apache-2.0",
    "jinja2": "BSD-3-Clause",
    "protobuf": "BSD-3-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "s3transfer": "Apache-2.0",
    "stripe": "MIT",
    "uvloop": "MIT OR Apache-2.0",
}


spdx_licensing = cache(get_spdx_licensing)  # it reads its list of licences each time


class Library(NamedTuple):
    name: str
    version: str
    licence: str  # an SPDX expression; empty where it is not said
    purl: str


class Package(NamedTuple):
    name: str
    version: str
    licence: str  # an SPDX expression

    def bundled_libraries(self) -> Iterator[Library]:
        """Give the libraries of C and Rust in it that its own bills of materials name (PEP 770), if it has any."""
        for bill in (file for file in files(self.name) or () if file.parent.name == "sboms"):
            for part in json.loads(bill.read_text("utf-8")).get("components", ()):
                if part["name"].replace("_", "-") == self.name:
                    continue
                licence = (entry.get("expression") or entry["license"].get("id") or entry["license"]["name"]
                        for entry in part.get("licenses", ()))  # fmt: skip
                yield Library(part["name"], part.get("version", ""), " AND ".join(licence), part.get("purl", ""))


def iterate_packages() -> Iterator[Package]:
    """Give the packages that the lock has for the image.

    Raises:
        ValueError: One of them does not say under which licence it is.
    """
    for line in re.findall(r"^[a-z0-9].*==.*?(?= \\$)", LOCK_FILE.read_text("utf-8"), re.MULTILINE):
        pinned = Requirement(line)
        if pinned.marker is None or pinned.marker.evaluate(dict(IMAGE_ENVIRONMENT)):
            yield Package(pinned.name, str(pinned.specifier).removeprefix("=="), find_licence_expression(pinned.name))


def find_licence_expression(name: str) -> str:
    """Give a package's licence as an SPDX expression."""
    declared = metadata(name).json
    licence = LICENCE_NAMES.get(name) or str(declared.get("license_expression") or declared.get("license", ""))
    if not licence or spdx_licensing().validate(licence).errors:
        raise ValueError(f"{name} does not say its licence by an SPDX expression: {licence!r}")
    return licence


def combine_licences(contents: Sequence[Package]) -> str:
    """Give the licences of the packages as one SPDX expression."""
    return str(spdx_licensing().parse(" AND ".join(f"({package.licence})" for package in contents)).simplify())


def build_bill_of_materials(contents: Sequence[Package]) -> str:
    """Make a CycloneDX document; the same commit gives the same one."""
    (python,) = re.findall(r"^ARG PYTHON=(\S+)$", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    image = Component(name="shop/service", version=VERSION, type=ComponentType.CONTAINER, bom_ref="image")
    base = Component(name="python", version=python, type=ComponentType.CONTAINER, bom_ref="base")
    made_of = [base]
    for package in contents:
        purl = str(PackageURL("pypi", None, package.name, package.version))
        component = _component(Library(*package, purl), purl)
        component.components = [
            _component(part, f"{purl}/{number}") for number, part in enumerate(package.bundled_libraries())
        ]
        made_of.append(component)
    bill = Bom(
        components=made_of, serial_number=UUID(bytes=hashlib.sha256(LOCK_FILE.read_bytes()).digest()[:16], version=4)
    )
    bill.metadata.component = image
    bill.metadata.timestamp = datetime.fromtimestamp(int(read_commit().get("SOURCE_DATE_EPOCH", 0)), UTC)
    bill.register_dependency(image, made_of)
    return JsonV1Dot6(bill).output_as_string(indent=2)


def _component(library: Library, ref: str) -> Component:
    return Component(
        name=library.name,
        version=library.version or None,
        type=ComponentType.LIBRARY,
        bom_ref=ref,
        purl=PackageURL.from_string(library.purl) if library.purl else None,
        licenses=[LicenseFactory().make_from_string(library.licence)] if library.licence else (),
    )


def render_licence_tables(contents: Sequence[Package]) -> str:
    """Make two tables for people."""
    lines = [
        "Python packages of the image `shop/service`. Debian's own are listed in its `/usr/share/doc`.",
        *("", "| package | version | licence |", "|---|---|---|"),
        *(f"| {package.name} | {package.version} | {package.licence} |" for package in contents),
        *("", "What is compiled into them, as far as they say.", ""),
        *("| package | library | version | licence |", "|---|---|---|---|"),
    ]
    for package in contents:
        parts = {(part.name, part.version, part.licence or "not said") for part in package.bundled_libraries()}
        lines += [f"| {package.name} | {' | '.join(part)} |" for part in sorted(parts)]
    return "\n".join([*lines, ""])


def main(words: Sequence[str]) -> int:
    """Write both."""
    parser = argparse.ArgumentParser(description="Write what the shop's image holds, and under which licences.")
    parser.add_argument("--folder", type=Path, default=ROOT / "reports" / "image", metavar="DIR")
    folder: Path = parser.parse_args(words).folder
    folder.mkdir(parents=True, exist_ok=True)
    contents = list(iterate_packages())
    (folder / "sbom.cdx.json").write_text(build_bill_of_materials(contents), "utf-8")
    (folder / "licences.md").write_text(render_licence_tables(contents), "utf-8")
    print(f"{len(contents)} packages: {folder}/sbom.cdx.json, {folder}/licences.md")
    return 0
