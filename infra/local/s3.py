"""S3 by SeaweedFS in one process, on this machine's loopback only."""

from pathlib import Path

from infra.local.part import Command, Part, expect, script
from infra.local.place import Place

BUCKET = "catalog-images"
OFF = ("webdav", "admin.ui", "master.telemetry")
INNER = ("s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
         "filer.port.grpc")  # fmt: skip


def s3(place: Place) -> list[Part]:
    """Make the part with one bucket and one key."""
    home, port, key = place.folder / "s3", place.ports.claim("s3", 9000), ("shop", place.secret("s3"))
    inner = {flag: place.ports.claim(f"s3 {flag}") for flag in INNER}
    inner["admin.port"] = place.ports.claim("s3 admin", twin=10000)  # its worker dials that whatever it is told
    numbers = {name: inner[f"{name}.port.grpc"] for name in ("s3", "master", "volume", "filer")}
    numbers["admin"] = inner["admin.port"] + 10000
    # its own choice of place, left there by kill -9
    sockets = [Path(f"/tmp/seaweedfs-{name}-grpc-{number}.sock") for name, number in numbers.items()]  # noqa: S108

    async def launch() -> Command:
        home.mkdir(parents=True, exist_ok=True)
        flags = {"dir": ".", "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "bucket": BUCKET, "s3.port": port, **inner,
                 **dict.fromkeys(OFF, "false"), "s3.port.iceberg": 0, "s3.port.lance": 0,
                 "s3.localSocket": "s3.sock", "filer.localSocket": "filer.sock",
                 "master.resumeState": "false"}  # fmt: skip  # a resumed one may refuse its first volume for 5 s
        argv: list[str | Path] = [script("weed"), "-logtostderr", "mini"]
        argv += [f"-{flag}={value}" for flag, value in flags.items()]
        return Command(argv, home, {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]})

    async def ready() -> None:
        await expect(port, "/", range(200, 404))  # 403: it wants a signature
        await expect(inner["filer.port"], f"/buckets/{BUCKET}/")
        await expect(inner["filer.port"], "/ready", method="PUT", body="a volume takes what is put")

    facts = {"url": f"http://127.0.0.1:{port}", "access_key": key[0], "secret_key": key[1], "bucket": BUCKET}
    return [Part(name="s3", kind="seaweedfs mini", launch=launch, ready=ready, leaves=sockets, grace=4, facts=facts)]
