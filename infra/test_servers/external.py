"""Somebody's servers for tests, by addresses in the environment, each or in a file that POSTGRES_URL_FILE names:

POSTGRES_URL                          of a role that makes databases and roles
REDIS_URL                             with /0 at its end; each session of tests takes one of the databases 1 to 15
KAFKA                                 host:port
S3_URL S3_KEY S3_SECRET S3_BUCKET     the bucket is made where it is missing
SMTP (host:port) and MAIL_URL         a mail sink, and where MailHog's API says what came

Only those that tests ask for have to be set.
"""

from collections.abc import Mapping
from signal import Signals

from chassis.runtime.settings import read_env_or_file
from infra.local.process import StackError
from infra.test_servers.local import ConnectionInfo
from infra.test_servers.readiness import wait_until_ready

ENVIRONMENT_VARIABLES: Mapping[str, Mapping[str, str]] = {
    "postgres": {"url": "POSTGRES_URL"},
    "valkey": {"url": "REDIS_URL"},
    "kafka": {"url": "KAFKA"},
    "s3": {"url": "S3_URL", "access_key": "S3_KEY", "secret_key": "S3_SECRET", "bucket": "S3_BUCKET"},
    "mail": {"url": "MAIL_URL", "smtp": "SMTP"},
}


class ExternalServers:
    """Servers that are there already, and stay."""

    shared = True

    def __init__(self, environ: Mapping[str, str], *, within: float = 10) -> None:
        self._environ, self._within = environ, within
        self._info: ConnectionInfo = {}

    def start(self, *names: str) -> ConnectionInfo:
        """Say where the named processes are, once they have answered.

        Raises:
            StackError: An address is not set, or nobody answers there.
        """
        for name in names:
            if name not in self._info:
                info = self._read_info(name)
                wait_until_ready(name, info, self._within)
                self._info[name] = info
        return {name: self._info[name] for name in names}

    def kill(self, name: str, number: Signals = Signals.SIGKILL) -> None:
        raise self._not_owned(name)

    def stop(self, name: str, number: Signals = Signals.SIGTERM) -> None:
        raise self._not_owned(name)

    def resume(self, name: str) -> None:
        raise self._not_owned(name)

    def close(self) -> None:
        """Leave them running."""

    def _read_info(self, name: str) -> dict[str, str]:
        if name not in ENVIRONMENT_VARIABLES:
            raise StackError(f"{name} is none of {', '.join(ENVIRONMENT_VARIABLES)}.")
        info = {}
        for fact, variable in ENVIRONMENT_VARIABLES[name].items():
            said = read_env_or_file(variable, self._environ)
            if not said:
                raise StackError(f"SHOP_STACK=external: {variable} is not set, and tests ask for {name}.")
            info[fact] = said
        return info

    def _not_owned(self, name: str) -> StackError:
        return StackError(f"SHOP_STACK=external: {name} is somebody's, and nobody kills it; ask for your own.")
