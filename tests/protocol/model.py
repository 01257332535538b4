"""Every interleaving of checkout, pay, cancel, deadline, abandon and dispatch of one order, with crashes.

A step is one atomic act on one row: a transaction, or a call as whoever is called sees it. What runs may die before any
of its steps; events are heard by each service in the order of their topic, at any time later.

    python -m tests.protocol.model [RULE]     the whole search, or with one rule taken away
"""

import sys
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.consistent_states import UNKNOWN_STATE, find_inconsistency

INVARIANTS = {
    "order row first": "nothing is set free before the order's own row has moved",
    "tombstones": "who hears of the end of an order that is unknown there remembers it",
    "void before cancel": "an unpaid order is cancelled once its payment can no longer succeed",
    "intent first": "a cancellation is written down before anybody is asked",
    "shipping first": "a paid order is cancelled once its parcel can no longer leave",
}
DONE = -1


class Shop(NamedTuple):
    """The rows of one order in every service, the topics, and what is under way."""

    order: str = UNKNOWN_STATE
    cancelling: bool = False
    stock: str = UNKNOWN_STATE
    payment: str = UNKNOWN_STATE
    shipment: str = UNKNOWN_STATE
    order_events: tuple[str, ...] = ()
    payment_events: tuple[str, ...] = ()
    catalog_heard: int = 0  # of order.events
    shipping_heard: int = 0
    payment_heard: int = 0
    order_heard: int = 0  # of payment.events
    shipping_heard_of_money: int = 0
    commit_asked: bool = False  # by order's consumer, for the event in hand
    under_way: tuple[tuple[str, int], ...] = ()  # who runs, and before which of its steps
    to_come: tuple[int, ...] = ()  # how often each of them may still begin


Step = tuple[str, Shop, int]  # what happens, to what end, and which step is next
Acts = Callable[[Shop, int, str], Iterator[Step]]
Judge = Callable[[Shop], str | None]


def checkout(shop: Shop, at: int, without: str) -> Iterator[Step]:  # noqa: PLR0912 - a branch is a case
    """Insert, reserve, draft, confirm."""
    forgets = without == "tombstones"
    if at == 0:
        if shop.order == UNKNOWN_STATE:
            yield "places the order", shop._replace(order="PENDING"), 1
        elif shop.order == "PENDING":
            yield "goes on with the order", shop, 1
        else:
            yield "answers with the order", shop, DONE
    elif at == 1:
        if shop.stock == UNKNOWN_STATE:
            yield "reserves", shop._replace(stock="HELD"), 2
            yield "finds nothing left", shop, 4
        elif shop.stock == "HELD":
            yield "reserves again", shop, 2
        elif forgets and shop.stock == "RELEASED":
            yield "reserves what was released", shop._replace(stock="HELD"), 2
        else:
            yield "may not reserve", shop, DONE
    elif at == 2:
        if shop.shipment == UNKNOWN_STATE or (forgets and shop.shipment == "CANCELLED"):
            yield "drafts", shop._replace(shipment="PENDING_PAYMENT"), 3
        elif shop.shipment == "PENDING_PAYMENT":
            yield "drafts again", shop, 3
        else:
            yield "may not draft", shop, DONE
    elif at == 3:
        if shop.order == "PENDING":
            yield "confirms", shop._replace(order="CREATED", order_events=(*shop.order_events, "created")), DONE
        else:
            yield "comes too late to confirm", shop, DONE
    elif shop.order == "PENDING":
        yield "rejects", _ended(shop, "REJECTED"), DONE
    else:
        yield "comes too late to reject", shop, DONE


def abandon(shop: Shop, at: int, without: str) -> Iterator[Step]:
    """The recovery gives up an order that stayed `PENDING`."""
    if without == "order row first" and at == 0 and shop.order == "PENDING":
        free = "RELEASED" if shop.stock in (UNKNOWN_STATE, "HELD") else shop.stock
        yield "releases", shop._replace(stock=free), 1
    elif shop.order == "PENDING":
        yield "gives the order up", _ended(shop, "REJECTED"), DONE
    else:
        yield "leaves the order", shop, DONE


def pay(shop: Shop, at: int, without: str) -> Iterator[Step]:
    """Learn what is to be paid, and pay."""
    if at == 0:
        if shop.payment == "PENDING":
            yield "knows what to pay", shop, 2
        elif shop.payment == UNKNOWN_STATE and shop.order == "CREATED":
            yield "asks what to pay", shop, 1
        else:
            yield "is refused", shop, DONE
    elif at == 1:
        yield (
            "notes what to pay",
            shop._replace(payment="PENDING" if shop.payment == UNKNOWN_STATE else shop.payment),
            2,
        )
    elif shop.payment == "PENDING":
        paid = shop._replace(payment="SUCCEEDED", payment_events=(*shop.payment_events, "succeeded"))
        yield "succeeds", paid, DONE
    else:
        yield "is refused at last", shop, DONE


