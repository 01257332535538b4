"""What a service says of itself."""

import asyncio

import pytest

from chassis.web.health import Health, NotHealthy, NotReady


async def succeeding_probe():
    pass


async def failing_probe():
    raise ConnectionError("SECRET")


async def slow_probe():
    await asyncio.sleep(30)


async def test_a_service_that_has_all_it_needs_is_alive_and_ready_and_says_which_it_is():
    health = Health("order", "1.0.0", {"database": succeeding_probe, "consumers": succeeding_probe})

    assert (await health.get_health()).body == {"status": "ok"}
    assert (await health.get_readiness()).body == {
        "status": "ok",
        "checks": [{"name": "database", "status": "ok"}, {"name": "consumers", "status": "ok"}],
    }
    assert (await health.get_info()).body == {"service": "order", "version": "1.0.0"}
    assert (await Health("order", "1.0.0", region="west").get_info()).body["region"] == "west"


@pytest.mark.parametrize("probe", [failing_probe, slow_probe], ids=["away", "slow"])
async def test_a_probe_that_fails_or_takes_too_long_makes_it_not_ready_but_alive(monkeypatch, probe):
    monkeypatch.setattr("chassis.web.health.PROBE_TIMEOUT", 0.05)
    health = Health("order", "1.0.0", {"database": probe, "consumers": succeeding_probe})

    with pytest.raises(NotReady) as caught:
        await health.get_readiness()

    assert caught.value.members == {
        "checks": [{"name": "database", "status": "failed"}, {"name": "consumers", "status": "ok"}]
    }
    assert str(caught.value) == ""
    assert (await health.get_health()).status == 200


async def test_what_a_service_can_do_without_is_told_and_leaves_it_ready():
    health = Health("order", "1.0.0", {"database": succeeding_probe})
    health.watch({"mail server": failing_probe}, required=False)

    assert (await health.get_readiness()).body == {
        "status": "ok",
        "checks": [{"name": "database", "status": "ok"}, {"name": "mail server", "status": "failed"}],
    }


async def test_a_service_that_is_stopping_is_alive_but_takes_no_more():
    health = Health("order", "1.0.0")
    health.stopping = True

    with pytest.raises(NotReady):
        await health.get_readiness()
    assert (await health.get_health()).status == 200


async def test_a_failed_task_shows_in_health_and_readiness():
    health = Health("order", "1.0.0", {"database": succeeding_probe})
    health.failed.add("relay")

    with pytest.raises(NotHealthy):
        await health.get_health()
    with pytest.raises(NotReady) as caught:
        await health.get_readiness()
    assert {"name": "relay", "status": "failed"} in caught.value.members["checks"]
