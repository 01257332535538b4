"""What every operation of the service answers alike, whoever asks whatever."""

from chassis.testing.contract_tests import *  # noqa: F403  # the same tests for every service
from services import CONTRACTS

CONTRACT = CONTRACTS / "notifications.yaml"  # what the tests read
