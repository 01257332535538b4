"""The bench shop as one would write it by hand with FastAPI: the same bounds, checked by pydantic both ways."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from chassis.web.access import User
from chassis.web.tokens import JwtVerifier

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Currency = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]
Cents = Annotated[int, Field(ge=0, le=2**53 - 1)]


class StrictModel(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Address(StrictModel):
    address_line1: Text
    address_line2: Text | None = None
    city: Text
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    postcode: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9 -]{1,16}$")]


class Line(StrictModel):
    product_id: UUID
    title: Text
    qty: Annotated[int, Field(ge=1, le=99)]
    unit_price_cents: Cents


class CheckOut(StrictModel):
    email: Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$")]
    currency: Currency
    requested_at: AwareDatetime
    note: Text | None = None
    ship_to: Address
    items: Annotated[list[Line], Field(min_length=1, max_length=50)]


class Order(BaseModel):
    id: UUID
    user_id: UUID
    status: str
    currency: Currency
    created_at: datetime
    ship_to: Address
    items: list[Line]
    total_cents: Cents


class Product(BaseModel):
    id: UUID
    title: Text
    price_cents: Cents
    currency: Currency
    image_url: str | None
    active: bool
    updated_at: datetime


class Page(BaseModel):
    items: list[Product]
    next_cursor: str | None


def build_fastapi_twin(tokens: JwtVerifier, lamp: Callable[[], dict[str, object]], then: datetime) -> FastAPI:
    """The application; who asks is found out by the same cache of verified tokens."""
    app = FastAPI()

    async def shopper(authorization: Annotated[str, Header()]) -> User:
        known = await tokens.verify(authorization[7:].encode())
        if known is None:
            raise HTTPException(401)
        return known

    @app.get("/shop/v1/products/")
    async def list_products(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Page:
        return Page(items=[Product(**lamp()) for _ in range(limit)], next_cursor=None)

    @app.get("/shop/v1/products/{product_id}")
    async def get_product(product_id: UUID) -> Product:
        product = Product(**lamp())
        if product.id != product_id:
            raise HTTPException(404)
        return product

    @app.post("/shop/v1/orders/checkout", status_code=201)
    async def check_out(body: CheckOut, who: Annotated[User, Depends(shopper)]) -> Order:
        return Order(
            id=UUID(int=1),
            user_id=who.id,
            status="CREATED",
            currency=body.currency,
            created_at=then,
            ship_to=body.ship_to,
            items=body.items,
            total_cents=sum(line.qty * line.unit_price_cents for line in body.items),
        )

    return app
