"""The shop's services, one package each."""

from pathlib import Path

VERSION = "1.0.0"
ROOT = Path(__file__).resolve().parents[1]
ISSUER, AUDIENCE = "auth", "shop"  # of access tokens
CONTRACTS, EVENTS = ROOT / "contracts", ROOT / "asyncapi"
