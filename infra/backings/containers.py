"""Containers for tests, by Testcontainers: the images of docker-compose.yml, on host ports that outlive a restart."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from docker.errors import DockerException
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from infra.backings.answering import one_line, until_it_answers
from infra.local.backing import Facts
from infra.local.part import Trouble
from infra.local.place import ROOT, Place
from infra.local.postgres import DATABASE, FAST, ROOMY
from infra.local.s3 import BUCKET

KRAFT = ROOT / "infra" / "kafka" / "kraft.properties"
STARTING = 120.0  # seconds until a server answers whose image is here
AWAY = (DockerException, OSError)  # what the engine's client raises is one or the other


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A container as it is asked for, and what is known of it then."""

    image: str
    ports: Mapping[int, int]  # the container's, and the host's for each
    facts: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()


def postgres(place: Place, host: str) -> Wanted:
    port, password = place.ports.claim("postgres"), place.secret("postgres")
    return Wanted(image="postgres:18.6-trixie", ports={5432: port},
                  command=["postgres", *(word for setting in (*FAST, *ROOMY) for word in ("-c", setting))],
                  environment={"POSTGRES_DB": DATABASE, "POSTGRES_PASSWORD": password},
                  facts={"url": f"postgresql://postgres:{password}@{host}:{port}/{DATABASE}"})  # fmt: skip


def valkey(place: Place, host: str) -> Wanted:
    port, password = place.ports.claim("redis"), place.secret("redis")
    return Wanted(image="redis:8.2.3-bookworm", ports={6379: port},
                  command=["redis-server", "--appendonly", "yes", "--save", "", "--requirepass", password],
                  facts={"url": f"redis://:{password}@{host}:{port}/0"})  # fmt: skip


def s3(place: Place, host: str) -> Wanted:
    port, secret = place.ports.claim("s3"), place.secret("s3")
    return Wanted(image="minio/minio:RELEASE.2025-09-07T16-13-09Z", ports={9000: port}, command=["server", "/data"],
                  environment={"MINIO_ROOT_USER": "shop", "MINIO_ROOT_PASSWORD": secret, "MINIO_BROWSER": "off"},
                  facts={"url": f"http://{host}:{port}", "access_key": "shop", "secret_key": secret,
                         "bucket": BUCKET})  # fmt: skip


def kafka(place: Place, host: str) -> Wanted:
    port = place.ports.claim("kafka")
    lines = [line for line in KRAFT.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    settings = dict(line.split("=", 1) for line in lines)
    settings["advertised.listeners"] = f"PLAINTEXT://{host}:{port}"
    environment = {f"KAFKA_{name.upper().replace('.', '_')}": said for name, said in settings.items()}
    return Wanted(image="apache/kafka:4.3.1", ports={9092: port},
                  environment={"KAFKA_HEAP_OPTS": "-Xms128m -Xmx256m", **environment},
                  facts={"url": f"{host}:{port}"})  # fmt: skip


def mail(place: Place, host: str) -> Wanted:
    smtp, inbox = place.ports.claim("smtp"), place.ports.claim("mail")
    return Wanted(image="mailhog/mailhog:v1.0.1", ports={1025: smtp, 8025: inbox},
                  facts={"url": f"http://{host}:{inbox}", "smtp": f"{host}:{smtp}"})  # fmt: skip


WANTED: Mapping[str, Callable[[Place, str], Wanted]] = {
    "postgres": postgres,
    "valkey": valkey,
    "s3": s3,
    "kafka": kafka,
    "mail": mail,
}


def why_not() -> str | None:
    """Say in one line why there can be no containers; None when an engine answers."""
    try:
        DockerClient(timeout=2).client.ping()
    except AWAY as trouble:
        return f"no container engine answers ({one_line(trouble)})"
    return None


def container_of(wanted: Wanted, host: str) -> DockerContainer:
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


class Containers:
    """Containers of one session of tests; Testcontainers' reaper removes them if it is killed."""

    shared = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._place, self._host = Place(folder, free=True), DockerClient().host()
        self._containers: dict[str, DockerContainer] = {}
        self._facts: Facts = {}

    def start(self, *names: str) -> Facts:
        """Start what does not run yet, wait until it answers, and say where it is.

        Raises:
            Trouble: A container cannot be started; then none runs any more.
        """
        if unknown := [name for name in names if name not in WANTED]:
            raise Trouble(f"{unknown[0]} is none of {', '.join(WANTED)}.")
        for name in names:
            if name not in self._facts:
                self._start(name)
        return {name: self._facts[name] for name in names}

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
        until_it_answers(name, self._facts[name], STARTING)

    def close(self) -> None:
        """Remove all containers, with what they kept."""
        for container in self._containers.values():
            with suppress(*AWAY):
                container.stop()
        self._containers, self._facts = {}, {}

    def _start(self, name: str) -> None:
        wanted = WANTED[name](self._place, self._host)
        try:
            self._containers[name] = container_of(wanted, self._host)
            self._containers[name].start()
            until_it_answers(name, wanted.facts, STARTING)
        except (*AWAY, Trouble) as trouble:
            self.close()
            raise Trouble(f"no {name} of {wanted.image}: {one_line(trouble)}.") from trouble
        self._facts[name] = wanted.facts
