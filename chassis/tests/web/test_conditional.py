"""Whoever has the current answer already is told so instead of being sent it again."""

import pytest

from chassis.tests.web.shop import LAMP, call

PRODUCT = f"/shop/v1/products/{LAMP}"


async def read_etag(app):
    return (await call(app, "GET", PRODUCT)).headers["etag"]


async def test_a_response_has_an_etag_and_a_cache_control(app):
    first, again = [await call(app, "GET", PRODUCT) for _ in range(2)]

    assert first.headers["cache-control"] == "no-cache"
    assert first.headers["etag"] == again.headers["etag"]
    assert first.json()["id"] == LAMP


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("spelling", ["{}", "W/{}", '"other", {}', '"other" ,W/{}', "*"])
async def test_a_matching_etag_is_answered_304(app, method, spelling):
    tag = await read_etag(app)

    answer = await call(app, method, PRODUCT, {"if-none-match": spelling.format(tag)})

    assert (answer.status, answer.body) == (304, b"")
    assert (answer.headers["etag"], answer.headers["cache-control"]) == (tag, "no-cache")
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("wanted", ['"other"', "W/x", "without quotes", "", ","], ids=repr)
async def test_another_etag_is_answered_200(app, wanted):
    answer = await call(app, "GET", PRODUCT, {"if-none-match": wanted})

    assert (answer.status, answer.json()["id"]) == (200, LAMP)


async def test_a_problem_is_never_304(app):
    answer = await call(app, "GET", PRODUCT.replace("b001", "b002"), {"if-none-match": "*"})

    assert answer.status == 404
    assert "etag" not in answer.headers
