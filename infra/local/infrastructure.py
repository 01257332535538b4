"""The processes the services stand on, by name."""

from collections.abc import Callable, Mapping

from infra.local.kafka import kafka_processes
from infra.local.postgres import postgres_processes
from infra.local.process import ProcessSpec
from infra.local.python_process import python_process
from infra.local.run_dir import RunDir
from infra.local.s3 import s3_processes
from infra.local.valkey import valkey_processes


def mail_process(run_dir: RunDir) -> list[ProcessSpec]:
    """Make the mail sink."""
    smtp, inbox = run_dir.ports.claim("smtp", 1025), run_dir.ports.claim("mail", 8025)
    info = {"url": f"http://127.0.0.1:{inbox}", "smtp": f"127.0.0.1:{smtp}"}
    return [python_process(run_dir, "mail", "infra.local.mail", str(smtp), str(inbox), kind="mail sink",
                           health_check=(inbox, "/api/v2/messages"), info=info)]  # fmt: skip


def gateway_problems_process(run_dir: RunDir) -> ProcessSpec:
    """Make what answers for the gateway where no service does, and serves the pages about the contracts."""
    port = run_dir.ports.claim("problems", 8027)
    return python_process(run_dir, "problems", "infra.gateway.problems", str(port), kind="the gateway's own answers",
                          health_check=(port, "/problems/health/ready"),
                          info={"url": f"http://127.0.0.1:{port}"})  # fmt: skip


PROCESS_FACTORIES: Mapping[str, Callable[[RunDir], list[ProcessSpec]]] = {
    "postgres": postgres_processes,
    "valkey": valkey_processes,
    "s3": s3_processes,
    "kafka": kafka_processes,
    "mail": mail_process,
}
