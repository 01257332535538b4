"""The shop's services, one package each."""

from pathlib import Path

import chassis  # noqa: F401  # first of all: it prepares the process for what the libraries take in

VERSION = "1.0.0"
ROOT = Path(__file__).resolve().parents[1]
ISSUER, AUDIENCE = "auth", "shop"  # of access tokens
CONTRACTS_FOLDER, EVENT_CONTRACTS_FOLDER = ROOT / "contracts", ROOT / "asyncapi"
