"""The two secrets that people know: what stands in for them in development, and what production asks of them."""

import os
import unicodedata
from collections.abc import Mapping

from chassis.runtime.settings import MIN_SECRET_LENGTH, SettingsError, is_development, read_env_or_file

ADMIN_CREDENTIALS = {"email": "admin@example.com", "password": "P@ssw0rd!"}
DEVELOPMENT_OPERATOR_KEY = "devkey"  # the seed's; refused outside development
# What everybody knows, and the fewest bytes that take its place in production.
CREDENTIAL_DEFAULTS = {
    "ADMIN_PASSWORD": (ADMIN_CREDENTIALS["password"], 16),
    "OPERATOR_KEY": (DEVELOPMENT_OPERATOR_KEY, MIN_SECRET_LENGTH),
}


def read_credential(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """Read one of DEFAULTS as people gave it; only in development its default stands in.

    Raises:
        SettingsError: Outside development it is missing, too short, or known to everybody.
    """
    (default, min_bytes), given = CREDENTIAL_DEFAULTS[name], read_env_or_file(name, environ)
    if is_development(environ):
        return default if given is None else given
    if given is None:
        raise SettingsError(f"{name} is not set")
    # auth hashes this form: what a keyboard composes otherwise is the same password
    if unicodedata.normalize("NFKC", given) == default or len(given.encode()) < min_bytes:
        raise SettingsError(f"{name} is the default, which everybody knows, or shorter than {min_bytes} bytes")
    return given
