"""What every operation of the service answers alike, whoever asks whatever."""

from services import CONTRACTS
from tooling.conformance.contract_tests import *  # noqa: F403  # the same tests for every service

CONTRACT = CONTRACTS / "catalog.yaml"  # what the tests read
