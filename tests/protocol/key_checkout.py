"""The checkout, which is several steps in several services, under an Idempotency-Key, without a lease.

Key K comes with body X (twice and more) and with body Y; key L with body Y is what a shopper sends who has changed the
address. The recovery may give an order up while it is under way. Catalog can sell out and be filled again. Who claims
the key's row keeps others from it until its transaction ends or its process dies. Catalog is asked twice: before
anything is written, which only reads, and for the order.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.protocol.explorer import CRASH, FREE_STEP, OWN_STEP, Result, Step, search

INVARIANTS = {
    "one transaction": "the key is claimed in the transaction that places or refuses (else: before, and served again)",
    "one transaction, else refused": "the same (else: before, and refused as in use without an outcome)",
    "waits": "who meets a claimed key waits for the end of that transaction",
    "fingerprint": "the key remembers what was asked",
    "what was begun": "the key's row names the order, by the transaction that places it; a retry goes on with it",
    "the row answers": "who comes too late to confirm or reject answers what the order's row says",
    "reason kept": "the order's row keeps why it was rejected, and the answer is made from it",
    "refusals too": "a refusal that places no order is kept with the key",
    "confirms if pending": "an order is confirmed only while it is PENDING",
    "own order first": "what catalog cannot set aside is no refusal where the shopper's own order may hold it",
}
LEASE = "lease"  # how it was before: the key is claimed first, for a while, and its outcome written at the end


class Order(NamedTuple):
    status: str
    body: str
    reason: str = ""


class Key(NamedTuple):
    body: str
    order: int = -1
    outcome: str = ""


class Request(NamedTuple):
    at: str
    key: str
    body: str
    cart: int = -1  # how many lines it read in the cart; -1: it did not read it
    order: int = -1
    answer: str = ""
    sold_out: bool = False  # what catalog answered before anything was written


class World(NamedTuple):
    keys: tuple[Key | None, Key | None] = (None, None)  # of K and L
    locked_by: tuple[int, int] = (-1, -1)
    orders: tuple[Order, ...] = ()
    held: frozenset[int] = frozenset()  # the orders that stock is set aside for
    in_stock: bool = True
    in_cart: bool = True
    events: frozenset[int] = frozenset()
    requests: tuple[Request | None, ...] = (None, None)
    to_come: tuple[tuple[str, str], ...] = ()
    stock_changes: int = 2
    early: int = 1
    answers: frozenset[tuple[str, str, str]] = frozenset()  # key, body and answer; the final ones
    violation: str = ""


KEYS = {"K": 0, "L": 1}
Outcome = tuple[str, World, Request | None]
Rules = frozenset[str]


def advance(world: World, i: int, request: Request, without: Rules) -> Iterator[Outcome]:  # noqa: PLR0912 - a branch is a step
    k = KEYS[request.key]
    if request.at == "look up":  # without a lock, and only to spare the cart and the catalog
        if world.keys[k] is None:
            yield "does not know the key", world, request._replace(at="read")
        else:
            yield "knows the key", world, request._replace(at="claim")
    elif request.at == "read":
        yield "reads the cart", world, request._replace(at="check", cart=int(world.in_cart))
    elif request.at == "check":
        sold_out = not world.in_stock or bool(world.held)
        yield f"asks catalog: {sold_out=}", world, request._replace(at="claim", sold_out=sold_out)
    elif request.at == "claim":
        yield from _claim(world, i, request, without)
    elif request.at == "place":  # and commit
        yield _place(_locked(world, k, -1) if world.locked_by[k] == i else world, request, without)
    elif request.at == "reserve":
        yield from _reserve(world, request)
    elif request.at == "confirm":
        order = world.orders[request.order]
        if order.status == "PENDING" or (order.status == "REJECTED" and "confirms if pending" in without):
            world = _moved(world, request.order, order._replace(status="CREATED"))
            world = world._replace(events=world.events | {request.order})
            yield "confirms", world, request._replace(at="answer", answer=f"201 order {request.order}")
        else:
            answer = _outcome(world, request.order, without)
            yield "comes too late to confirm", world, request._replace(at="answer", answer=answer)
    elif request.at == "reject":
        yield _reject(world, request, without)
    elif request.at == "answer":
        yield f"answers {request.answer}", _answered(_noted(world, k, request, without), request), None


def _claim(world: World, i: int, request: Request, without: Rules) -> Iterator[Outcome]:
    k = KEYS[request.key]
    if world.locked_by[k] not in (-1, i) and "waits" not in without:
        return
    key = world.keys[k]
    if key is not None:
        yield from _known(world, request, key, without)
    elif without & {"one transaction", "one transaction, else refused", LEASE}:
        yield "claims the key and commits", _with_key(world, k, Key(request.body)), request._replace(at="place")
    else:
        yield "claims the key", _locked(world, k, i), request._replace(at="place")


def _known(world: World, request: Request, key: Key, without: Rules) -> Iterator[Outcome]:
    """The key was used before, and nobody else has its row now."""
    if key.body != request.body and "fingerprint" not in without:
        yield "answers 422", _answered(world, request._replace(answer="422")), None
    elif key.outcome:
        yield "replays", world, request._replace(at="answer", answer=key.outcome)
    elif LEASE in without and not request.answer:
        yield "answers 409 in-use", world, None
        yield "takes over, for the lease ran out", world, request._replace(answer="took over")
    elif key.order >= 0 and "what was begun" not in without:
        if world.orders[key.order].status == "PENDING":
            yield f"goes on with order {key.order}", world, request._replace(at="reserve", order=key.order)
        else:
            answer = _outcome(world, key.order, without)
            yield "replays what the row says", world, request._replace(at="answer", answer=answer)
    elif "one transaction, else refused" in without:
        yield "answers 409 in-use", world, None
    else:
        yield "serves it again", world, request._replace(at="place" if request.cart >= 0 else "read")


def _place(world: World, request: Request, without: Rules) -> Outcome:  # noqa: PLR0911 - a return is an answer
    """In one transaction: give up what differs, place an order or refuse to, and write that to the key's row."""
    k = KEYS[request.key]
    key = world.keys[k] or Key(request.body)
    created = [i for i, order in enumerate(world.orders) if order.status == "CREATED"]
    if not request.cart:
        return _refuse(world, request, "409 cart-is-empty", without)
    if request.sold_out and "own order first" in without:
        if any(world.orders[i].status in ("PENDING", "CREATED") for i in world.held):
            world = world._replace(violation="sold-out, and the shopper's own order holds it")
        return _refuse(world, request, "409 sold-out", without)
    if created:
        last = created[-1]
        if world.orders[last].body == request.body:
            answer = request._replace(at="answer", order=last, answer=f"201 order {last}")
            return f"meets order {last}", _with_key(world, k, key._replace(order=last)), answer
        return _refuse(world, request, "409 order-exists", without)
    gives_up = False
    for i, order in enumerate(world.orders):
        if order.status == "PENDING":
            if order.body == request.body:
                following = request._replace(at="reserve", order=i)
                return f"goes on with order {i}", _with_key(world, k, key._replace(order=i)), following
            gives_up = True
            world = _moved(world, i, order._replace(status="REJECTED", reason="given-up"))
    if request.sold_out and not gives_up:
        return _refuse(world, request, "409 sold-out", without)
    placed = len(world.orders)
    world = world._replace(orders=(*world.orders, Order("PENDING", request.body)))
    following = request._replace(at="reserve", order=placed)
    return f"places order {placed}", _with_key(world, k, key._replace(order=placed)), following


