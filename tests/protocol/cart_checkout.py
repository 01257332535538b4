"""One shopper, one cart, checkouts that are tried again, an order service that dies, `order.created` late or twice.

Every piece that the shopper puts in has a number here, which no service knows: a line is (id, product, pieces), and the
services see only the id, the product and how many pieces there are. Pieces are the bits of a number.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.protocol.explorer import CRASH, FREE_STEP, OWN_STEP, Result, Step, search

INVARIANTS = {
    "own line": "each addition is a line of its own, under an id of its own",
    "own line, same id": "the same (else: the line grows, and keeps its id)",
    "keeps its id": "a line that is lowered keeps its id",
    "newest first": "pieces are taken out of the newest line of the product first",
    "by id": "what was ordered is taken out of the cart by line id, not by product",
    "same lines": "an order is answered again only if its lines are what is asked for now (ids, pieces, prices)",
    "same address": "an unfinished order is gone on with only if its address is the one given now",
    "order exists": "a finished order of the same lines and another address is a refusal",
    "gives up": "what is unfinished and not asked for is given up by the transaction that places the new order",
    "moves it": "to give up is to move the row of the old order; it is not only passed over",
    "confirms if pending": "an order is confirmed only while it is PENDING",
    "ordered once": "a line of a finished order is never ordered again, whatever the cart shows",
    "given back": "the lines of an order that was given up may be ordered again",
    "not older": "a checkout that meets an order of a later revision of the cart reads the cart again",
}
NOT_NEEDED = {
    "inbox": "the cart receives each order.created once",
    "all of them": "every unfinished order of the shopper is given up, not only one that shares a line",
    "always new": "an addition is a new line even if no checkout read the last one (else: reading closes the lines)",
    "refusal changes nothing": "an unfinished order is left alone by a checkout that places nothing",
}
BEFORE_THE_RULES = frozenset({"old placing", "own line", "keeps its id", "not older"})


class Line(NamedTuple):
    id: int
    product: str
    pieces: int

    @property
    def qty(self) -> int:
        return self.pieces.bit_count()


class Order(NamedTuple):
    status: str
    address: str
    lines: tuple[Line, ...]
    revision: int  # of the cart it was placed from


class Checkout(NamedTuple):
    """A checkout under way: before which step it is, what it was asked, and what it read.

    `removed` and `held` judge it, and no service knows them. A checkout is for what there was when it read the cart,
    less what was ordered by those that read the cart before.
    """

    at: int
    address: str
    removed: int  # the pieces the shopper had removed when it began
    read: tuple[Line, ...] = ()
    held: int = 0  # the pieces that the shopper had in the cart when it was read
    revision: int = 0
    order: int = -1


class Shop(NamedTuple):
    cart: tuple[Line, ...] = (Line(0, "A", 0b11),)
    added: int = 2  # how many pieces were put in, ever
    removed: int = 0  # the pieces the shopper removed
    revision: int = 0  # how often the shopper changed the cart
    lines: int = 1  # how many line ids were given out
    closed: int = 0  # line ids below this were read by a checkout (only without "always new")
    orders: tuple[Order, ...] = ()
    events: tuple[int, ...] = ()  # the orders whose order.created the cart has not received
    received: frozenset[int] = frozenset()
    checkouts: tuple[Checkout, ...] = ()
    changes_left: int = 3
    checkouts_left: int = 3
    repeats: int = 1
    early: int = 1  # how often the recovery may give up a checkout that is under way
    violation: str = ""


Outcome = tuple[str, Shop, Checkout | None]  # what happens, to what end, and how the checkout goes on
SMALL, FULL = Shop(changes_left=2, checkouts_left=2), Shop()


def pieces_of(lines: tuple[Line, ...]) -> int:
    pieces = 0
    for line in lines:
        pieces |= line.pieces
    return pieces


def ordered(shop: Shop) -> int:
    pieces = 0
    for order in shop.orders:
        if order.status == "CREATED":
            pieces |= pieces_of(order.lines)
    return pieces


def as_seen(lines: tuple[Line, ...]) -> set[tuple[int, int]]:
    """What a service can compare."""
    return {(line.id, line.qty) for line in lines}


# --- the shopper and the cart


def changes(shop: Shop, without: frozenset[str]) -> Iterator[tuple[str, Shop]]:
    shop = shop._replace(changes_left=shop.changes_left - 1, revision=shop.revision + 1)
    for product in "AB":
        yield f"the shopper puts one {product} in", put_in(shop, product, without)
        own = tuple(line for line in shop.cart if line.product == product)
        if sum(line.qty for line in own) > 1:
            yield f"the shopper lowers {product} by one", lower(shop, product, without)
        if own:
            rest = tuple(line for line in shop.cart if line.product != product)
            yield f"the shopper removes {product}", shop._replace(cart=rest, removed=shop.removed | pieces_of(own))


def put_in(shop: Shop, product: str, without: frozenset[str]) -> Shop:
    piece = 1 << shop.added
    shop = shop._replace(added=shop.added + 1)
    own = [line for line in shop.cart if line.product == product]
    if own and "own line" in without:  # the line grows, and has a new id
        grown = Line(shop.lines, product, own[0].pieces | piece)
        rest = tuple(line for line in shop.cart if line.product != product)
        return shop._replace(cart=(*rest, grown), lines=shop.lines + 1)
    if own and "own line, same id" in without:
        return shop._replace(cart=tuple(
            line._replace(pieces=line.pieces | piece) if line.product == product else line for line in shop.cart
        ))  # fmt: skip
    if own and "always new" in without and own[-1].id >= shop.closed:
        return shop._replace(cart=tuple(
            line._replace(pieces=line.pieces | piece) if line == own[-1] else line for line in shop.cart
        ))  # fmt: skip
    return shop._replace(cart=(*shop.cart, Line(shop.lines, product, piece)), lines=shop.lines + 1)


def lower(shop: Shop, product: str, without: frozenset[str]) -> Shop:
    own = [i for i, line in enumerate(shop.cart) if line.product == product]
    i = own[0] if "newest first" in without else own[-1]
    line = shop.cart[i]
    piece = 1 << (line.pieces.bit_length() - 1)
    done = ordered(shop)
    others = pieces_of(tuple(other for other in shop.cart if other.product == product)) & ~piece
    violation = shop.violation
    if piece & done and others & ~done:
        violation = "a piece that is ordered is taken out of the cart, where there is one that is not"
    rest, lines = line._replace(pieces=line.pieces & ~piece), shop.lines
    if "keeps its id" in without and rest.pieces:
        rest, lines = rest._replace(id=lines), lines + 1
    cart = (*shop.cart[:i], *((rest,) if rest.pieces else ()), *shop.cart[i + 1 :])
    return shop._replace(cart=cart, removed=shop.removed | piece, lines=lines, violation=violation)


def take_out(shop: Shop, order: int, without: frozenset[str]) -> Shop:
    """What the cart makes of order.created."""
    if order in shop.received and "inbox" not in without:
        return shop
    lines = shop.orders[order].lines
    if "by id" in without:
        products = {line.product for line in lines}
        cart = tuple(line for line in shop.cart if line.product not in products)
    else:
        ids = {line.id for line in lines}
        cart = tuple(line for line in shop.cart if line.id not in ids)
    return shop._replace(cart=cart, received=shop.received | {order})


# --- the checkout


def advance(shop: Shop, checkout: Checkout, without: frozenset[str]) -> Iterator[Outcome]:
    """The next step of a checkout."""
    if checkout.at == 0:
        if "always new" in without:
            shop = shop._replace(closed=shop.lines)
        read = checkout._replace(at=1, read=shop.cart, held=in_cart(shop), revision=shop.revision)
        yield "reads the cart", shop, read
    elif checkout.at == 1:
        yield (place_before_the_rules if "old placing" in without else place)(shop, checkout, without)
    elif checkout.at == 2:
        yield "sets stock and parcel aside", shop, checkout._replace(at=3)
        yield "answers 503, for catalog or shipping is away", shop, None
        yield "learns that it is sold out", shop, checkout._replace(at=4)
    elif checkout.at == 3:
        order = shop.orders[checkout.order]
        if order.status == "PENDING" or (order.status == "REJECTED" and "confirms if pending" in without):
            shop = moved(shop, checkout.order, "CREATED")
            shop = shop._replace(events=(*shop.events, checkout.order))
            yield "confirms and answers 201", answered(shop, checkout), None
        elif order.status == "CREATED":
            yield "comes after the confirmation and answers 201", answered(shop, checkout), None
        else:
            yield "answers 409 given-up", shop, None
    elif shop.orders[checkout.order].status == "PENDING":
        yield "rejects it and answers 409 sold-out", moved(shop, checkout.order, "REJECTED"), None
    elif shop.orders[checkout.order].status == "CREATED":
        yield "comes after the confirmation and answers 201", answered(shop, checkout), None
    else:
        yield "answers 409 given-up", shop, None


def place(shop: Shop, checkout: Checkout, without: frozenset[str]) -> Outcome:
    """One transaction, one at a time for a shopper."""
    if "not older" not in without and any(order.revision > checkout.revision for order in shop.orders):
        again = checkout._replace(at=0, read=(), held=0, revision=0)
        return "meets an order of a later cart, and begins again", shop, again
    taken = {
        line.id
        for order in shop.orders
        for line in order.lines
        if (order.status == "CREATED" and "ordered once" not in without)
        or (order.status == "REJECTED" and "given back" in without)
    }
    left, before = tuple(line for line in checkout.read if line.id not in taken), shop
    for i, order in enumerate(shop.orders):
        if order.status != "PENDING":
            continue
        same_lines = as_seen(order.lines) == as_seen(left) or (
            "same lines" in without and {line.id for line in left} <= {line.id for line in order.lines} and bool(left)
        )
        if same_lines and (order.address == checkout.address or "same address" in without):
            return f"goes on with order {i}", shop, checkout._replace(at=2, order=i)
        if "gives up" in without:  # what the unfinished order holds is left out
            ids = {line.id for line in order.lines}
            left = tuple(line for line in left if line.id not in ids)
        elif "moves it" not in without and (
            "all of them" not in without or {line.id for line in left} & {line.id for line in order.lines}
        ):
            shop = moved(shop, i, "REJECTED")
    if left:
        placed = Order("PENDING", checkout.address, left, checkout.revision)
        event = f"places order {len(shop.orders)} to {checkout.address}"
        return event, shop._replace(orders=(*shop.orders, placed)), checkout._replace(at=2, order=len(shop.orders))
    return nothing_left(shop if "refusal changes nothing" in without else before, checkout, without)


def nothing_left(shop: Shop, checkout: Checkout, without: frozenset[str]) -> Outcome:
    """The last order that took from this cart is answered, if it is what is asked for."""
    ids = {line.id for line in checkout.read}
    for i in reversed(range(len(shop.orders))):
        order = shop.orders[i]
        if order.status == "CREATED" and ids & {line.id for line in order.lines}:
            others = {
                line.id
                for j, other in enumerate(shop.orders)
                if j != i and other.status == "CREATED"
                for line in other.lines
            }
            asked = as_seen(tuple(line for line in checkout.read if line.id not in others))
            same_lines = asked == as_seen(order.lines) or "same lines" in without
            if same_lines and (order.address == checkout.address or "order exists" in without):
                return f"answers 201 with order {i}", answered(shop, checkout._replace(order=i)), None
            return f"answers 409 order-exists, order {i}", refused(shop, checkout, "order-exists"), None
    return "answers 409 cart-is-empty", refused(shop, checkout, "cart-is-empty"), None


def place_before_the_rules(shop: Shop, checkout: Checkout, without: frozenset[str]) -> Outcome:
    """The placing of the first version: a line is ordered once, and any order that holds all of them is the answer."""
    holder = {line.id: i for i, order in enumerate(shop.orders) if order.status != "REJECTED" for line in order.lines}
    left = tuple(line for line in checkout.read if line.id not in holder)
    holders = [holder[line.id] for line in checkout.read if line.id in holder]
    if holders and not left:
        if shop.orders[max(holders)].status == "PENDING":
            return f"goes on with order {max(holders)}", shop, checkout._replace(at=2, order=max(holders))
        answer = answered(shop, checkout._replace(order=max(holders)))
        return f"answers 201 with order {max(holders)}", answer, None
    if not left:
        return "answers 409 cart-is-empty", refused(shop, checkout, "cart-is-empty"), None
    placed = Order("PENDING", checkout.address, left, checkout.revision)
    event = f"places order {len(shop.orders)} to {checkout.address}"
    return event, shop._replace(orders=(*shop.orders, placed)), checkout._replace(at=2, order=len(shop.orders))


def moved(shop: Shop, i: int, status: str) -> Shop:
    return shop._replace(orders=(*shop.orders[:i], shop.orders[i]._replace(status=status), *shop.orders[i + 1 :]))


def answered(shop: Shop, checkout: Checkout) -> Shop:
    """Hold a 201 against what was asked: the order is all that was left to order."""
    order = shop.orders[checkout.order]
    pieces, left = pieces_of(order.lines), checkout.held & ~ordered_before(shop, checkout)
    if order.address != checkout.address:
        return shop._replace(violation="201 for another address than was given")
    if pieces & checkout.removed:
        return shop._replace(violation="201 for an order with pieces that were removed before")
    if pieces & ~left:
        return shop._replace(violation="201 for an order with more than there was to order")
    if left & ~pieces:
        return shop._replace(violation="201 for an order with less than there was to order")
    return shop


def refused(shop: Shop, checkout: Checkout, problem: str) -> Shop:
    """Hold 'there is nothing to order' against the cart."""
    if problem == "order-exists":
        missed = pieces_of(checkout.read) & ~shop.removed & ~ordered(shop)
    else:
        missed = checkout.held & ~ordered_before(shop, checkout)
    return shop._replace(violation="refused, though the cart held what nobody had ordered") if missed else shop


def ordered_before(shop: Shop, checkout: Checkout) -> int:
    """The pieces of the other orders that were placed from the cart as it was then, or before."""
    pieces = 0
    for i, order in enumerate(shop.orders):
        if i != checkout.order and order.status == "CREATED" and order.revision <= checkout.revision:
            pieces |= pieces_of(order.lines)
    return pieces


def in_cart(shop: Shop) -> int:
    """What the shopper put in and did not remove."""
    return ((1 << shop.added) - 1) & ~shop.removed


# --- everything


def steps(shop: Shop, without: frozenset[str]) -> Iterator[Step]:
    if shop.changes_left:
        for event, after in changes(shop, without):
            yield FREE_STEP, event, after
    if shop.checkouts_left:
        for address in "XY" if shop.checkouts_left < FULL.checkouts_left else "X":
            begun = tuple(sorted((*shop.checkouts, Checkout(0, address, shop.removed))))
            left = shop._replace(checkouts_left=shop.checkouts_left - 1, checkouts=begun)
            yield FREE_STEP, f"a checkout to {address} begins", left
    for checkout in set(shop.checkouts):
        others = list(shop.checkouts)
        others.remove(checkout)
        name = f"[{checkout.address}{checkout.at}]"
        for event, after, following in advance(shop, checkout, without):
            checkouts = others if following is None else sorted((*others, following))
            yield OWN_STEP, f"{name} {event}", after._replace(checkouts=tuple(checkouts))
        yield CRASH, f"{name} dies", shop._replace(checkouts=tuple(others))
    for i in set(shop.events):
        events = tuple(other for other in shop.events if other != i)
        yield OWN_STEP, f"the cart receives order {i}", take_out(shop, i, without)._replace(events=events)
        if shop.repeats:
            yield (
                FREE_STEP,
                f"the cart receives order {i}, and will again",
                take_out(shop, i, without)._replace(repeats=0),
            )
    for i, order in enumerate(shop.orders):
        if order.status == "PENDING":
            if shop.early:
                yield FREE_STEP, f"the recovery gives up order {i} early", moved(shop, i, "REJECTED")._replace(early=0)
            if not shop.checkouts:
                yield OWN_STEP, f"the recovery gives up order {i}", moved(shop, i, "REJECTED")


def never(shop: Shop) -> str | None:
    pieces = 0
    for order in shop.orders:
        if order.status == "CREATED":
            if pieces & pieces_of(order.lines):
                return "a piece is ordered twice"
            pieces |= pieces_of(order.lines)
    return shop.violation or None


def at_rest(shop: Shop) -> str | None:
    due = in_cart(shop) & ~ordered(shop)
    shown = pieces_of(shop.cart)
    if shown & ~due:
        return "at rest the cart shows what was ordered"
    if due & ~shown:
        return "at rest the cart lacks what was not ordered"
    return None


def explore(start: Shop, *without: str, first_only: bool = False, progress: bool = True) -> Result:
    rules = frozenset(without)
    return search(start, lambda shop: steps(shop, rules), never, at_rest, first_only=first_only, progress=progress)
