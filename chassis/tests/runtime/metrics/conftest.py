"""Figures, to be read as Prometheus reads them, and everything that a consumer or a relay on real servers needs."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chassis.runtime.metrics import render_exposition
from chassis.tests.events.conftest import (
    consumer,
    contract,
    messages,
    on_topic,
    relay,
    service,
    topic,
    unit_of_work,
)

__all__ = [
    "consumer",
    "contract",
    "messages",
    "on_topic",
    "relay",
    "service",
    "topic",
    "unit_of_work",
]


def read(text):
    """Every sample's value, by its name and the values of its labels in the order of their names."""
    return {
        (sample.name, *(said for _, said in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def scrape():
    """Reads what Prometheus would scrape now."""

    async def scrape(*collectors):
        return read((await render_exposition(collectors)).decode())

    return scrape
