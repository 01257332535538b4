"""The real Traefik with the files that its container has, before something that only says what reached it.

That also stands for what answers where no service does: such a request reaches it below /unmatched/.
"""

import os
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml

from chassis.testing.eventually import eventually
from infra.local.process import Command, find_script, spawn
from infra.local.run_dir import RunDir
from tests.generation.conftest import EchoHandler
from tests.packaging import compose

CONTAINER = compose.read_compose()["services"]["gateway"]
LINK = "/catalog-images/0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001.webp?X-Amz-Signature=5f&response-content-type=image%2Fwebp"


def start_command(folder, told):
    """The container's command, with its configuration where `folder` has it and Traefik where pip put it."""
    shell, script, _ = CONTAINER["command"]
    found = Path(find_script("traefik")).parent
    settings = {**told, "TMPDIR": str(folder / "tmp"), "PATH": f"{found}:{os.environ['PATH']}"}
    (folder / "tmp").mkdir(exist_ok=True)
    return Command([shell, str(folder / script.lstrip("/")), str(folder / "traefik.yml")], folder, settings)


@pytest.fixture(scope="module")
async def gateway(tmp_path_factory):
    echo = ThreadingHTTPServer(("127.0.0.1", 0), EchoHandler)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    run_dir = RunDir(tmp_path_factory.mktemp("gateway"), free=True)
    port, admin = run_dir.ports.claim("gateway"), run_dir.ports.claim("admin")
    for target, (source, _) in compose.mounts(CONTAINER).items():
        copy = run_dir.folder / target.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text((compose.ROOT / source).read_text())
    static = yaml.safe_load((run_dir.folder / "etc/traefik/traefik.yml").read_text())
    static["entryPoints"]["web"]["address"] = f"127.0.0.1:{port}"
    static["entryPoints"]["admin"]["address"] = f"127.0.0.1:{admin}"
    folder = static["providers"]["file"]["directory"]
    static["providers"]["file"]["directory"] = str(run_dir.folder / folder.lstrip("/"))
    (run_dir.folder / "traefik.yml").write_text(yaml.safe_dump(static))
    told = {
        name: f"http://127.0.0.1:{echo.server_port}" if said.startswith("http") else said
        for name, said in CONTAINER["environment"].items()
    }
    process = await spawn(start_command(run_dir.folder, told), run_dir.log("traefik"))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def ready():
                try:
                    return (await client.get("/auth/health")).status_code == 200
                except httpx.TransportError:
                    return False

            await eventually(ready)
            probe = [word.replace("/etc/traefik", str(run_dir.folder)) for word in CONTAINER["healthcheck"]["test"][1:]]
            client.probe = [find_script("traefik"), *probe[1:]]
            yield client
    finally:
        process.terminate()
        await process.wait()
        echo.shutdown()
        echo.server_close()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_signed_link_reaches_the_s3_as_it_was_signed(gateway, method):
    answer = await gateway.request(method, LINK, headers={"Host": "localhost", "X-Internal-Key": "devkey"})

    assert answer.status_code == 200
    if method == "GET":
        assert answer.json()["path"] == LINK
        assert answer.json()["headers"]["Host"] == "localhost"
        assert "X-Internal-Key" not in answer.json()["headers"]


async def test_the_s3_lets_no_page_of_another_origin_in(gateway):
    answer = await gateway.get(LINK, headers={"Origin": "https://mallory.example.com"})

    assert [name for name in answer.headers if name.startswith("access-control-")] == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", LINK),
        ("DELETE", LINK),
        ("POST", LINK),
        ("GET", "/catalog-images"),
        ("GET", "/catalog-images/?list-type=2"),
        ("GET", "/catalog-images/a/b"),
        ("GET", "/other-bucket/a.webp"),
        ("GET", "/minio/v2/metrics/cluster"),
        ("GET", "/minio/admin/v3/info"),
        ("GET", "/metrics"),
    ],
)
async def test_nothing_else_of_the_s3_can_be_reached(gateway, method, path):
    answer = await gateway.request(method, path)

    assert answer.json()["path"] == f"/unmatched{path}"


async def test_grafana_is_reached_under_its_path_without_anybodys_key(gateway):
    answer = await gateway.get("/grafana/api/health", headers={"X-Internal-Key": "devkey"})

    assert answer.json()["path"] == "/grafana/api/health"
    assert "X-Internal-Key" not in answer.json()["headers"]


async def test_the_containers_own_probe_finds_it_well(gateway, tmp_path):
    process = await spawn(Command(gateway.probe, tmp_path, {}), tmp_path / "log")

    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("said", "trusted"),
    [(None, []), ("", []), ("10.0.0.0/8", ["10.0.0.0/8"]), ("10.0.0.0/8, 2001:db8::", ["10.0.0.0/8", "2001:db8::"])],
)
async def test_the_containers_start_says_whom_traefik_trusts(tmp_path, said, trusted):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "traefik").symlink_to("/bin/true")
    told = {"TMPDIR": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    told |= {} if said is None else {"TRUSTED_PROXIES": said}
    source = compose.ROOT / "infra" / "traefik"

    process = await spawn(
        Command(["sh", str(source / "start.sh"), str(source / "traefik.yml")], tmp_path, told), tmp_path / "log"
    )

    assert await process.wait() == 0
    made, kept = (yaml.safe_load((where / "traefik.yml").read_text()) for where in (tmp_path, source))
    assert made["entryPoints"]["web"].pop("forwardedHeaders") == {"trustedIPs": trusted}
    assert kept["entryPoints"]["web"].pop("forwardedHeaders") == {"trustedIPs": []}
    assert made == kept
