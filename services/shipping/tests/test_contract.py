"""What every operation of the service answers alike, whoever asks whatever."""

from services.chassis.testing.promises import *  # noqa: F403  # the same tests for every service
from services.shipping.main import CONTRACT  # noqa: F401  # what the tests read
