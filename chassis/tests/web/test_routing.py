"""Which operation a path and a method mean."""

import pytest

from chassis.web.routing import Match, Routes

INTERNAL = {"reserve", "draft", "get cart of"}
ROUTES = Routes(
    {
        "/v1/stock/{product}": {"GET": "get stock"},
        "/v1/stock/restock": {"POST": "restock"},
        "/v1/stock/reserve": {"POST": "reserve"},
        "/v1/{kind}/{id}/all": {"GET": "list all"},
        "/v1/{kind}/latest/{id}": {"GET": "list latest"},
        "/v1/shelves/{shelf}/": {"GET": "get shelf"},
        "/v1/parcels/": {"GET": "list parcels", "POST": "draft"},
        "/v1/carts/{user}": {"GET": "get cart of"},
    },
    lambda operation: operation not in INTERNAL,
)
READ = "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("method", "path", "match"),
    [
        ("GET", "/v1/stock/7", Match("/v1/stock/7", "get stock", READ, {"product": "7"})),
        ("HEAD", "/v1/stock/7", Match("/v1/stock/7", "get stock", READ, {"product": "7"})),
        ("GET", "/v1/stock/restock", Match("/v1/stock/restock", None, "OPTIONS, POST", {})),
        ("GET", "/v1/a/latest/all", Match("/v1/a/latest/all", "list latest", READ, {"kind": "a", "id": "all"})),
        ("PUT", "/v1/stock/7", Match("/v1/stock/7", None, READ, {"product": "7"})),
        ("GET", "/v1/stock", None),
        ("GET", "/v1/stock/", None),
        ("GET", "/v1/stock//", None),
        ("GET", "/v1/stock/7//", None),
    ],
)  # fmt: skip
def test_literals_come_before_parameters_in_whatever_order_the_contract_has_them(method, path, match):
    assert ROUTES.find(path, method) == match


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/v1/stock/7/", "/v1/stock/7"),
        ("/v1/shelves/7", "/v1/shelves/7/"),
        ("/v1/parcels", "/v1/parcels/"),
        ("/v1/stock/restock/", "/v1/stock/restock"),
    ],
)
def test_a_slash_at_the_end_changes_nothing(path, canonical):
    assert ROUTES.find(path, "GET") == ROUTES.find(canonical, "GET")
    assert ROUTES.find(path, "GET").path == canonical


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_what_is_not_offered_is_not_there_for_any_other_method(method):
    assert ROUTES.find("/v1/stock/reserve", "POST").operation == "reserve"
    assert ROUTES.find("/v1/stock/reserve", method) == ROUTES.find("/v1/stock/x", method)._replace(
        path="/v1/stock/reserve", parameters={"product": "reserve"}
    )
    assert ROUTES.find("/v1/parcels/", method).allow == READ
    assert (ROUTES.find("/v1/carts/7", method) is None) == (method not in {"GET", "HEAD"})