def _refuse(world: World, request: Request, problem: str, without: Rules) -> Outcome:
    if "refusals too" not in without:
        k = KEYS[request.key]
        world = _with_key(world, k, (world.keys[k] or Key(request.body))._replace(outcome=problem))
    return f"refuses: {problem}", world, request._replace(at="answer", answer=problem)


def _reserve(world: World, request: Request) -> Iterator[Outcome]:
    """No lock is held; catalog frees what a rejected order held, and refuses to set anything aside for it."""
    given_up = {i for i, order in enumerate(world.orders) if order.status == "REJECTED"}
    free = world.in_stock and not world.held - {request.order} - given_up
    if request.order in given_up:
        yield "learns that it is cancelled", world, request._replace(at="reject", answer="given-up")
    elif request.order in world.held or free:
        yield "sets aside", world._replace(held=world.held | {request.order}), request._replace(at="confirm")
    else:
        yield "learns that it is sold out", world, request._replace(at="reject", answer="sold-out")
    yield "answers 503", world, None


def _reject(world: World, request: Request, without: Rules) -> Outcome:
    order = world.orders[request.order]
    own = f"409 {request.answer}"
    if order.status == "PENDING":
        world = _moved(world, request.order, order._replace(status="REJECTED", reason=request.answer))
        return "rejects", world, request._replace(at="answer", answer=own)
    late = own if without & {"the row answers", LEASE} else _outcome(world, request.order, without)
    return "comes too late to reject", world, request._replace(at="answer", answer=late)


def _outcome(world: World, i: int, without: Rules) -> str:
    """What the order's row says."""
    order = world.orders[i]
    if order.status == "CREATED":
        return f"201 order {i}"
    return "409 given-up" if "reason kept" in without else f"409 {order.reason}"


def _noted(world: World, k: int, request: Request, without: Rules) -> World:
    """With a lease the outcome goes to the key's row at the end, whoever comes last; by the rules it is there."""
    key = world.keys[k]
    if LEASE in without and key is not None:
        return _with_key(world, k, key._replace(outcome=request.answer))
    return world


