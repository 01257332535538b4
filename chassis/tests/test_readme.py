"""The service that the README shows runs as it stands there, on the installed package alone."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chassis.testing.eventually import eventually
from chassis.testing.ports import free_port

CHASSIS = Path(__file__).parents[1]
README = CHASSIS / "README.md"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Where the package is installed; what it depends on is beside this interpreter, and this repository nowhere."""
    source, folder = tmp_path_factory.mktemp("source") / "chassis", tmp_path_factory.mktemp("site-packages")
    shutil.copytree(CHASSIS, source, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    flags = ["--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--no-compile", "--target", folder]
    subprocess.run([sys.executable, "-m", "pip", "install", *flags, source], check=True)
    return folder


@pytest.fixture
def environ(installed):
    return os.environ | {"PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def greeter(tmp_path, environ):
    for name, text in re.findall(r"^`(\S+)`\n```\w+\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "greeter.main"], cwd=tmp_path, env=environ | {"PORT": str(port)})
    yield f"http://127.0.0.1:{port}/greeter/v1/greetings"
    process.terminate()
    assert process.wait(10) == 0


async def test_the_service_in_twenty_lines_answers_by_its_contract(greeter):
    async with httpx.AsyncClient(trust_env=False) as client:

        async def greeted():
            try:
                return await client.get(f"{greeter}/Asha")
            except httpx.ConnectError:
                return None

        response = await eventually(greeted)
        assert (response.status_code, response.json()) == (200, {"text": "Hello, Asha"})
        assert (await client.get(f"{greeter}/{'x' * 21}")).status_code == 400


def test_everything_can_be_imported_from_the_installed_package(installed, environ, tmp_path):
    names = [
        ".".join(path.relative_to(CHASSIS.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in CHASSIS.rglob("*.py")
        if "tests" not in path.relative_to(CHASSIS).parts
    ]
    program = f"import importlib; print([importlib.import_module(name).__file__ for name in {names}])"

    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environ, capture_output=True, check=False)

    assert ran.returncode == 0, ran.stderr.decode()
    assert all(file.startswith(str(installed)) for file in ast.literal_eval(ran.stdout.decode()))
