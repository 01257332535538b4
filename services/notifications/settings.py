"""Settings of the notifications service, from its environment."""

import re
import ssl
from dataclasses import dataclass, field
from socket import gethostname
from typing import Literal

from chassis.runtime.settings import Secret, SettingsError
from services import settings
from services.notifications.domain import is_email_address

MAX_CONNECTIONS = 50


@dataclass(frozen=True, kw_only=True)
class Settings(settings.EventSettings):
    database_url: Secret
    smtp: str
    mail_from: str
    internal_key: Secret
    shop_url: str = "http://127.0.0.1:8080"  # where the links of mails lead, without a slash at its end
    mail_connections: int = 4
    mail_max_rejections: int = 8
    mail_give_up_after_seconds: float = 345600
    order_details_timeout_seconds: float = 3.0
    account_erasure_days: float = 30  # after which mails to deleted accounts lose their recipient, as in order
    instance: str = field(default_factory=gethostname)
    # How long what is known of an order is kept (services/order_retention.py).
    order_retention_days: float = 3653
    smtp_encryption: Literal["if-offered", "starttls", "tls"] = "if-offered"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)  # of somebody else's making, and not a Secret of 32 bytes
    smtp_ca: str = ""  # certificates, as PEM, instead of those that the system trusts

    def __post_init__(self) -> None:
        super().__post_init__()
        if not re.fullmatch(r"[^:]+:\d{1,5}", self.smtp):
            raise SettingsError("SMTP is not host:port.")
        if self.smtp_user and (not self.smtp_password or self.smtp_encryption == "if-offered"):
            raise SettingsError(
                "SMTP_USER is set, and SMTP_PASSWORD is not, or SMTP_ENCRYPTION is neither starttls nor tls: "
                "a password is sent only where nobody can listen."
            )
        if self.smtp_ca:
            try:
                ssl.create_default_context(cadata=self.smtp_ca)
            except ssl.SSLError:
                raise SettingsError("SMTP_CA holds no certificates.") from None
        if not is_email_address(self.mail_from):
            raise SettingsError("MAIL_FROM is not one e-mail address.")
        settings.require_shop_url(self.shop_url)
        if not 1 <= self.mail_connections <= MAX_CONNECTIONS:
            raise SettingsError(f"MAIL_CONNECTIONS is not between 1 and {MAX_CONNECTIONS}.")
        if self.mail_max_rejections < 1:
            raise SettingsError("MAIL_MAX_REJECTIONS is less than 1.")
