"""Servers for tests, by Testcontainers: the images of docker-compose.yml, on host ports that outlive a restart."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from infra.local.postgres import DATABASE_NAME, MAX_CONNECTIONS_OPTION, NO_FSYNC_OPTIONS
from infra.local.process import StackError
from infra.local.run_dir import ROOT, RunDir
from infra.local.s3 import BUCKET_NAME
from infra.test_servers.local import ConnectionInfo
from infra.test_servers.readiness import summarize_error, wait_until_ready

KRAFT_PROPERTIES_FILE = ROOT / "infra" / "kafka" / "kraft.properties"
START_TIMEOUT = 120.0  # seconds until a server answers whose image is here
ENGINE_ERRORS = (DockerException, OSError)  # what the engine's client raises is one or the other


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """A container as it is asked for, and what is known of it then."""

    image: str
    ports: Mapping[int, int]  # the container's, and the host's for each
    info: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()


def postgres_container(run_dir: RunDir, host: str) -> ContainerSpec:
    port, password = run_dir.ports.claim("postgres"), run_dir.secret("postgres")
    return ContainerSpec(image="postgres:18.6-trixie", ports={5432: port},
                         command=["postgres", *(word for option in (*NO_FSYNC_OPTIONS, *MAX_CONNECTIONS_OPTION)
                                                for word in ("-c", option))],
                         environment={"POSTGRES_DB": DATABASE_NAME, "POSTGRES_PASSWORD": password},
                         info={"url": f"postgresql://postgres:{password}@{host}:{port}/{DATABASE_NAME}"})  # fmt: skip


def valkey_container(run_dir: RunDir, host: str) -> ContainerSpec:
    port, password = run_dir.ports.claim("redis"), run_dir.secret("redis")
    return ContainerSpec(image="redis:8.2.3-bookworm", ports={6379: port},
                         command=["redis-server", "--appendonly", "yes", "--save", "", "--requirepass", password],
                         info={"url": f"redis://:{password}@{host}:{port}/0"})  # fmt: skip


def s3_container(run_dir: RunDir, host: str) -> ContainerSpec:
    port, secret = run_dir.ports.claim("s3"), run_dir.secret("s3")
    return ContainerSpec(image="minio/minio:RELEASE.2025-09-07T16-13-09Z", ports={9000: port},
                         command=["server", "/data"],
                         environment={"MINIO_ROOT_USER": "shop", "MINIO_ROOT_PASSWORD": secret, "MINIO_BROWSER": "off"},
                         info={"url": f"http://{host}:{port}", "access_key": "shop", "secret_key": secret,
                               "bucket": BUCKET_NAME})  # fmt: skip


def kafka_container(run_dir: RunDir, host: str) -> ContainerSpec:
    port = run_dir.ports.claim("kafka")
    lines = [
        line for line in KRAFT_PROPERTIES_FILE.read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    settings = dict(line.split("=", 1) for line in lines)
    settings["advertised.listeners"] = f"PLAINTEXT://{host}:{port}"
    environment = {f"KAFKA_{name.upper().replace('.', '_')}": said for name, said in settings.items()}
    return ContainerSpec(image="apache/kafka:4.3.1", ports={9092: port},
                         environment={"KAFKA_HEAP_OPTS": "-Xms128m -Xmx256m", **environment},
                         info={"url": f"{host}:{port}"})  # fmt: skip


def mail_container(run_dir: RunDir, host: str) -> ContainerSpec:
    smtp, inbox = run_dir.ports.claim("smtp"), run_dir.ports.claim("mail")
    return ContainerSpec(image="mailhog/mailhog:v1.0.1", ports={1025: smtp, 8025: inbox},
                         info={"url": f"http://{host}:{inbox}", "smtp": f"{host}:{smtp}"})  # fmt: skip


CONTAINER_SPECS: Mapping[str, Callable[[RunDir, str], ContainerSpec]] = {
    "postgres": postgres_container,
    "valkey": valkey_container,
    "s3": s3_container,
    "kafka": kafka_container,
    "mail": mail_container,
}


def engine_error() -> str | None:
    """Say in one line why there can be no containers; None when an engine answers."""
    try:
        DockerClient(timeout=2).client.ping()
    except ENGINE_ERRORS as error:
        return f"no container engine answers ({summarize_error(error)})"
    return None


def make_container(wanted: ContainerSpec, host: str) -> DockerContainer:
    """Describe a container to the engine, which has to answer; nothing is started.

    Of an engine on this machine the ports are for this machine alone.
    """
    interface = "127.0.0.1" if host in {"localhost", "127.0.0.1"} else "0.0.0.0"  # noqa: S104  # or nobody reached it
    container = DockerContainer(wanted.image, env=dict(wanted.environment))
    for (
        inner,
        outer,
    ) in wanted.ports.items():  # the engine's client takes an interface too, Testcontainers' types do not
        container.ports[str(inner)] = (interface, outer)  # type: ignore[assignment]
    return container.with_command(list(wanted.command)) if wanted.command else container


class ContainerServers:
    """ContainerServers of one session of tests; Testcontainers' reaper removes them if it is killed."""

    shared = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._run_dir, self._host = RunDir(folder, free=True), DockerClient().host()
        self._containers: dict[str, DockerContainer] = {}
        self._info: ConnectionInfo = {}

    def start(self, *names: str) -> ConnectionInfo:
        """Start what does not run yet, wait until it answers, and say where it is.

        Raises:
            StackError: A container cannot be started; then none runs any more.
        """
        if unknown := [name for name in names if name not in CONTAINER_SPECS]:
            raise StackError(f"{unknown[0]} is none of {', '.join(CONTAINER_SPECS)}.")
        for name in names:
            if name not in self._info:
                self._start(name)
        return {name: self._info[name] for name in names}

    def kill(self, name: str, number: Signals = Signals.SIGKILL) -> None:
        """Kill a server and wait until it is back."""
        self.stop(name, number)
        self.resume(name)

    def stop(self, name: str, number: Signals = Signals.SIGTERM) -> None:
        """End a server, politely in the way that its image names, and keep it down."""
        container = self._containers[name].get_wrapped_container()
        if number == Signals.SIGTERM:
            container.stop(timeout=9)
        else:
            container.kill(signal=number.name)
            container.wait()

    def resume(self, name: str) -> None:
        """Let a server come back, on the same port with the same content, and wait until it answers."""
        self._containers[name].get_wrapped_container().start()
        wait_until_ready(name, self._info[name], START_TIMEOUT)

    def close(self) -> None:
        """Remove all containers, with what they kept."""
        for container in self._containers.values():
            with suppress(*ENGINE_ERRORS):
                container.stop()
        self._containers, self._info = {}, {}

    def _start(self, name: str) -> None:
        wanted = CONTAINER_SPECS[name](self._run_dir, self._host)
        try:
            self._containers[name] = make_container(wanted, self._host)
            self._containers[name].start()
            wait_until_ready(name, wanted.info, START_TIMEOUT)
        except (*ENGINE_ERRORS, StackError) as error:
            self.close()
            raise StackError(f"no {name} of {wanted.image}: {summarize_error(error)}.") from error
        self._info[name] = wanted.info
