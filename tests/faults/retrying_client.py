"""What a patient client does when the shop stumbles: the same again, until it is answered."""

import httpx

from chassis.testing.eventually import eventually
from chassis.testing.problems import assert_problem, problem_of

TIMEOUT = 60  # seconds


async def retry_until(call, *done):
    """Call until the answer's status is one of these; any 5xx before, or none at all, is what a crash looks like."""

    async def answered():
        try:
            answer = await call()
        except httpx.TransportError:  # the gateway hangs up where a service died in the middle of its answer
            return None
        assert answer.status_code in done or answer.status_code >= 500, answer.text
        return answer if answer.status_code in done else None

    return await eventually(answered, within=TIMEOUT)


async def place_order(shop, shopper):
    """Check out what is in the cart, whatever dies meanwhile, and learn which order it became."""
    answer = await retry_until(lambda: shop.check_out(shopper), 201, 409)
    if answer.status_code == 201:
        return answer.json()
    if problem_of(answer) == (409, "cart-is-empty"):  # the answer that said so was lost
        page = await retry_until(lambda: shop.http.get("/order/v1/orders", headers=shopper.headers), 200)
        (order, *_) = page.json()["items"]
        return {**order, "order_id": order["id"]}
    assert_problem(answer, 409, "checkout-given-up")
    return await place_order(shop, shopper)
