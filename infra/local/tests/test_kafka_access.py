"""A Kafka that wants to know who connects, and that nobody listens: the real broker with SCRAM, PLAIN, TLS and ACLs."""

import asyncio
import json

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from aiokafka.protocol.admin import CreateAclsRequest

from chassis.events.broker import Broker
from chassis.events.relay import create_producer
from chassis.runtime.settings import SettingsError, read_settings
from chassis.testing.certificates import make_certificate
from chassis.testing.eventually import eventually
from chassis.testing.topics import create_topics, read_records
from infra import seeding
from infra.local.kafka import _Tools, kafka_processes
from infra.local.process import Command, run_tool, spawn
from infra.local.run_dir import RunDir
from services.order.settings import Settings

PASSWORDS = {"payment": "a password of payment's", "order": "a password of order's", "seed": "a password of the seed's"}
TOPIC, WRITE, DESCRIBE, READ = 2, 4, 8, 3  # of Kafka's protocol
SECURED = """
listeners=PLAINTEXT://127.0.0.1:{plain},CONTROLLER://127.0.0.1:{controller},SECURE://127.0.0.1:{secure}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SECURE://127.0.0.1:{secure}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL
listener.name.secure.ssl.keystore.type=PEM
listener.name.secure.ssl.keystore.location={keystore}
listener.name.secure.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
listener.name.secure.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.secure.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_payment="{payment}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:seed
"""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
async def secured(tmp_path_factory, certificate):
    """The addresses of the broker: `open`, for the administrator, and `secure`, where only payment may write."""
    run_dir = RunDir(tmp_path_factory.mktemp("kafka"), free=True)
    (spec,) = kafka_processes(run_dir)
    secure = run_dir.ports.claim("secured kafka")
    plain, controller = spec.info["url"].rpartition(":")[2], run_dir.ports.claim("kafka controller")
    command = await spec.launch()
    keystore = certificate.certificate.with_name("keystore.pem")
    keystore.write_text(certificate.key.read_text() + certificate.pem)
    properties = command.folder / "server.properties"
    text = SECURED.format(plain=plain, controller=controller, secure=secure, keystore=keystore, **PASSWORDS)
    properties.write_text(properties.read_text() + text)  # of two lines for one property the later one counts
    process = await spawn(Command(command.argv, command.folder), run_dir.log("kafka"))
    try:

        async def ready():
            try:
                await spec.ready()
            except OSError:
                return False
            return True

        await eventually(ready, within=60)
        await create_topics(f"127.0.0.1:{plain}", "payment.events")
        tools = await _Tools.prepare(run_dir.cache, "4.3.1", run_dir.log("setup"))
        for user, password in PASSWORDS.items():
            words = ["--bootstrap-server", f"127.0.0.1:{plain}", "--alter", "--entity-type", "users"]
            change = f"SCRAM-SHA-512=[iterations=4096,password={password}]"
            argv = [tools.java, "-cp", tools.class_path, "kafka.admin.ConfigCommand", *words,
                    "--entity-name", user, "--add-config", change]  # fmt: skip
            await run_tool(Command(argv, run_dir.folder), run_dir.log("users"), "adding a user")
        admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{plain}")
        await admin.start()
        for user, operation in (("payment", WRITE), ("payment", DESCRIBE), ("order", READ), ("order", DESCRIBE)):
            allowed = CreateAclsRequest(TOPIC, "payment.events", 3, f"User:{user}", "*", operation, 3)
            await admin._send_to_controller(allowed)
        await admin.close()
        yield {"open": f"127.0.0.1:{plain}", "secure": f"127.0.0.1:{secure}"}
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
def broker_for(secured, certificate):
    def broker_for(user, **how):
        facts = {"password": PASSWORDS[user], "tls": True, "ca": certificate.pem, **how}
        return Broker(addresses=secured["secure"], user=user, **facts)

    return broker_for


async def send(broker, value):
    producer = create_producer(broker)
    try:
        await asyncio.wait_for(producer.start(), 20)
        await producer.send_and_wait("payment.events", value)
    finally:
        await producer.stop()


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_whoever_has_the_password_and_may_writes(secured, broker_for, mechanism):
    await send(broker_for("payment", mechanism=mechanism), mechanism.encode())

    assert mechanism.encode() in [record.value for record in await read_records(secured["open"], "payment.events")]


async def test_only_payment_can_write_payments_events(secured, broker_for):
    before = await read_records(secured["open"], "payment.events")

    with pytest.raises(TopicAuthorizationFailedError):
        await send(broker_for("order"), b"not order's to say")

    assert await read_records(secured["open"], "payment.events") == before


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"ca": ""}, {"tls": False}], ids=["password", "certificate", "no TLS"]
)
async def test_nobody_else_gets_in(secured, broker_for, wrong):
    before = await read_records(secured["open"], "payment.events")

    with pytest.raises((KafkaError, TimeoutError)):
        await send(broker_for("payment", **wrong), b"nobody's")

    assert await read_records(secured["open"], "payment.events") == before


async def test_the_seed_logs_in_as_services_do(secured, certificate, monkeypatch, tmp_path):
    topics = tmp_path / "topics.json"
    topics.write_text(json.dumps({"payment.events": {"partitions": 3, "replicas": 1, "configuration": {}}}))
    monkeypatch.setattr(seeding, "TOPICS_FILE", topics)
    told = {"KAFKA": secured["secure"], "KAFKA_USER": "seed", "KAFKA_PASSWORD": PASSWORDS["seed"]}

    await seeding.create_topics({**told, "KAFKA_ENCRYPTION": "tls", "KAFKA_CA": certificate.pem})


def test_settings_say_how_the_broker_is_reached(certificate, tmp_path):
    (tmp_path / "password").write_text("of Kafka's\n")
    urls = {f"{name}_URL": "http://elsewhere" for name in ("CART", "CATALOG", "SHIPPING", "PAYMENT", "NOTIFICATIONS")}
    told = {**urls, "ENVIRONMENT": "development", "PORT": "8000", "DATABASE_URL": "x", "INTERNAL_KEY": "x",
            "KAFKA": "one:9093,two:9093", "KAFKA_USER": "order", "KAFKA_PASSWORD_FILE": str(tmp_path / "password"),
            "KAFKA_ENCRYPTION": "tls", "KAFKA_CA_FILE": str(certificate.certificate)}  # fmt: skip

    settings = read_settings(Settings, told)

    assert settings.broker.options["security_protocol"] == "SASL_SSL"
    assert settings.broker.options["bootstrap_servers"] == "one:9093,two:9093"
    assert "of Kafka's" not in repr(settings) + repr(settings.broker)
    for wrong in (
        {"KAFKA_USER": "order", "KAFKA_PASSWORD_FILE": None},
        {"KAFKA_MECHANISM": "PLAIN", "KAFKA_ENCRYPTION": "none"},
        {"KAFKA_CA_FILE": str(tmp_path / "password")},
    ):
        with pytest.raises(SettingsError, match="KAFKA"):
            read_settings(Settings, {name: said for name, said in {**told, **wrong}.items() if said is not None})


async def test_a_broker_that_takes_everybody_is_asked_for_nothing(secured):
    assert Broker.of(secured["open"]).options == {
        "bootstrap_servers": secured["open"], "security_protocol": "PLAINTEXT",
    }  # fmt: skip
    async with AIOKafkaProducer(**Broker.of(secured["open"]).options) as producer:
        assert await producer.partitions_for("payment.events") == {0, 1, 2}
