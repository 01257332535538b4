"""AsyncAPI's own generator of models on the events of the whole shop: named classes in five languages, that compile."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tooling import npm

pytestmark = pytest.mark.deep
HERE = Path(__file__).parent / "modelina"
SHOP = npm.ROOT / "generated" / "bundled" / "asyncapi" / "shop.json"
DOCUMENT = json.loads(SHOP.read_text("utf-8"))
MESSAGES = DOCUMENT["components"]["messages"]
CLASSES = {*MESSAGES, *(f"{name}Data" for name in MESSAGES), "OrderedLine", "CancelReason"}


@pytest.fixture(scope="module")
def modules():
    return npm.install_locked(HERE) / "node_modules"


@pytest.fixture(scope="module")
def generate_models(modules):
    """For each language the name, imports and text of each model."""
    return json.loads(run([npm.NODE, HERE / "models.cjs", modules, SHOP]))


def run(command, folder=None):
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def join_modules(models):
    imports = {line: None for _, dependencies, _ in models for line in dependencies}
    return "\n".join([*imports, *(text for _, _, text in models)])


@pytest.mark.parametrize("language", ["TypeScript", "Python", "Java", "Go", "CSharp"])
def test_every_class_has_the_name_it_has_in_the_contract(generate_models, language):
    assert {name for name, _, _ in generate_models[language]} == CLASSES


@pytest.mark.parametrize("message", MESSAGES)
def test_a_python_class_reads_the_example_of_its_message(generate_models, message):
    module = {}
    exec("from __future__ import annotations\n" + join_modules(generate_models["Python"]), module)  # noqa: S102 - what was just made
    (example,) = MESSAGES[message]["examples"]

    event = module[message](example["payload"])

    assert (event.type, event.version) == (MESSAGES[message]["name"], 1)
    assert isinstance(event.data, module[f"{message}Data"])


def test_typescript_compiles(generate_models, modules, tmp_path):
    (tmp_path / "models.ts").write_text(join_modules(generate_models["TypeScript"]), "utf-8")

    run([npm.NODE, modules / "typescript" / "bin" / "tsc", "--strict", "--noEmit", "--target", "es2022", "models.ts"],
        tmp_path)  # fmt: skip


@pytest.mark.skipif(not shutil.which("javac"), reason="no javac here")
def test_java_compiles(generate_models, tmp_path):
    for name, dependencies, text in generate_models["Java"]:
        (tmp_path / f"{name}.java").write_text("\n".join([*dependencies, text]), "utf-8")

    run(["javac", "-d", "made", *(f"{name}.java" for name, _, _ in generate_models["Java"])], tmp_path)


@pytest.mark.skipif(not shutil.which("go"), reason="no Go here")
def test_go_compiles(generate_models, tmp_path):
    (tmp_path / "go.mod").write_text("module events\n\ngo 1.18\n")
    (tmp_path / "models.go").write_text("package events\n" + join_modules(generate_models["Go"]), "utf-8")

    run(["go", "vet", "."], tmp_path)