def cancel(shop: Shop, at: int, without: str) -> Iterator[Step]:
    """The shopper's cancellation, and what the recovery makes of its intent."""
    if at == 0:
        if shop.order in ("CREATED", "PAID"):
            yield "intends", shop._replace(cancelling=without != "intent first"), 1
        else:
            yield "has nothing to cancel", shop, DONE
    else:
        yield from _cancel(shop, at, without, by_deadline=False)


def deadline(shop: Shop, at: int, without: str) -> Iterator[Step]:
    """The recovery cancels what was not paid in time."""
    if at == 0:
        yield ("is over", shop, 1) if shop.order == "CREATED" else ("does not matter", shop, DONE)
    else:
        yield from _cancel(shop, at, without, by_deadline=True)


def _cancel(shop: Shop, at: int, without: str, *, by_deadline: bool) -> Iterator[Step]:  # noqa: PLR0912
    if at == 1:
        if shop.payment not in (UNKNOWN_STATE, "PENDING", "VOIDED"):
            yield ("finds it paid and leaves it", shop, DONE) if by_deadline else ("finds it paid", shop, 3)
        elif without == "void before cancel":
            yield "does not void", shop, 2
        else:
            yield "voids", shop._replace(payment="VOIDED"), 2
    elif at == 2:
        if shop.order == "CREATED":
            yield "cancels the unpaid order", _ended(shop, "CANCELLED"), DONE
        else:
            yield "comes too late to cancel", shop, DONE
    elif at == 3:
        if without == "shipping first":
            yield "does not stop the parcel", shop, 4
        elif shop.shipment in ("DISPATCHED", "DELIVERED"):
            yield "finds it dispatched and drops the intent", shop._replace(cancelling=False), DONE
        else:
            yield "stops the parcel", shop._replace(shipment="CANCELLED"), 4
    elif shop.order in ("CREATED", "PAID"):
        yield "cancels the paid order", _ended(shop, "CANCELLED"), DONE
    else:
        yield "finds it cancelled", shop, DONE


def dispatch(shop: Shop, at: int, without: str) -> Iterator[Step]:
    """An admin hands the parcel to the carrier."""
    if shop.shipment == "READY_TO_SHIP":
        yield "hands it over", shop._replace(shipment="DISPATCHED"), DONE
    else:
        yield "is refused", shop, DONE


def _ended(shop: Shop, status: str) -> Shop:
    return shop._replace(order=status, cancelling=False, order_events=(*shop.order_events, "cancelled"))


ACTS: dict[str, Acts] = {
    "checkout": checkout,
    "pay": pay,
    "cancel": cancel,
    "deadline": deadline,
    "abandon": abandon,
    "dispatch": dispatch,
}


def apply_event(shop: Shop, without: str) -> Iterator[tuple[str, Shop]]:
    """What each service makes of the next event it has not heard; it will hear all of them in the end."""
    forgets = without == "tombstones"
    if shop.catalog_heard < len(shop.order_events):
        event = shop.order_events[shop.catalog_heard]
        after = shop._replace(catalog_heard=shop.catalog_heard + 1)
        if event == "cancelled" and not (forgets and shop.stock == UNKNOWN_STATE):
            ends = {UNKNOWN_STATE: "RELEASED", "HELD": "RELEASED", "COMMITTED": "RETURNED"}
            after = after._replace(stock=ends.get(shop.stock, shop.stock))
        yield f"catalog hears {event}", after
    if shop.shipping_heard < len(shop.order_events):
        event = shop.order_events[shop.shipping_heard]
        after = shop._replace(shipping_heard=shop.shipping_heard + 1)
        stoppable = shop.shipment in ("PENDING_PAYMENT", "READY_TO_SHIP") or (
            shop.shipment == UNKNOWN_STATE and not forgets
        )
        if event == "cancelled" and stoppable:
            after = after._replace(shipment="CANCELLED")
        yield f"shipping hears {event}", after
    if shop.payment_heard < len(shop.order_events):
        event = shop.order_events[shop.payment_heard]
        after = shop._replace(payment_heard=shop.payment_heard + 1)
        if event == "created" and shop.payment == UNKNOWN_STATE:
            after = after._replace(payment="PENDING")
        elif event == "cancelled" and shop.payment in (UNKNOWN_STATE, "PENDING"):
            after = after._replace(payment="VOIDED")
        elif event == "cancelled" and shop.payment == "SUCCEEDED":
            after = after._replace(payment="REFUNDED", payment_events=(*shop.payment_events, "refunded"))
        yield f"payment hears {event}", after
    if shop.order_heard < len(shop.payment_events):
        yield _order_hears(shop, shop.payment_events[shop.order_heard])
    if shop.shipping_heard_of_money < len(shop.payment_events):
        event = shop.payment_events[shop.shipping_heard_of_money]
        after = shop._replace(shipping_heard_of_money=shop.shipping_heard_of_money + 1)
        if event == "succeeded" and shop.shipment == "PENDING_PAYMENT":
            after = after._replace(shipment="READY_TO_SHIP")
        yield f"shipping hears {event}", after


