# Generated from contracts/order.yaml by scripts/generate.py. Do not edit.

"""Typed calls to Order 2.0.0, for whoever needs something from it."""

from datetime import datetime
from uuid import UUID

from chassis.web.http_client import Client, Problem
from generated.models.common import (
    DeadLetter,
    DeadLetterContent,
    DeadLetterPage,
    DeadLetterStatus,
    Health,
    Info,
    Readiness,
)
from generated.models.order import (
    CheckOut,
    CheckoutPriceChangedProblem,
    ItemsToCancel,
    ListedOrderPage,
    Order,
    OrderChange,
    OrderExistsProblem,
    OrderPage,
    OrderStatus,
    Payable,
    PlacedOrder,
    ReceivedReturn,
    ReturnRequest,
    Timeline,
)


class AlreadyDispatched(Problem):
    """The parcel is already on its way."""


class CartIsEmpty(Problem):
    """The cart is empty."""


class CheckoutGivenUp(Problem):
    """The checkout took too long, or another one followed, and it was given up."""


class CheckoutInProgress(Problem):
    """The checkout of this order has not ended yet."""


class DeadLetterNotFound(Problem):
    """There is no such dead letter."""


class EmailNotVerified(Problem):
    """The address of the account is not verified."""


class NotDelivered(Problem):
    """The parcel has not arrived."""


class NotEnoughPieces(Problem):
    """There is less of that in the order."""


class NothingWouldBeLeft(Problem):
    """Nothing else is left in the order."""


class OrderExists(Problem):
    """What is in the cart has been ordered already."""

    schema = OrderExistsProblem
    members: OrderExistsProblem


class OrderNotFound(Problem):
    """There is no such order."""


class OrderNotPaid(Problem):
    """The order is not paid, or has come to an end."""


class OutOfStock(Problem):
    """A product is out of stock."""


class PriceChanged(Problem):
    """A price has changed since the product was put in the cart."""

    schema = CheckoutPriceChangedProblem
    members: CheckoutPriceChangedProblem


class ProductUnavailable(Problem):
    """A product is not sold any more."""


class ReturnNotFound(Problem):
    """There is no such return."""


class TooManyChanges(Problem):
    """The order was changed too often."""


class TooManyUnpaidOrders(Problem):
    """Other orders have to be paid or cancelled first."""


