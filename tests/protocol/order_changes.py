"""An order that is cancelled in part before its dispatch, and sent back in part after its delivery, refunded in parts.

The order has two pieces of A at 1 and one of B at 3. It begins CREATED, with stock HELD and a draft that knows its
lines; how it came so is model.py's. A change is one piece of one line: cancelled, or sent back.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.protocol.explorer import CRASH, FREE_STEP, OWN_STEP, Result, Step, search

INVARIANTS = {
    "paid only": "only a PAID order is cancelled in part; one that waits for its payment is cancelled whole",
    "never the last": "what would leave nothing, counting what is under way, is a cancellation of the order",
    "open ones count": "what is under way counts as gone when the next change is asked for",
    "intent first": "a part to cancel is written down with the order, under an id, before shipping is asked",
    "shipping first": "a part counts as cancelled once shipping took it out of the parcel; refused when that has left",
    "remembers": "shipping remembers the id of what it took out, and says yes to it again, even after dispatch",
    "still paid": "the part is announced only if the order is still PAID; a cancelled order drops what was open",
    "rest only": "a cancelled order is paid back what was captured less every refund begun",
    "what is left": "a cancelled order returns the stock that its reservation still has",
    "under its id": "a refund is a row, written before the provider is asked, and its id makes a repeat harmless",
    "once": "what was sent back is received once: REQUESTED moves to RECEIVED by one conditional update",
    "back, then money": "what is sent back is paid back when it was received, not when it was asked for",
    "all back": "an order of which everything was paid back is REFUNDED, also from PAID",
}
NOT_NEEDED = {
    "not while cancelling": "no part is cancelled while the whole order is being cancelled",
}
LINES, QTY, PRICE = "AB", (2, 1), (1, 3)
CAPTURED = sum(q * p for q, p in zip(QTY, PRICE, strict=True))
DONE = -1


class Change(NamedTuple):
    kind: str  # part | return
    line: int
    state: str  # part: INTENDED, AGREED, DROPPED; return: REQUESTED, RECEIVED; both then PAID_BACK


class Refund(NamedTuple):
    id: int  # of the change; -1: the rest of a cancelled order
    cents: int
    done: bool = False


class Shop(NamedTuple):
    order: str = "CREATED"
    cancelling: bool = False
    kept: tuple[int, int] = QTY
    changes: tuple[Change, ...] = ()
    knows_delivered: bool = False
    paid_back_known: int = 0

    stock: str = "HELD"
    reserved: tuple[int, int] = QTY
    back: tuple[int, int] = (0, 0)  # pieces that came back to the shelf

    payment: str = "PENDING"
    refunds: tuple[Refund, ...] = ()
    at_provider: tuple[int, ...] = ()  # the ids of refunds that were paid out, as often as they were

    shipment: str = "PENDING_PAYMENT"
    parcel: tuple[int, int] = QTY
    taken: frozenset[int] = frozenset()

    order_events: tuple[tuple, ...] = ()
    payment_events: tuple[tuple, ...] = ()
    catalog_heard: int = 0
    shipping_heard: int = 0
    payment_heard: int = 0
    order_heard: int = 0
    shipping_heard_of_money: int = 0
    commit_asked: bool = False
    delivered_news: bool = False
    in_hand: int = 0  # how many pieces that were sent back the warehouse really has

    under_way: tuple[tuple[str, int, int], ...] = ()  # who, before which step, for which change
    to_come: tuple[tuple[str, int], ...] = ()
    early: int = 1  # how often the recovery may take up a change that is in hand


Act = Iterator[tuple[str, Shop, int, int]]  # what, after, next step, change


def less(pieces: tuple[int, int], line: int) -> tuple[int, int]:
    return tuple(n - (i == line) for i, n in enumerate(pieces))  # type: ignore[return-value]


def more(pieces: tuple[int, int], others: tuple[int, int]) -> tuple[int, int]:
    return tuple(a + b for a, b in zip(pieces, others, strict=True))  # type: ignore[return-value]


def value(pieces: tuple[int, int]) -> int:
    return sum(n * p for n, p in zip(pieces, PRICE, strict=True))


def open_of(shop: Shop, line: int | None = None) -> int:
    return sum(c.state in ("INTENDED", "REQUESTED") and line in (None, c.line) for c in shop.changes)


def changed(shop: Shop, at: int, state: str) -> Shop:
    changes = list(shop.changes)
    changes[at] = changes[at]._replace(state=state)
    return shop._replace(changes=tuple(changes))


# --- what people do


def part(shop: Shop, line: int, at: int, change: int, without: frozenset[str]) -> Act:  # noqa: PLR0912 - a branch is a case
    """Cancel one piece of a line."""
    if at == 0:
        unfinished = 0 if "open ones count" in without else open_of(shop, line)
        unfinished_all = 0 if "open ones count" in without else open_of(shop)
        can = shop.order == "PAID" or ("paid only" in without and shop.order == "CREATED")
        last = sum(shop.kept) - unfinished_all < 2 and "never the last" not in without
        if (
            not can
            or shop.kept[line] - unfinished < 1
            or last
            or (shop.cancelling and "not while cancelling" not in without)
        ):
            yield "is refused", shop, DONE, -1
        else:
            state = "DROPPED" if "intent first" in without else "INTENDED"
            new = Change("part", line, state)
            yield "intends", shop._replace(changes=(*shop.changes, new)), 1, len(shop.changes)
    elif at == 1:
        if "shipping first" in without:
            yield "does not ask shipping", shop, 2, change
        elif change in shop.taken and "remembers" not in without:
            yield "is told again: taken out", shop, 2, change
        elif shop.shipment in ("PENDING_PAYMENT", "READY"):
            yield (
                "has it taken out",
                shop._replace(parcel=less(shop.parcel, line), taken=shop.taken | {change}),
                2,
                change,
            )
        else:
            yield f"is told: {shop.shipment}", shop, 3, change
    elif at == 2:
        state = shop.changes[change].state
        is_open = state == "INTENDED" or (without & {"intent first", "still paid"} and state == "DROPPED")
        if is_open and (shop.order in ("PAID", "CREATED") or "still paid" in without):
            shop = changed(shop, change, "AGREED")
            yield "is agreed and announced", reduced(shop, change), DONE, -1
        else:
            yield "comes too late", shop, DONE, -1
    elif shop.changes[change].state == "INTENDED":
        yield "drops the intent", changed(shop, change, "DROPPED"), DONE, -1
    else:
        yield "has nothing to drop", shop, DONE, -1


def reduced(shop: Shop, change: int) -> Shop:
    line = shop.changes[change].line
    event = ("reduced", change, line)
    return shop._replace(kept=less(shop.kept, line), order_events=(*shop.order_events, event))


def send_back(shop: Shop, line: int, without: frozenset[str]) -> Act:
    unfinished = 0 if "open ones count" in without else open_of(shop, line)
    if shop.order == "PAID" and shop.knows_delivered and shop.kept[line] - unfinished >= 1:
        change = len(shop.changes)
        shop = shop._replace(changes=(*shop.changes, Change("return", line, "REQUESTED")))
        if "back, then money" in without:
            shop = reduced(shop, change)
        yield "is asked for", shop, DONE, -1
    else:
        yield "is refused", shop, DONE, -1


def receive(shop: Shop, at: int, change: int, without: frozenset[str]) -> Act:
    """An admin has the piece in hand. Two admins may have the same list open."""
    if at == 0:
        waiting = [i for i, c in enumerate(shop.changes) if c.state == "REQUESTED"]
        for i in waiting:
            yield f"sees change {i}", shop, 1, i
        if not waiting:
            yield "sees nothing", shop, DONE, -1
    elif shop.changes[change].state == "REQUESTED" or "once" in without:
        there = shop.changes[change].state == "REQUESTED"
        shop = changed(shop, change, "RECEIVED")._replace(in_hand=shop.in_hand + there)
        yield f"notes change {change}", shop if "back, then money" in without else reduced(shop, change), DONE, -1
    else:
        yield "finds it noted", shop, DONE, -1


def pay(shop: Shop) -> Act:
    if shop.payment == "PENDING":
        yield (
            "succeeds",
            shop._replace(payment="SUCCEEDED", payment_events=(*shop.payment_events, ("succeeded",))),
            DONE,
            -1,
        )
    else:
        yield "is refused", shop, DONE, -1


def cancel(shop: Shop, at: int, by_deadline: bool) -> Act:  # noqa: PLR0912 - a branch is a case
    """The whole order, as it is today."""
    if at == 0:
        if shop.order == "CREATED" and by_deadline:
            yield "is over", shop, 1, -1
        elif shop.order in ("CREATED", "PAID") and not by_deadline:
            yield "intends", shop._replace(cancelling=True), 1, -1
        else:
            yield "has nothing to do", shop, DONE, -1
    elif at == 1:
        if shop.payment not in ("PENDING", "VOIDED"):
            yield ("finds it paid and leaves it", shop, DONE, -1) if by_deadline else ("finds it paid", shop, 3, -1)
        else:
            yield "voids", shop._replace(payment="VOIDED"), 2, -1
    elif at == 2:
        yield ("cancels", cancelled(shop), DONE, -1) if shop.order == "CREATED" else ("comes too late", shop, DONE, -1)
    elif at == 3:
        if shop.shipment in ("DISPATCHED", "DELIVERED"):
            yield "finds it dispatched and drops the intent", shop._replace(cancelling=False), DONE, -1
        else:
            yield "stops the parcel", shop._replace(shipment="CANCELLED"), 4, -1
    elif shop.order in ("CREATED", "PAID"):
        yield "cancels the paid order", cancelled(shop), DONE, -1
    else:
        yield "finds it cancelled", shop, DONE, -1


def cancelled(shop: Shop) -> Shop:
    changes = tuple(c._replace(state="DROPPED") if c.state == "INTENDED" else c for c in shop.changes)
    return shop._replace(
        order="CANCELLED", cancelling=False, changes=changes, order_events=(*shop.order_events, ("cancelled",))
    )


def act(shop: Shop, who: str, at: int, change: int, without: frozenset[str]) -> Act:
    match who:
        case "part A" | "part B":
            yield from part(shop, LINES.index(who[-1]), at, change, without)
        case "send back A" | "send back B":
            yield from send_back(shop, LINES.index(who[-1]), without)
        case "receive":
            yield from receive(shop, at, change, without)
        case "pay":
            yield from pay(shop)
        case "cancel" | "deadline":
            yield from cancel(shop, at, who == "deadline")
        case "dispatch" if shop.shipment == "READY":
            yield "hands it over", shop._replace(shipment="DISPATCHED"), DONE, -1
        case "deliver" if shop.shipment == "DISPATCHED":
            yield "arrives", shop._replace(shipment="DELIVERED", delivered_news=True), DONE, -1
        case _:
            yield "is refused", shop, DONE, -1


# --- what the services hear


def heard(shop: Shop, without: frozenset[str]) -> Iterator[tuple[str, Shop]]:  # noqa: PLR0912 - a branch is a case
    if shop.catalog_heard < len(shop.order_events):
        kind, *more_of_it = shop.order_events[shop.catalog_heard]
        after = shop._replace(catalog_heard=shop.catalog_heard + 1)
        if kind == "reduced" and shop.stock == "COMMITTED":
            line = more_of_it[1]
            piece = tuple(int(i == line) for i in range(2))
            after = after._replace(reserved=less(shop.reserved, line), back=more(shop.back, piece))
        elif kind == "cancelled" and shop.stock == "COMMITTED":
            left = QTY if "what is left" in without else shop.reserved
            after = after._replace(stock="RETURNED", back=more(shop.back, left), reserved=(0, 0))
        elif kind == "cancelled" and shop.stock == "HELD":
            after = after._replace(stock="RELEASED", back=more(shop.back, shop.reserved), reserved=(0, 0))
        yield f"catalog hears {kind}", after
    if shop.shipping_heard < len(shop.order_events):
        kind = shop.order_events[shop.shipping_heard][0]
        after = shop._replace(shipping_heard=shop.shipping_heard + 1)
        if kind == "cancelled" and shop.shipment in ("PENDING_PAYMENT", "READY"):
            after = after._replace(shipment="CANCELLED")
        yield f"shipping hears {kind}", after
    if shop.payment_heard < len(shop.order_events):
        kind, *more_of_it = shop.order_events[shop.payment_heard]
        after = shop._replace(payment_heard=shop.payment_heard + 1)
        begun = sum(refund.cents for refund in shop.refunds)
        if kind == "reduced" and shop.payment == "SUCCEEDED":
            change, line = more_of_it
            after = after._replace(refunds=(*shop.refunds, Refund(change, PRICE[line])))
        elif kind == "cancelled" and shop.payment == "SUCCEEDED":
            after = after._replace(
                refunds=(*shop.refunds, Refund(-1, CAPTURED if "rest only" in without else CAPTURED - begun))
            )
        elif kind == "cancelled" and shop.payment == "PENDING":
            after = after._replace(payment="VOIDED")
        yield f"payment hears {kind}", after
    for i, refund in enumerate(shop.refunds):
        if refund.done:
            continue
        if refund.id not in shop.at_provider:
            yield f"the provider pays refund {refund.id} out", shop._replace(at_provider=(*shop.at_provider, refund.id))
        else:
            refunds = (*shop.refunds[:i], refund._replace(done=True), *shop.refunds[i + 1 :])
            whole = sum(r.cents for r in refunds if r.done) == CAPTURED
            event = ("refunded", refund.id, refund.cents)
            yield (
                f"payment notes refund {refund.id}",
                shop._replace(
                    refunds=refunds,
                    payment="REFUNDED" if whole else shop.payment,
                    payment_events=(*shop.payment_events, event),
                ),
            )
    if shop.order_heard < len(shop.payment_events):
        yield order_hears(shop, shop.payment_events[shop.order_heard], without)
    if shop.shipping_heard_of_money < len(shop.payment_events):
        kind = shop.payment_events[shop.shipping_heard_of_money][0]
        after = shop._replace(shipping_heard_of_money=shop.shipping_heard_of_money + 1)
        if kind == "succeeded" and shop.shipment == "PENDING_PAYMENT":
            after = after._replace(shipment="READY")
        yield f"shipping hears {kind}", after
    if shop.delivered_news:
        yield "order hears delivered", shop._replace(delivered_news=False, knows_delivered=True)


def order_hears(shop: Shop, event: tuple, without: frozenset[str]) -> tuple[str, Shop]:
    after = shop._replace(order_heard=shop.order_heard + 1, commit_asked=False)
    if event[0] == "refunded":
        after = after._replace(paid_back_known=shop.paid_back_known + event[2])
        if event[1] >= 0:
            after = changed(after, event[1], "PAID_BACK")
        whole = after.paid_back_known == CAPTURED
        if whole and (shop.order == "CANCELLED" or (shop.order == "PAID" and "all back" not in without)):
            after = after._replace(order="REFUNDED")
        return "order hears refunded", after
    if shop.order != "CREATED":
        return "order hears succeeded, and is not waiting for it", after
    if not shop.commit_asked:
        sold = "COMMITTED" if shop.stock == "HELD" else shop.stock
        return "order commits the stock", shop._replace(commit_asked=True, stock=sold)
    if shop.stock == "COMMITTED":
        return "order is paid", after._replace(order="PAID")
    return "order may not commit, and asks again", shop._replace(commit_asked=False)


def steps(shop: Shop, without: frozenset[str]) -> Iterator[Step]:  # noqa: PLR0912 - a branch is a case
    for i, (who, times) in enumerate(shop.to_come):
        if times:
            to_come = (*shop.to_come[:i], (who, times - 1), *shop.to_come[i + 1 :])
            yield (
                FREE_STEP,
                f"{who} begins",
                shop._replace(to_come=to_come, under_way=tuple(sorted((*shop.under_way, (who, 0, -1))))),
            )
    for one in set(shop.under_way):
        who, at, change = one
        others = list(shop.under_way)
        others.remove(one)
        for what, after, following, about in act(shop, who, at, change, without):
            left = others if following == DONE else sorted((*others, (who, following, about)))
            yield OWN_STEP, f"{who} {what}", after._replace(under_way=tuple(left))
        if at:
            yield CRASH, f"{who} dies before step {at}", shop._replace(under_way=tuple(others))
    news = list(heard(shop, without))
    for what, after in news:
        yield OWN_STEP, what, after
    for refund in shop.refunds:
        if "under its id" in without and not refund.done and shop.at_provider.count(refund.id) == 1:
            yield (
                FREE_STEP,
                f"the provider is asked for refund {refund.id} again",
                shop._replace(at_provider=(*shop.at_provider, refund.id)),
            )
    for i, change in enumerate(shop.changes):
        if change.state == "INTENDED":
            taken_up = shop._replace(under_way=tuple(sorted((*shop.under_way, (f"part {LINES[change.line]}", 1, i)))))
            if not shop.under_way and not news:
                yield OWN_STEP, f"the recovery takes up change {i}", taken_up
            elif shop.early:
                yield FREE_STEP, f"the recovery takes up change {i} early", taken_up._replace(early=0)
    if not shop.under_way and not news:
        if shop.cancelling:
            yield OWN_STEP, "the recovery goes on cancelling", shop._replace(under_way=(("cancel", 1, -1),))
        if shop.order == "CREATED" and shop.payment == "VOIDED":
            yield OWN_STEP, "the recovery comes to the deadline", shop._replace(under_way=(("deadline", 1, -1),))


# --- what must hold


def never(shop: Shop) -> str | None:  # noqa: PLR0911 - each return is a violation
    cents = {refund.id: refund.cents for refund in shop.refunds}
    if sum(cents[i] for i in shop.at_provider) > CAPTURED or sum(refund.cents for refund in shop.refunds) > CAPTURED:
        return "more is paid back than was paid"
    if any(shop.at_provider.count(i) > 1 for i in shop.at_provider):
        return "a refund is paid out twice"
    if min(*shop.kept, *shop.reserved, *shop.parcel) < 0:
        return "less than nothing is kept"
    if any(b > q for b, q in zip(shop.back, QTY, strict=True)):
        return "more comes back than was sold"
    if shop.shipment == "DISPATCHED":
        if shop.order in ("CANCELLED", "REFUNDED") or shop.payment != "SUCCEEDED":
            return f"dispatched, but order {shop.order}, payment {shop.payment}"
        if not any(shop.parcel):
            return "an empty parcel is dispatched"
    if shop.order == "PAID" and shop.stock != "COMMITTED":
        return f"PAID, but stock {shop.stock}"
    if shop.shipment == "DELIVERED" and sum(shop.kept) + shop.in_hand < sum(shop.parcel):
        return "a piece that is still with the shopper counts as given back"
    return None


def at_rest(shop: Shop) -> str | None:  # noqa: PLR0911 - each return is a violation
    if shop.cancelling or any(c.state == "INTENDED" for c in shop.changes):
        return "an intent is left"
    if any(not refund.done for refund in shop.refunds):
        return "a refund is left"
    if any(c.state in ("AGREED", "RECEIVED") for c in shop.changes):
        return "a change is agreed and never paid back"
    cents = {refund.id: refund.cents for refund in shop.refunds}
    has = CAPTURED * (shop.payment in ("SUCCEEDED", "REFUNDED")) - sum(cents[i] for i in shop.at_provider)
    returned = tuple(
        sum(c.kind == "return" and c.state == "PAID_BACK" and c.line == i for c in shop.changes) for i in range(2)
    )
    seen = f"{shop.order}, {shop.payment}, {shop.stock}, {shop.shipment}"
    if shop.order == "CREATED":
        fine = seen == "CREATED, PENDING, HELD, PENDING_PAYMENT" and shop.kept == QTY
        return None if fine else f"at rest: {seen}"
    if shop.order == "CANCELLED":
        return None if seen == "CANCELLED, VOIDED, RELEASED, CANCELLED" and shop.back == QTY else f"at rest: {seen}"
    if shop.order == "REFUNDED":
        if has or shop.payment != "REFUNDED":
            return f"REFUNDED, but {has} is kept"
        if shop.back != QTY:
            return "REFUNDED, but stock is missing"
        return None if shop.shipment == "CANCELLED" or returned == shop.parcel else f"at rest: {seen}"
    if has != value(shop.kept):
        return "what was paid and not paid back is not the value of what is kept"
    if more(shop.back, shop.kept) != QTY:
        return "what is kept and what came back is not what was sold"
    if shop.parcel != more(shop.kept, returned):
        return "in the parcel is not what is kept"
    if not any(shop.kept):
        return "PAID, but nothing is kept"
    return None if shop.shipment in ("READY", "DISPATCHED", "DELIVERED") else f"at rest: {seen}"


IS_PAID = {"order": "PAID", "stock": "COMMITTED", "payment": "SUCCEEDED", "shipment": "READY"}  # all news is heard
SCENES: dict[str, dict[str, int]] = {
    "before dispatch": {"part A": 1, "cancel": 1, "dispatch": 1},
    "two lines": {"part A": 1, "part B": 1, "cancel": 1, "dispatch": 1, "early": 0},
    "while paying": {"pay": 1, "part A": 1, "cancel": 1, "deadline": 1, "dispatch": 1, "early": 0},
    "one line twice": {"pay": 1, "part A": 2, "cancel": 1, "dispatch": 1},
    "three parts": {"pay": 1, "part A": 2, "part B": 1, "dispatch": 1},
    "after delivery": {"pay": 1, "dispatch": 1, "deliver": 1, "send back A": 2, "receive": 2, "cancel": 1},
    "whole sent back": {"dispatch": 1, "deliver": 1, "send back A": 2, "send back B": 1, "receive": 3, "early": 0},
    "all sent back": {
        "pay": 1,
        "part A": 1,
        "dispatch": 1,
        "deliver": 1,
        "send back A": 1,
        "send back B": 1,
        "receive": 2,
    },
}


SCENE_OF_RULE = {
    "paid only": "while paying",
    "never the last": "three parts",
    "open ones count": "three parts",
    "once": "all sent back",
    "back, then money": "all sent back",
    "all back": "whole sent back",
}


def explore(scene: str, *without: str, first_only: bool = False, progress: bool = True) -> Result:
    """Every interleaving and crash of a scene, with rules taken away."""
    acts, rules = {**SCENES[scene]}, frozenset(without)
    start = Shop(early=acts.pop("early", 1), to_come=tuple(acts.items()))
    if "pay" not in acts:
        start = start._replace(**IS_PAID)
    return search(start, lambda shop: steps(shop, rules), never, at_rest, first_only=first_only, progress=progress)
