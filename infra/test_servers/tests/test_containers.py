"""What the engine is asked for. None runs where this is written: that the images do as they are told is not shown."""

from dataclasses import replace
from signal import Signals

import pytest
from sqlalchemy import make_url

from infra.local.infrastructure import PROCESS_FACTORIES
from infra.local.process import StackError
from infra.local.run_dir import RunDir
from infra.test_servers import containers
from infra.test_servers.containers import CONTAINER_SPECS, ContainerServers
from infra.test_servers.local import LocalServers
from tests.packaging import compose

IN_COMPOSE = {"postgres": "postgres", "valkey": "redis", "s3": "minio", "mail": "mail"}


@pytest.fixture
def wanted_specs(tmp_path):
    run_dir = RunDir(tmp_path, free=True)
    return {name: want(run_dir, "docker.example") for name, want in CONTAINER_SPECS.items()}


def test_there_is_a_container_for_each_part_with_the_same_connection_info(wanted_specs, tmp_path):
    run_dir = RunDir(tmp_path / "here", free=True)
    here = {
        name: set(spec.info) for name, make in PROCESS_FACTORIES.items() for spec in make(run_dir) if spec.name == name
    }

    assert {name: set(one.info) for name, one in wanted_specs.items()} == here


def test_images_are_those_of_compose(wanted_specs):
    ours = {name: wanted_specs[name].image for name in IN_COMPOSE}

    assert ours == {name: compose.read_compose()["services"][theirs]["image"] for name, theirs in IN_COMPOSE.items()}
    kraft = compose.read_compose("docker-compose.kraft.yml")["services"]["kafka"]["image"]
    assert wanted_specs["kafka"].image == kraft


def test_connection_facts_lead_to_the_ports_of_the_host(wanted_specs):
    ports = {name: set(one.ports.values()) for name, one in wanted_specs.items()}

    for name, one in wanted_specs.items():
        for fact in {"url", "smtp"} & set(one.info):
            host, _, port = one.info[fact].removesuffix("/0").removesuffix("/shop").rpartition(":")
            assert host.endswith("docker.example")
            assert int(port) in ports[name]


def test_connection_facts_have_the_passwords_that_the_containers_are_started_with(wanted_specs):
    database, store, redis = wanted_specs["postgres"], wanted_specs["s3"], wanted_specs["valkey"]

    assert make_url(database.info["url"]).password == database.environment["POSTGRES_PASSWORD"]
    assert store.info["access_key"] == store.environment["MINIO_ROOT_USER"]
    assert store.info["secret_key"] == store.environment["MINIO_ROOT_PASSWORD"]
    assert make_url(redis.info["url"]).password == redis.command[-1]
    assert len({database.environment["POSTGRES_PASSWORD"], store.info["secret_key"], redis.command[-1]}) == 3


def test_kafka_is_told_what_it_is_told_in_compose_but_for_where_its_clients_find_it(wanted_specs):
    told = wanted_specs["kafka"].environment

    assert told["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{wanted_specs['kafka'].info['url']}"
    assert told["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert len(told) == len(containers.KRAFT_PROPERTIES_FILE.read_text().strip().splitlines()[1:]) + 1


def test_what_the_engine_refuses_is_said_in_one_line_and_nothing_stays(tmp_path, engine):
    engine.refusal = {"message": "no space left on device"}

    with pytest.raises(StackError, match=r"^no valkey of redis:8.2.3-bookworm: .*no space left on device.*\.$"):
        ContainerServers(tmp_path).start("valkey")

    ((asked, body),) = engine.asked
    assert asked == "POST /containers/create"
    assert body["Image"] == "redis:8.2.3-bookworm"
    assert body["Cmd"][:-1] == ["redis-server", "--appendonly", "yes", "--save", "", "--requirepass"]
    ((port,),) = body["HostConfig"]["PortBindings"].values()
    assert 20000 <= int(port["HostPort"]) < 32000
    assert port["HostIp"] == "127.0.0.1"


def test_an_unknown_part_is_refused_by_name(tmp_path, engine):
    with pytest.raises(StackError, match="oracle is none of postgres, valkey, s3, kafka, mail"):
        ContainerServers(tmp_path).start("oracle")

    assert engine.asked == []


def test_a_container_is_stopped_killed_and_started_again_and_removed_at_the_end(tmp_path, engine, monkeypatch):
    with LocalServers(tmp_path / "here", own=True) as here:
        info = here.start("valkey")["valkey"]
        monkeypatch.setattr(
            containers, "CONTAINER_SPECS", {"valkey": lambda *at: replace(containers.valkey_container(*at), info=info)}
        )
        servers = ContainerServers(tmp_path / "containers")

        assert servers.start("valkey") == {"valkey": info}
        servers.start("valkey")
        servers.stop("valkey")
        servers.resume("valkey")
        servers.kill("valkey", Signals.SIGQUIT)
        servers.close()

    assert [asked for asked, _ in engine.asked] == [
        "POST /containers/create",
        "POST /containers/lamp/start",
        "POST /containers/lamp/stop?t=9",
        "POST /containers/lamp/start",
        "POST /containers/lamp/kill?signal=SIGQUIT",
        "POST /containers/lamp/wait",
        "POST /containers/lamp/start",
        "DELETE /containers/lamp?v=True&link=False&force=True",
    ]
