"""What a patient client does when the shop stumbles: the same again, until it is answered."""

from chassis.testing.eventually import eventually
from chassis.web.http_client import UpstreamUnavailable
from generated.clients.order import CartIsEmpty, CheckoutGivenUp

TIMEOUT = 60  # seconds


async def retry_until_available(call):
    """Call until it is answered or refused; any 5xx before, or no response at all, is what a crash looks like."""

    async def answered():
        try:
            return await call()
        except UpstreamUnavailable:
            return None

    return await eventually(answered, within=TIMEOUT)


async def check_out_despite_crashes(shopper):
    """Order what is in the cart, whatever dies meanwhile, and learn which order it became."""
    try:
        return (await retry_until_available(shopper.check_out)).order_id
    except CartIsEmpty:  # the answer that said so was lost
        (order, *_) = await retry_until_available(shopper.orders)
        return order.id
    except CheckoutGivenUp:
        return await check_out_despite_crashes(shopper)
