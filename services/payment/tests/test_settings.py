"""What the payment service is told by its environment, and when it does not start."""

import os
import subprocess
import sys

import pytest

from chassis.runtime.settings import SettingsError, read_settings
from services.payment.settings import Settings

VALID_ENVIRONMENT = {
    "PORT": "8000",
    "DATABASE_URL": "postgresql://payment:a-password-that-is-long-enough@postgres:5432/shop",
    "KAFKA": "kafka:9092",
    "INTERNAL_KEY": "a key of payment's own that is long enough",
    "ORDER_URL": "http://order:8000",
}


def test_in_development_the_mock_needs_no_name():
    assert read_settings(Settings, VALID_ENVIRONMENT | {"ENVIRONMENT": "development"}).payment_provider == ""


@pytest.mark.parametrize("environment", ["production", "staging", ""])
@pytest.mark.parametrize("provider", [{}, {"PAYMENT_PROVIDER": ""}], ids=["not set", "empty"])
def test_outside_development_the_mock_is_used_only_by_name(environment, provider):
    told = VALID_ENVIRONMENT | {"ENVIRONMENT": environment}

    with pytest.raises(SettingsError, match="PAYMENT_PROVIDER is not set"):
        read_settings(Settings, told | provider)

    assert read_settings(Settings, told | {"PAYMENT_PROVIDER": "mock"}).payment_provider == "mock"


@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_provider_that_does_not_exist_is_refused(environment):
    with pytest.raises(SettingsError, match="PAYMENT_PROVIDER is not one of mock"):
        read_settings(Settings, VALID_ENVIRONMENT | {"ENVIRONMENT": environment, "PAYMENT_PROVIDER": "Mock"})


def test_a_process_that_is_told_of_no_environment_ends_at_once_and_says_why():
    ended = subprocess.run(
        [sys.executable, "-m", "services.payment.main"],
        env={**{name: said for name, said in os.environ.items() if name != "ENVIRONMENT"}, **VALID_ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 2
    assert "PAYMENT_PROVIDER is not set" in ended.stderr


STRIPE = {
    "PAYMENT_PROVIDER": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_that_is_long_enough_to_be_one",
    "STRIPE_WEBHOOK_SECRET": "whsec_that_is_long_enough_to_be_one",
}


def test_stripe_is_used_with_its_secrets_which_may_be_files(tmp_path):
    file = tmp_path / "key"
    file.write_text(STRIPE["STRIPE_SECRET_KEY"] + "\n")
    told = {name: said for name, said in STRIPE.items() if name != "STRIPE_SECRET_KEY"}

    settings = read_settings(Settings, VALID_ENVIRONMENT | told | {"STRIPE_SECRET_KEY_FILE": str(file)})

    assert (settings.payment_provider, settings.stripe_secret_key) == ("stripe", STRIPE["STRIPE_SECRET_KEY"])
    assert "sk_live" not in repr(settings)


@pytest.mark.parametrize("missing", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
@pytest.mark.parametrize("environment", ["development", "production"])
def test_stripe_without_its_secrets_does_not_start(missing, environment):
    told = VALID_ENVIRONMENT | STRIPE | {"ENVIRONMENT": environment}
    del told[missing]

    with pytest.raises(SettingsError, match="STRIPE_SECRET_KEY or STRIPE_WEBHOOK_SECRET is not set"):
        read_settings(Settings, told)
