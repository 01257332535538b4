"""Cart is what others expect."""

from uuid import UUID

from services import CONTRACTS_FOLDER
from services.cart.application import CartService
from services.cart.dead_letters import RedisDeadLetters
from services.cart.domain import Addition
from services.cart.handlers import CartHandlers
from services.cart.tests.conftest import LAMP, NOON

CONTRACT = CONTRACTS_FOLDER / "cart.yaml"


async def test_cart_honours_its_pacts(verify_provider, redis, carts, products, now):
    async def empty_cart(user_id):
        await redis.flushdb()

    async def cart_with_lamps(user_id):
        await empty_cart(user_id)
        await carts.add(UUID(user_id), Addition.from_product(LAMP, 2, addition_id=UUID(int=1), now=NOON))

    await verify_provider(
        CONTRACT,
        CartHandlers(CartService(carts, products, now)),
        dead_letters=RedisDeadLetters(redis),
        states={
            "a shopper has two lamps in the cart": cart_with_lamps,
            "a shopper has nothing in the cart": empty_cart,
        },
    )