def _order_hears(shop: Shop, event: str) -> tuple[str, Shop]:
    """It commits the stock first, which is a call, and only then moves its row."""
    after = shop._replace(order_heard=shop.order_heard + 1, commit_asked=False)
    if event == "refunded":
        return "order hears refunded", after._replace(order="REFUNDED" if shop.order == "CANCELLED" else shop.order)
    if shop.order != "CREATED":
        return "order hears succeeded, and is not waiting for it", after
    if not shop.commit_asked:
        sold = "COMMITTED" if shop.stock == "HELD" else shop.stock
        return "order hears succeeded, and commits the stock", shop._replace(commit_asked=True, stock=sold)
    if shop.stock == "COMMITTED":
        return "order is paid", after._replace(order="PAID")
    return "order may not commit, and asks again", shop._replace(commit_asked=False)


def recover(shop: Shop) -> Iterator[tuple[str, Shop]]:
    """What the recovery begins when nothing else goes on any more: the most patient of clocks."""
    left = {
        "abandon": shop.order == "PENDING",
        "cancel": shop.cancelling,
        "deadline": shop.order == "CREATED" and shop.payment == "VOIDED",
    }
    for name, to_do in left.items():
        if to_do:
            yield f"the recovery begins to {name}", shop._replace(under_way=((name, 0),))


def successors(shop: Shop, without: str) -> Iterator[tuple[str, Shop]]:
    """Everything that can happen next."""
    names = tuple(ACTS)
    for i, times in enumerate(shop.to_come):
        if times:
            to_come = (*shop.to_come[:i], times - 1, *shop.to_come[i + 1 :])
            under_way = tuple(sorted((*shop.under_way, (names[i], 0))))
            yield f"{names[i]} begins", shop._replace(to_come=to_come, under_way=under_way)
    for one in set(shop.under_way):
        others = list(shop.under_way)
        others.remove(one)
        name, at = one
        for what, after, following in ACTS[name](shop, at, without):
            left = others if following == DONE else sorted((*others, (name, following)))
            yield f"{name} {what}", after._replace(under_way=tuple(left))
        yield f"{name} dies before step {at}", shop._replace(under_way=tuple(others))
    yield from apply_event(shop, without)


def violated_invariant(shop: Shop) -> str | None:
    """What must not be so at any time."""
    if shop.shipment == "DISPATCHED" and shop.payment != "SUCCEEDED":
        return f"dispatched, but payment {shop.payment}"
    if shop.shipment == "DISPATCHED" and shop.order in ("CANCELLED", "REFUNDED"):
        return f"dispatched, but order {shop.order}"
    if shop.order == "PAID" and shop.stock != "COMMITTED":
        return f"PAID, but stock {shop.stock}"
    return None


def is_reversible(shop: Shop) -> str | None:
    """What must not be so when nothing goes on any more."""
    if shop.cancelling:
        return "an intent to cancel is left"
    return find_inconsistency(shop.order, shop.stock, shop.payment, shop.shipment)


class Found(NamedTuple):
    """What a search found: each kind of violation with the shortest way there."""

    states: int
    quiet: int
    violations: dict[str, list[str]]


def search(to_come: dict[str, int], *, without: str = "", forbidden: Judge = violated_invariant) -> Found:
    """Visit every state that can be reached when each act may begin so often; the others never do."""
    start = Shop(to_come=tuple(to_come.get(name, 0) for name in ACTS))
    came_from: dict[Shop, tuple[Shop, str] | None] = {start: None}
    todo, quiet, violations = deque([start]), 0, dict[str, list[str]]()
    while todo:
        shop = todo.popleft()
        steps = list(successors(shop, without))
        wrong = forbidden(shop)
        if not shop.under_way and not any(apply_event(shop, without)):
            repairs = list(recover(shop))
            steps += repairs
            if not repairs:
                quiet += 1
                wrong = wrong or is_reversible(shop)
        if wrong and wrong not in violations:
            violations[wrong] = _way_to(shop, came_from)
        for what, after in steps:
            if after not in came_from:
                came_from[after] = shop, what
                todo.append(after)
    return Found(len(came_from), quiet, violations)


def _way_to(shop: Shop, came_from: dict[Shop, tuple[Shop, str] | None]) -> list[str]:
    way = []
    while (step := came_from[shop]) is not None:
        shop, what = step
        way.append(what)
    return way[::-1]


EVERYTHING = {"checkout": 2, "pay": 1, "cancel": 1, "deadline": 1, "abandon": 1, "dispatch": 1}

if __name__ == "__main__":
    rule = " ".join(sys.argv[1:])
    assert rule in {"", *INVARIANTS}, f"one of: {', '.join(INVARIANTS)}"
    found = search(EVERYTHING, without=rule)
    print(f"{found.states} states, {found.quiet} quiet ends, {len(found.violations)} kinds of violation")
    for kind, way in found.violations.items():
        print(f"  {kind}: {' | '.join(way)}")
