"""What every operation of the service answers alike, whoever asks whatever."""

from services.catalog.main import CONTRACT  # noqa: F401  # what the tests read
from services.chassis.testing.promises import *  # noqa: F403  # the same tests for every service