class OrderClient(Client):
    """One method per operation of contracts/order.yaml, under its operationId."""

    async def check_out(
        self, *, body: CheckOut, idempotency_key: str | None = None, token: str | None = None
    ) -> PlacedOrder:
        """Place an order from the shopper's cart.

        Raises:
            EmailNotVerified: The address of the account is not verified.
            CartIsEmpty: The cart is empty.
            OrderExists: What is in the cart has been ordered already.
            TooManyUnpaidOrders: Other orders have to be paid or cancelled first.
            OutOfStock: A product is out of stock.
            ProductUnavailable: A product is not sold any more.
            PriceChanged: A price has changed since the product was put in the cart.
            CheckoutGivenUp: The checkout took too long, or another one followed, and it was given up.
        """
        answer: PlacedOrder = await self._call(
            "check_out",
            "POST",
            "/order/v1/orders/checkout",
            {201: PlacedOrder},
            {
                "/problems/email-not-verified": EmailNotVerified,
                "/problems/cart-is-empty": CartIsEmpty,
                "/problems/order-exists": OrderExists,
                "/problems/too-many-unpaid-orders": TooManyUnpaidOrders,
                "/problems/out-of-stock": OutOfStock,
                "/problems/product-unavailable": ProductUnavailable,
                "/problems/price-changed": PriceChanged,
                "/problems/checkout-given-up": CheckoutGivenUp,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def list_orders(
        self, *, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> OrderPage:
        """List the shopper's own orders."""
        answer: OrderPage = await self._call(
            "list_orders",
            "GET",
            "/order/v1/orders",
            {200: OrderPage},
            {},
            query={"limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def list_all_orders(
        self,
        *,
        status: OrderStatus | None = None,
        email: str | None = None,
        created_from: datetime | None = None,
        created_before: datetime | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        token: str | None = None,
    ) -> ListedOrderPage:
        """List the orders of everybody."""
        answer: ListedOrderPage = await self._call(
            "list_all_orders",
            "GET",
            "/order/v1/admin/orders",
            {200: ListedOrderPage},
            {},
            query={
                "status": status,
                "email": email,
                "created_from": created_from,
                "created_before": created_before,
                "limit": limit,
                "cursor": cursor,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_order(self, *, order_id: UUID, token: str | None = None) -> Order:
        """Read one order.

        Raises:
            OrderNotFound: There is no such order.
        """
        answer: Order = await self._call(
            "get_order",
            "GET",
            f"/order/v1/orders/{order_id}",
            {200: Order},
            {"/problems/order-not-found": OrderNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def list_timeline(
        self, *, order_id: UUID, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> Timeline:
        """List what has happened to an order.

        Raises:
            OrderNotFound: There is no such order.
        """
        answer: Timeline = await self._call(
            "list_timeline",
            "GET",
            f"/order/v1/orders/{order_id}/timeline",
            {200: Timeline},
            {"/problems/order-not-found": OrderNotFound},
            query={"limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def cancel_order(self, *, order_id: UUID, token: str | None = None) -> Order:
        """Cancel an order that has not been dispatched.

        Raises:
            OrderNotFound: There is no such order.
            AlreadyDispatched: The parcel is already on its way.
            CheckoutInProgress: The checkout of this order has not ended yet.
        """
        answer: Order = await self._call(
            "cancel_order",
            "POST",
            f"/order/v1/orders/{order_id}/cancel",
            {200: Order},
            {
                "/problems/order-not-found": OrderNotFound,
                "/problems/already-dispatched": AlreadyDispatched,
                "/problems/checkout-in-progress": CheckoutInProgress,
            },
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def cancel_items(
        self, *, order_id: UUID, body: ItemsToCancel, idempotency_key: str | None = None, token: str | None = None
    ) -> OrderChange:
        """Cancel pieces of a paid order.

        Raises:
            OrderNotFound: There is no such order.
            AlreadyDispatched: The parcel is already on its way.
            NotEnoughPieces: There is less of that in the order.
            NothingWouldBeLeft: Nothing else is left in the order.
            OrderNotPaid: The order is not paid, or has come to an end.
            TooManyChanges: The order was changed too often.
        """
        answer: OrderChange = await self._call(
            "cancel_items",
            "POST",
            f"/order/v1/orders/{order_id}/cancellations",
            {201: OrderChange},
            {
                "/problems/order-not-found": OrderNotFound,
                "/problems/already-dispatched": AlreadyDispatched,
                "/problems/not-enough-pieces": NotEnoughPieces,
                "/problems/nothing-would-be-left": NothingWouldBeLeft,
                "/problems/order-not-paid": OrderNotPaid,
                "/problems/too-many-changes": TooManyChanges,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def request_return(
        self, *, order_id: UUID, body: ReturnRequest, idempotency_key: str | None = None, token: str | None = None
    ) -> OrderChange:
        """Ask to send pieces of a delivered order back.

        Raises:
            OrderNotFound: There is no such order.
            NotDelivered: The parcel has not arrived.
            NotEnoughPieces: There is less of that in the order.
            OrderNotPaid: The order is not paid, or has come to an end.
            TooManyChanges: The order was changed too often.
        """
        answer: OrderChange = await self._call(
            "request_return",
            "POST",
            f"/order/v1/orders/{order_id}/returns",
            {201: OrderChange},
            {
                "/problems/order-not-found": OrderNotFound,
                "/problems/not-delivered": NotDelivered,
                "/problems/not-enough-pieces": NotEnoughPieces,
                "/problems/order-not-paid": OrderNotPaid,
                "/problems/too-many-changes": TooManyChanges,
            },
            headers={"Idempotency-Key": idempotency_key, "Authorization": token and f"Bearer {token}"},
            body=body,
            safe=False,
        )
        return answer

    async def receive_return(
        self, *, order_id: UUID, return_id: UUID, body: ReceivedReturn, token: str | None = None
    ) -> OrderChange:
        """Note that pieces were sent back.

        Raises:
            OrderNotFound: There is no such order.
            ReturnNotFound: There is no such return.
        """
        answer: OrderChange = await self._call(
            "receive_return",
            "POST",
            f"/order/v1/orders/{order_id}/returns/{return_id}/receive",
            {200: OrderChange},
            {"/problems/order-not-found": OrderNotFound, "/problems/return-not-found": ReturnNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            body=body,
            safe=True,
        )
        return answer

    async def get_payable(self, *, order_id: UUID) -> Payable:
        """Say what an order costs, and who pays.

        Raises:
            OrderNotFound: There is no such order.
        """
        answer: Payable = await self._call(
            "get_payable",
            "GET",
            f"/order/v1/orders/{order_id}/payable",
            {200: Payable},
            {"/problems/order-not-found": OrderNotFound},
            safe=True,
        )
        return answer

    async def list_order_dead_letters(
        self, *, status: DeadLetterStatus, limit: int | None = None, cursor: str | None = None, token: str | None = None
    ) -> DeadLetterPage:
        """List the events that this service could not handle."""
        answer: DeadLetterPage = await self._call(
            "list_order_dead_letters",
            "GET",
            "/order/v1/admin/dead-letters",
            {200: DeadLetterPage},
            {},
            query={"status": status, "limit": limit, "cursor": cursor},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_order_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetterContent:
        """Read an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetterContent = await self._call(
            "get_order_dead_letter",
            "GET",
            f"/order/v1/admin/dead-letters/{letter_id}",
            {200: DeadLetterContent},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def redrive_order_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Send back an event that this service could not handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "redrive_order_dead_letter",
            "POST",
            f"/order/v1/admin/dead-letters/{letter_id}/redrive",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def dismiss_order_dead_letter(self, *, letter_id: UUID, token: str | None = None) -> DeadLetter:
        """Give an event up that this service cannot handle.

        Raises:
            DeadLetterNotFound: There is no such dead letter.
        """
        answer: DeadLetter = await self._call(
            "dismiss_order_dead_letter",
            "POST",
            f"/order/v1/admin/dead-letters/{letter_id}/dismiss",
            {200: DeadLetter},
            {"/problems/dead-letter-not-found": DeadLetterNotFound},
            headers={"Authorization": token and f"Bearer {token}"},
            safe=True,
        )
        return answer

    async def get_order_health(self) -> Health:
        """Say whether the process is alive."""
        answer: Health = await self._call("get_order_health", "GET", "/order/health", {200: Health}, {}, safe=True)
        return answer

    async def get_order_readiness(self) -> Readiness:
        """Say whether all that the service needs is there."""
        answer: Readiness = await self._call(
            "get_order_readiness", "GET", "/order/health/ready", {200: Readiness}, {}, safe=True
        )
        return answer

    async def get_order_info(self) -> Info:
        """Say which service and version this is."""
        answer: Info = await self._call("get_order_info", "GET", "/order/v1/_info", {200: Info}, {}, safe=True)
        return answer
