"""The service that the README shows runs as it stands there."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chassis.testing.eventually import eventually

README = Path(__file__).parents[1] / "README.md"


@pytest.fixture
def greeter(tmp_path):
    for name, text in re.findall(r"^`(\S+)`\n```\w+\n(.*?)^```$", README.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = os.environ | {"PORT": str(port), "PYTHONPATH": str(README.parents[1])}
    process = subprocess.Popen([sys.executable, "-m", "greeter.main"], cwd=tmp_path, env=environ)
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
