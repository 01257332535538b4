"""The parts the services stand on, by name."""

from collections.abc import Callable, Mapping

from infra.local.kafka import kafka
from infra.local.part import Part
from infra.local.place import Place
from infra.local.postgres import postgres
from infra.local.program import program
from infra.local.s3 import s3
from infra.local.valkey import valkey


def mail(place: Place) -> list[Part]:
    """Make the mail sink."""
    smtp, inbox = place.ports.claim("smtp", 1025), place.ports.claim("mail", 8025)
    facts = {"url": f"http://127.0.0.1:{inbox}", "smtp": f"127.0.0.1:{smtp}"}
    return [program(place, "mail", "infra.local.mail", str(smtp), str(inbox), kind="mail sink",
                    answers=(inbox, "/api/v2/messages"), facts=facts)]  # fmt: skip


def problems(place: Place) -> Part:
    """Make what answers for the gateway where no service does, and serves the pages about the contracts."""
    port = place.ports.claim("problems", 8027)
    return program(place, "problems", "infra.gateway.problems", str(port), kind="the gateway's own answers",
                   answers=(port, "/problems/health/ready"), facts={"url": f"http://127.0.0.1:{port}"})  # fmt: skip


INFRASTRUCTURE: Mapping[str, Callable[[Place], list[Part]]] = {
    "postgres": postgres,
    "valkey": valkey,
    "s3": s3,
    "kafka": kafka,
    "mail": mail,
}
