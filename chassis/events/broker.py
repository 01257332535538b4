"""How Kafka is reached, and what it is told of whoever connects."""

import ssl
from dataclasses import dataclass, field
from typing import Any, Literal

Mechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, kw_only=True)
class Broker:
    """`addresses` are host:port, with commas between them. With a user, it logs in; `ca` are certificates as PEM.

    Raises: ValueError, for what cannot be or would send a password in the clear; SSLError, for what is no certificate.
    """

    addresses: str
    user: str = ""
    password: str = field(default="", repr=False)
    mechanism: Mechanism = "SCRAM-SHA-512"
    tls: bool = False
    ca: str = ""  # instead of those that the system trusts

    def __post_init__(self) -> None:
        if self.user and not self.password:
            raise ValueError("a user needs a password")
        if self.user and self.mechanism == "PLAIN" and not self.tls:
            raise ValueError("PLAIN sends the password, and needs TLS")
        if self.ca:
            ssl.create_default_context(cadata=self.ca)

    @classmethod
    def of(cls, said: "Broker | str") -> "Broker":
        """A broker that anybody may use is its addresses alone."""
        return cls(addresses=said) if isinstance(said, str) else said

    @property
    def options(self) -> dict[str, Any]:
        """What clients of aiokafka are made with."""
        options: dict[str, Any] = {"bootstrap_servers": self.addresses}
        if self.user:
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": self.password,
            }
        if self.tls:
            options["ssl_context"] = ssl.create_default_context(cadata=self.ca or None)
        protocol = f"SASL_{'SSL' if self.tls else 'PLAINTEXT'}" if self.user else "SSL" if self.tls else "PLAINTEXT"
        return {**options, "security_protocol": protocol}
