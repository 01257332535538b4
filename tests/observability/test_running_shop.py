"""A running shop tells what its shoppers do, and only on the ports for that."""

import httpx
import pytest

from chassis.testing.eventually import eventually
from generated.services import SERVICES


async def test_an_order_is_seen_on_its_way_from_checkout_to_mail(shop, asha, read_metric):
    lamp = await shop.product(stock=5)
    mails = await read_metric("notifications", "shop_mails_total", status="SENT")
    dead = await read_metric("order", "shop_dead_letters_total")

    order = await asha.place_order(lamp, 2)

    async def kept_aside():
        assert await read_metric("catalog", "shop_reservations_held") >= 1
        assert await read_metric("catalog", "shop_reservations_oldest_age_seconds") > 0
        assert await read_metric("order", "shop_orders_unsettled", state="CREATED") >= 1
        assert await read_metric("order", "shop_orders_overdue") is not None
        return True

    await eventually(kept_aside, within=15)  # what is looked up may be five seconds old
    await asha.pay()
    await shop.wait_for_status(order.order_id, "PAID", shipment="READY_TO_SHIP")

    async def wait_until_consumed():
        assert await read_metric("notifications", "shop_mails_total", status="SENT") >= mails + 2
        for service in ("cart", "catalog", "order", "payment", "shipping", "notifications"):
            assert await read_metric(service, "shop_consumer_lag_events") == 0, service
            assert await read_metric(service, "shop_consumer_event_age_seconds") == 0, service
        for service in ("order", "payment", "shipping"):
            assert await read_metric(service, "shop_outbox_events") == 0
            assert await read_metric(service, "shop_events_published_total") >= 1
            assert await read_metric(service, "shop_duty_leads", duty="outbox") == 1
        return True

    await eventually(wait_until_consumed, within=20)
    assert await read_metric("order", "shop_event_handling_seconds_count", operation="on_payment_succeeded") >= 1
    assert await read_metric("order", "shop_request_duration_seconds_count", operation="check_out", status="201") >= 1
    assert await read_metric("order", "shop_call_duration_seconds_count", upstream="catalog", status="200") >= 1
    assert await read_metric("order", "shop_dead_letters_total") == dead


@pytest.mark.parametrize("service", SERVICES)
async def test_metrics_are_served_neither_by_the_gateway_nor_on_the_service_port(shop, service):
    own = shop.manifest["services"][service]["url"]
    async with httpx.AsyncClient(trust_env=False) as http:
        for base in (shop.manifest["gateway"], own):
            for path in ("/metrics", f"/{service}/metrics", f"/{service}/v1/metrics"):
                assert (await http.get(base + path)).status_code == 404, base + path


@pytest.mark.parametrize("service", [name for name, service in SERVICES.items() if service.schema])
async def test_a_service_with_a_database_tells_of_its_pool(read_metric, service):
    assert await read_metric(service, "shop_pool_connections") >= 1
    assert await read_metric(service, "shop_pool_waiting_requests") is not None


async def test_catalog_tells_of_the_pool_of_searches_too(read_metric):
    assert await read_metric("catalog", "shop_pool_connections", pool="searches") >= 1
