"""The clients that are made from the real contracts, before a neighbour that answers what a test says."""

from uuid import UUID

import msgspec
import pytest

from chassis.contracts.media_types import JSON, PROBLEM_JSON
from chassis.testing.transports import StubTransport, json_response
from chassis.web.http_client import Problem, UndeclaredProblem, UpstreamUnavailable
from chassis.web.http_transport import Response
from generated.access import OPERATIONS
from generated.clients import auth, cart, catalog, notifications, order, payment, shipping
from generated.models.catalog import Category, ReservationRequest, ReservedLine, ShortLine

LAMP, ORDER = UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2b001"), UUID("0198c3c5-0a4e-7c6e-9d26-3f1f4be2a001")
OUT_OF_STOCK = {"type": "/problems/out-of-stock", "title": "A product is out of stock", "status": 409}
CLIENTS = {
    "auth": auth.AuthClient,
    "cart": cart.CartClient,
    "catalog": catalog.CatalogClient,
    "notifications": notifications.NotificationsClient,
    "order": order.OrderClient,
    "payment": payment.PaymentClient,
    "shipping": shipping.ShippingClient,
}


class Neighbour(StubTransport):
    """Answers every request in one way."""

    def __init__(self, status, body=None, media_type=JSON):
        response = Response(status, {}) if body is None else json_response(status, body, media_type)
        super().__init__(lambda _: response)

    def client(self, kind=catalog.CatalogClient, **known):
        return kind("http://neighbour", transport=self, **known)


@pytest.mark.parametrize("service", CLIENTS)
def test_a_client_has_a_method_for_each_operation(service):
    methods = {name for name in vars(CLIENTS[service]) if not name.startswith("_")}

    assert methods == OPERATIONS[service].keys()


async def test_models_go_in_and_come_out():
    neighbour = Neighbour(200, {"order_id": str(ORDER), "status": "HELD", "prices": []})
    request = ReservationRequest(order_id=ORDER, items=[ReservedLine(product_id=LAMP, qty=2)])

    async with neighbour.client(key="order's key") as client:
        reservation = await client.reserve_stock(body=request)

    assert (reservation.order_id, reservation.status) == (ORDER, "HELD")
    (asked,) = neighbour.requests
    assert (asked.method, asked.url) == ("POST", "http://neighbour/catalog/v1/inventory/reserve")
    assert asked.headers["X-Internal-Key"] == "order's key"
    assert msgspec.json.decode(asked.content, type=ReservationRequest) == request


async def test_a_list_comes_out_as_one():
    neighbour = Neighbour(200, [{"id": str(LAMP), "name": "Lamps", "product_count": 3}])

    async with neighbour.client() as client:
        assert await client.list_categories() == [Category(id=LAMP, name="Lamps", product_count=3)]


async def test_nothing_comes_out_where_nothing_is_answered():
    async with Neighbour(204).client() as client:
        assert await client.remove_product(product_id=LAMP) is None


async def test_only_what_is_given_is_sent():
    neighbour = Neighbour(200, {"items": [], "next_cursor": None})

    async with neighbour.client() as client:
        await client.list_products(q="desk lamp", limit=5)

    (asked,) = neighbour.requests
    assert asked.url == "http://neighbour/catalog/v1/products/?q=desk+lamp&limit=5"
    assert "Authorization" not in asked.headers


async def test_a_client_speaks_for_several_shoppers():
    neighbour = Neighbour(200, {"items": [], "next_cursor": None})

    async with neighbour.client(order.OrderClient) as client:
        for token in ("asha's", "bram's"):
            await client.list_orders(token=token)

    assert [asked.headers["Authorization"] for asked in neighbour.requests] == ["Bearer asha's", "Bearer bram's"]


async def test_a_problem_of_the_contract_is_an_exception_of_its_own():
    problem = {**OUT_OF_STOCK, "lines": [{"product_id": str(LAMP), "wanted": 2, "available": 1}]}
    neighbour = Neighbour(409, problem, PROBLEM_JSON)

    async with neighbour.client() as client:
        with pytest.raises(catalog.OutOfStock) as refusal:
            await client.reserve_stock(body=ReservationRequest(order_id=ORDER, items=[]))

    assert refusal.value.__doc__ == "A product is out of stock."
    assert refusal.value.problem == problem
    assert refusal.value.members.lines == [ShortLine(product_id=LAMP, wanted=2, available=1)]


@pytest.mark.parametrize("lines", [{}, {"lines": None}, {"lines": [{"product_id": str(LAMP), "wanted": "2"}]}])
async def test_a_problem_without_the_members_that_its_contract_requires_counts_as_an_outage(lines):
    neighbour = Neighbour(409, {**OUT_OF_STOCK, **lines}, PROBLEM_JSON)

    async with neighbour.client() as client:
        with pytest.raises(UpstreamUnavailable, match="409 with what its contract does not allow"):
            await client.reserve_stock(body=ReservationRequest(order_id=ORDER, items=[]))


async def test_a_problem_that_every_service_has_is_a_problem():
    problem = {"type": "/problems/forbidden", "title": "Whoever is asking may not do this", "status": 403}

    async with Neighbour(403, problem, PROBLEM_JSON).client() as client:
        with pytest.raises(Problem) as refusal:
            await client.get_product(product_id=LAMP)

    assert type(refusal.value) is UndeclaredProblem
    assert refusal.value.status == 403


@pytest.mark.parametrize(
    ("call", "tries"),
    [
        pytest.param(lambda client: client.reserve_stock(body=ReservationRequest(order_id=ORDER, items=[])), 3,
                     id="a call that may be repeated is"),
        pytest.param(lambda client: client.remove_product(product_id=LAMP), 1, id="another is not"),
    ],
)  # fmt: skip
async def test_only_what_is_safe_to_repeat_is_repeated(call, tries):
    neighbour = Neighbour(503)

    async with neighbour.client() as client:
        with pytest.raises(Exception, match="503"):
            await call(client)

    assert len(neighbour.requests) == tries
