import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture
def read_metrics_text(shop):
    """What a running service tells Prometheus, as text."""

    async def read_metrics_text(service):
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(shop.manifest["services"][service]["metrics"])
        assert answer.status_code == 200
        return answer.text

    return read_metrics_text


@pytest.fixture
def read_metric(read_metrics_text):
    """The sum over the samples of that name that have these labels; None if there is none."""

    async def read_metric(service, name, **labels):
        samples = [
            s for family in text_string_to_metric_families(await read_metrics_text(service)) for s in family.samples
        ]
        fitting = [s.value for s in samples if s.name == name and labels.items() <= s.labels.items()]
        return sum(fitting) if fitting else None

    return read_metric