def _answered(world: World, request: Request) -> World:
    return world._replace(answers=world.answers | {(request.key, request.body, request.answer)})


def _moved(world: World, i: int, order: Order) -> World:
    return world._replace(orders=(*world.orders[:i], order, *world.orders[i + 1 :]))


def _with_key(world: World, k: int, key: Key) -> World:
    return world._replace(keys=(key, world.keys[1]) if k == 0 else (world.keys[0], key))


def _locked(world: World, k: int, by: int) -> World:
    return world._replace(locked_by=(by, world.locked_by[1]) if k == 0 else (world.locked_by[0], by))


def _with_request(world: World, i: int, request: Request | None) -> World:
    return world._replace(requests=(*world.requests[:i], request, *world.requests[i + 1 :]))


def steps(world: World, without: Rules) -> Iterator[Step]:
    slot = next((i for i, request in enumerate(world.requests) if request is None), None)
    if slot is not None:
        for n, (key, body) in enumerate(world.to_come):
            if (key, body) not in world.to_come[:n]:
                begun = _with_request(world, slot, Request("look up", key, body))
                yield (
                    FREE_STEP,
                    f"{key}{body} begins",
                    begun._replace(to_come=(*world.to_come[:n], *world.to_come[n + 1 :])),
                )
    if world.stock_changes:
        changed = world._replace(in_stock=not world.in_stock, stock_changes=world.stock_changes - 1)
        yield FREE_STEP, "stock changes", changed
    for i, request in enumerate(world.requests):
        if request is None:
            continue
        name = f"[{request.key}{request.body}{i}]"
        for event, after, following in advance(world, i, request, without):
            yield OWN_STEP, f"{name} {event}", _with_request(after, i, following)
        free = tuple(-1 if by == i else by for by in world.locked_by)
        yield CRASH, f"{name} dies, {request.at}", _with_request(world, i, None)._replace(locked_by=free)
    for i in world.events:
        yield OWN_STEP, "the cart receives the order", world._replace(in_cart=False, events=world.events - {i})
    for i, order in enumerate(world.orders):
        if order.status == "PENDING" and (world.early or not any(world.requests)):
            given_up = _moved(world, i, order._replace(status="REJECTED", reason="given-up"))
            if any(world.requests):
                yield FREE_STEP, f"the recovery gives up order {i}", given_up._replace(early=world.early - 1)
            else:
                yield OWN_STEP, f"the recovery gives up order {i}", given_up


def never(world: World) -> str | None:  # noqa: PLR0911 - a return is a violation
    if world.violation:
        return world.violation
    if sum(order.status == "CREATED" for order in world.orders) > 1:
        return "the line is ordered twice"
    for key, body, answer in world.answers:
        for other_key, other_body, other_answer in world.answers:
            if (key, body) == (other_key, other_body) and answer != other_answer:
                return "two answers to one request"
            if key == other_key and body != other_body and "422" not in (answer, other_answer):
                return "one key served two requests"
        if answer.startswith("201") and world.orders[int(answer[-1])].status != "CREATED":
            return "201 for an order that is not"
        if answer.startswith("201") and world.orders[int(answer[-1])].body != body:
            return "201 for an order to another address"
    return None


def at_rest(world: World) -> str | None:
    return "a request waits for a dead process" if any(world.requests) else None


def unanswered(world: World, without: Rules) -> str | None:
    """Where nothing runs, a retry of KX that nobody disturbs must get a final answer."""
    alone = _with_request(world, 0, Request("look up", "K", "X"))
    for _ in range(30):
        request = alone.requests[0]
        if request is None:
            final = any((key, body) == ("K", "X") for key, body, _ in alone.answers)
            return never(alone) or (None if final else "a retry gets no final answer")
        following = next(advance(alone, 0, request, without), None)
        if following is None:
            return "a retry waits for ever"
        alone = _with_request(following[1], 0, following[2])
    return "a retry never ends"


SCENES = {
    "KX KX KX": (("K", "X"), ("K", "X"), ("K", "X")),
    "KX KX KY": (("K", "X"), ("K", "X"), ("K", "Y")),
    "KX KX LY": (("K", "X"), ("K", "X"), ("L", "Y")),
    "KX KX KY LY": (("K", "X"), ("K", "X"), ("K", "Y"), ("L", "Y")),
}


def explore(scene: str, *without: str, at_once: int = 2, first_only: bool = False, progress: bool = True) -> Result:
    rules = frozenset(without)

    def violation(world: World) -> str | None:
        if judged := never(world):
            return judged
        return None if any(world.requests) else unanswered(world, rules)

    start = World(to_come=SCENES[scene], requests=(None,) * at_once)
    return search(
        start, lambda world: steps(world, rules), violation, at_rest, first_only=first_only, progress=progress
    )
