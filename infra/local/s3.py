"""S3 by SeaweedFS in one process, on this machine's loopback only."""

from pathlib import Path

from infra.local.process import Command, ProcessSpec, check_http, find_script
from infra.local.run_dir import RunDir

BUCKET_NAME = "catalog-images"
DISABLED_COMPONENTS = ("webdav", "admin.ui", "master.telemetry")
INTERNAL_PORTS = ("s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
                  "filer.port.grpc")  # fmt: skip


def s3_processes(run_dir: RunDir) -> list[ProcessSpec]:
    """Make the process with one bucket and one key."""
    home, port, key = run_dir.folder / "s3", run_dir.ports.claim("s3", 9000), ("shop", run_dir.secret("s3"))
    inner = {flag: run_dir.ports.claim(f"s3 {flag}") for flag in INTERNAL_PORTS}
    inner["admin.port"] = run_dir.ports.claim("s3 admin", twin=10000)  # its worker dials that whatever it is told
    numbers = {name: inner[f"{name}.port.grpc"] for name in ("s3", "master", "volume", "filer")}
    numbers["admin"] = inner["admin.port"] + 10000
    # its own choice of place, left there by kill -9
    sockets = [Path(f"/tmp/seaweedfs-{name}-grpc-{number}.sock") for name, number in numbers.items()]  # noqa: S108

    async def launch() -> Command:
        home.mkdir(parents=True, exist_ok=True)
        flags = {"dir": ".", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "bucket": BUCKET_NAME, "s3.port": port, **inner,
                 **dict.fromkeys(DISABLED_COMPONENTS, "false"), "s3.port.iceberg": 0, "s3.port.lance": 0,
                 "s3.localSocket": "s3.sock", "filer.localSocket": "filer.sock",
                 "master.resumeState": "false"}  # fmt: skip  # a resumed one may refuse its first volume for 5 s
        argv: list[str | Path] = [find_script("weed"), "-logtostderr", "mini"]
        argv += [f"-{flag}={value}" for flag, value in flags.items()]
        return Command(argv, home, {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]})

    async def ready() -> None:
        await check_http(port, "/", range(200, 404))  # 403: it wants a signature
        await check_http(inner["filer.port"], f"/buckets/{BUCKET_NAME}/")
        await check_http(inner["filer.port"], "/ready", method="PUT", body="a volume takes what is put")

    info = {"url": f"http://127.0.0.1:{port}", "access_key": key[0], "secret_key": key[1], "bucket": BUCKET_NAME}
    return [
        ProcessSpec(
            name="s3",
            kind="seaweedfs mini",
            launch=launch,
            ready=ready,
            leftover_files=sockets,
            stop_timeout=4,
            info=info,
        )
    ]
