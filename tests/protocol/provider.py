"""A payment provider that can be unsure: a charge times out, happens all the same, and is told of late, twice or never.

An attempt is begun at the provider before any money moves, and is known to both by its id. `charge` travels, and may
arrive whenever it likes; the provider then charges or declines. `cancel` of an attempt that was not charged is final,
if the provider is "decisive"; one that is "forgetful" knows nothing of an attempt whose charge has not arrived. A
webhook is only a hint: who gets one looks the attempt up, like the recovery, like who waited for the answer.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from tests.protocol.explorer import CRASH, FREE_STEP, OWN_STEP, Result, Step, search

INVARIANTS = {
    "attempt first": "an attempt is a row, OPEN, and the payment PROCESSING, before the provider is asked to charge",
    "one at a time": "there is at most one OPEN attempt of a payment",
    "asks the provider": "a payment is voided only after the provider has cancelled its OPEN attempt, or declined it",
    "unknown is no answer": "a time-out changes nothing: PROCESSING until the provider has said how it ended",
    "look up": "attempts left OPEN are looked up; a webhook may never come",
    "once": "how an attempt ended is applied once, to an attempt that is OPEN",
    "refund row": "what is to be paid back is a row before the provider is asked, and asked for until it is done",
    "refund under its id": "a repeated refund has the same id, and pays nothing more",
    "deadline asks again": "a deadline or a cancellation that is told 'in progress' is kept and comes again",
}
BELT = {  # for a provider that is forgetful
    "pays strays back": "money that comes in for an attempt that was closed is paid back at once",
    "looks closed ones up": "attempts that were closed are looked up too, as long as a charge may still arrive",
}


class Attempt(NamedTuple):
    ours: str = "OPEN"  # CHARGED, DECLINED, CANCELLED
    theirs: str = "-"  # CHARGED, DECLINED, CANCELLED
    travels: bool = False  # the charge is on its way
    back: str = "-"  # ASKED, DONE: what of it is to be paid back
    paid_back: int = 0  # how often it really was


class Shop(NamedTuple):
    order: str = "CREATED"
    cancelling: bool = False
    payment: str = "PENDING"  # PROCESSING, SUCCEEDED, VOIDED, REFUNDING, REFUNDED
    attempts: tuple[Attempt, ...] = ()
    hooks: tuple[int, ...] = ()  # of which attempt a webhook is under way
    order_events: tuple[str, ...] = ()
    payment_events: tuple[str, ...] = ()
    payment_heard: int = 0
    order_heard: int = 0
    under_way: tuple[tuple[str, str, int, str], ...] = ()  # who, step, attempt, answer
    to_come: tuple[tuple[str, int], ...] = (("pay", 2), ("cancel", 1), ("deadline", 1))
    repeats: int = 1  # of webhooks
    losses: int = 1  # of webhooks, and of refund answers
    failures: int = 1  # of refunds
    overdue: int = 0  # how often the recovery may find an attempt that the shopper has left


class Kind(NamedTuple):
    """The provider, and which rules are left out."""

    decisive: bool = True
    belt: bool = True
    without: frozenset[str] = frozenset()


Act = Iterator[tuple[str, Shop, tuple[str, int, str] | None]]


def with_attempt(shop: Shop, i: int, **new) -> Shop:
    return shop._replace(attempts=(*shop.attempts[:i], shop.attempts[i]._replace(**new), *shop.attempts[i + 1 :]))


def open_attempt(shop: Shop) -> int:
    return next((i for i, one in enumerate(shop.attempts) if one.ours == "OPEN"), -1)


def pay(shop: Shop, at: str, about: int, told: str, kind: Kind) -> Act:
    if at == "begin":
        may = shop.payment == "PENDING" or ("one at a time" in kind.without and shop.payment == "PROCESSING")
        if not may:
            yield f"is refused: {shop.payment}", shop, None
        elif "attempt first" in kind.without:  # the provider is asked first; what it answers is written down
            yield (
                "sends the charge",
                shop._replace(attempts=(*shop.attempts, Attempt(ours="UNWRITTEN", travels=True))),
                ("wait", len(shop.attempts), ""),
            )
        else:
            begun = shop._replace(payment="PROCESSING", attempts=(*shop.attempts, Attempt()))
            yield "begins an attempt", begun, ("send", len(shop.attempts), "")
    elif at == "send":
        yield "sends the charge", with_attempt(shop, about, travels=True), ("wait", about, "")
    elif at == "wait":
        one = shop.attempts[about]
        if one.theirs in ("CHARGED", "DECLINED", "CANCELLED"):
            yield f"is answered {one.theirs}", shop, ("apply", about, one.theirs)
        if "unknown is no answer" in kind.without:
            yield "times out, which counts as declined", shop, ("apply", about, "DECLINED")
        else:
            yield "times out and answers 202", shop, None
    else:
        yield f"applies {told}", applied(shop, about, told, kind), None


def settle(shop: Shop, at: str, about: int, told: str, kind: Kind) -> Act:
    """Look an attempt up, or have it cancelled, and apply how it ended."""
    if at == "cancel":
        yield from cancel_at_provider(shop, about, kind)
    elif at == "look":
        theirs = shop.attempts[about].theirs
        yield f"looks attempt {about} up: {theirs}", shop, None if theirs == "-" else ("apply", about, theirs)
    else:
        yield f"applies {told}", applied(shop, about, told, kind), None


def applied(shop: Shop, i: int, told: str, kind: Kind) -> Shop:
    """One transaction on the payment's row."""
    one = shop.attempts[i]
    if one.ours == "UNWRITTEN":
        one = one._replace(ours="OPEN")
    if one.ours != "OPEN" and "once" not in kind.without:
        if told == "CHARGED" and one.ours != "CHARGED" and kind.belt:
            return with_attempt(shop, i, ours="CHARGED", back="ASKED")
        return shop
    shop = with_attempt(shop, i, ours=told)
    others_open = open_attempt(shop) >= 0
    if told == "CHARGED":
        if shop.payment in ("PENDING", "PROCESSING") or "once" in kind.without:
            return shop._replace(payment="SUCCEEDED", payment_events=(*shop.payment_events, "succeeded"))
        return with_attempt(shop, i, back="ASKED") if kind.belt else shop
    if shop.payment == "PROCESSING" and not others_open:
        return shop._replace(payment="PENDING")
    return shop


def void(shop: Shop, at: str, about: int, told: str, kind: Kind, *, then: str, paid: str) -> Act:
    """Payment's answer to order: VOIDED, or paid, or in progress, which is 503."""
    if at == "void":
        if shop.payment in ("PENDING", "VOIDED"):
            yield "voids", shop._replace(payment="VOIDED"), (then, -1, "")
        elif shop.payment == "PROCESSING":
            i = open_attempt(shop)
            if "asks the provider" in kind.without or i < 0:
                yield "voids over an open attempt", shop._replace(payment="VOIDED"), (then, -1, "")
            else:
                yield from cancel_at_provider(shop, i, kind)
        else:
            yield "is told: paid", shop, (paid, -1, "") if paid else None
    elif at == "close":
        one = shop.attempts[about]
        if told == "CHARGED":
            yield "applies CHARGED", applied(shop, about, told, kind), ("void", -1, "")
        elif shop.payment == "PROCESSING" and one.ours == "OPEN":
            yield (
                f"applies {told} and voids",
                with_attempt(shop, about, ours=told)._replace(payment="VOIDED"),
                (then, -1, ""),
            )
        else:
            yield "finds it settled", shop, ("void", -1, "")


def cancel_at_provider(shop: Shop, i: int, kind: Kind) -> Act:
    theirs = shop.attempts[i].theirs
    if theirs == "-" and kind.decisive:
        cancelled = with_attempt(shop, i, theirs="CANCELLED")
        yield "has the attempt cancelled", cancelled, ("close", i, "CANCELLED")
        yield "has the attempt cancelled, and does not hear of it", cancelled, None
    elif theirs == "-":
        yield "is told: no such attempt", shop, ("close", i, "CANCELLED")
    else:
        yield f"is told: {theirs}", shop, ("close", i, theirs)
    yield "gets no answer from the provider", shop, None


def cancel(shop: Shop, at: str, about: int, told: str, kind: Kind) -> Act:
    if at == "begin":
        if shop.order in ("CREATED", "PAID"):
            yield "intends", shop._replace(cancelling=True), ("void", -1, "")
        else:
            yield "has nothing to cancel", shop, None
    elif at in ("void", "close"):
        yield from void(shop, at, about, told, kind, then="move", paid="move")
    elif shop.order in ("CREATED", "PAID"):  # a paid order's parcel is stopped first: the other models
        yield "cancels", ended(shop), None
    else:
        yield "finds it cancelled", shop, None


def deadline(shop: Shop, at: str, about: int, told: str, kind: Kind) -> Act:
    if at == "begin":
        yield ("is over", shop, ("void", -1, "")) if shop.order == "CREATED" else ("does not matter", shop, None)
    elif at in ("void", "close"):
        yield from void(shop, at, about, told, kind, then="move", paid="")
    elif shop.order == "CREATED":
        yield "cancels", ended(shop), None
    else:
        yield "comes too late", shop, None


def ended(shop: Shop) -> Shop:
    return shop._replace(order="CANCELLED", cancelling=False, order_events=(*shop.order_events, "cancelled"))


ACTS = {"pay": pay, "settle": settle, "cancel": cancel, "deadline": deadline}


def begun(shop: Shop, who: str, at: str = "begin", about: int = -1) -> Shop:
    return shop._replace(under_way=tuple(sorted((*shop.under_way, (who, at, about, "")))))


def provider(shop: Shop, kind: Kind) -> Iterator[tuple[str, str, Shop]]:  # noqa: PLR0912 - a branch is a case
    """What the provider does by itself, and what reaches us of it."""
    for i, one in enumerate(shop.attempts):
        if one.travels:
            if one.theirs != "-":
                yield (
                    OWN_STEP,
                    f"the charge of attempt {i} arrives, and is refused",
                    with_attempt(shop, i, travels=False),
                )
            else:
                for end in ("CHARGED", "DECLINED"):
                    after = with_attempt(shop, i, travels=False, theirs=end)
                    yield (
                        OWN_STEP,
                        f"the provider: attempt {i} is {end}",
                        after._replace(hooks=tuple(sorted((*shop.hooks, i)))),
                    )
        if one.back == "ASKED":
            if one.paid_back == 0 or "refund under its id" in kind.without:
                paid = with_attempt(shop, i, paid_back=one.paid_back + 1)
                yield OWN_STEP, f"attempt {i} is paid back", refunded(paid, i)
                if shop.losses:
                    yield FREE_STEP, f"attempt {i} is paid back, and nobody hears of it", paid._replace(losses=0)
                if shop.failures:
                    failed = shop._replace(failures=0)
                    if "refund row" in kind.without:  # asked once, and forgotten
                        failed = with_attempt(failed, i, back="-")
                    yield FREE_STEP, f"the refund of attempt {i} fails", failed
            else:
                yield OWN_STEP, f"the refund of attempt {i} is asked for again, and was done", refunded(shop, i)
    for i in set(shop.hooks):
        hooks = list(shop.hooks)
        hooks.remove(i)
        left = shop._replace(hooks=tuple(hooks))
        yield OWN_STEP, f"a webhook of attempt {i}", begun(left, "settle", "look", i)
        if shop.repeats:
            yield (
                FREE_STEP,
                f"a webhook of attempt {i}, and it will come again",
                begun(shop, "settle", "look", i)._replace(repeats=0),
            )
        if shop.losses:
            yield FREE_STEP, f"a webhook of attempt {i} is lost", left._replace(losses=0)


def refunded(shop: Shop, i: int) -> Shop:
    shop = with_attempt(shop, i, back="DONE")
    if shop.payment == "REFUNDING" and all(one.back == "DONE" for one in shop.attempts if one.ours == "CHARGED"):
        return shop._replace(payment="REFUNDED", payment_events=(*shop.payment_events, "refunded"))
    return shop


def heard(shop: Shop) -> Iterator[tuple[str, Shop]]:
    if shop.payment_heard < len(shop.order_events):
        after = shop._replace(payment_heard=shop.payment_heard + 1)
        if shop.payment == "SUCCEEDED":
            after = after._replace(payment="REFUNDING")
            for i, one in enumerate(shop.attempts):
                if one.ours == "CHARGED" and one.back == "-":
                    after = with_attempt(after, i, back="ASKED")
        yield "payment hears cancelled", after
    if shop.order_heard < len(shop.payment_events):
        event = shop.payment_events[shop.order_heard]
        after = shop._replace(order_heard=shop.order_heard + 1)
        if event == "succeeded" and shop.order == "CREATED":
            after = after._replace(order="PAID")
        elif event == "refunded" and shop.order == "CANCELLED":
            after = after._replace(order="REFUNDED")
        yield f"order hears {event}", after


def steps(shop: Shop, kind: Kind) -> Iterator[Step]:
    for n, (who, times) in enumerate(shop.to_come):
        if times:
            to_come = (*shop.to_come[:n], (who, times - 1), *shop.to_come[n + 1 :])
            yield FREE_STEP, f"{who} begins", begun(shop, who)._replace(to_come=to_come)
    own = False
    for one in set(shop.under_way):
        who, at, about, told = one
        others = list(shop.under_way)
        others.remove(one)
        own = True
        for what, after, following in ACTS[who](shop, at, about, told, kind):
            left = others if following is None else sorted((*others, (who, *following)))
            yield OWN_STEP, f"{who} {what}", after._replace(under_way=tuple(left))
        yield CRASH, f"{who} dies, {at}", shop._replace(under_way=tuple(others))
    for how, what, after in provider(shop, kind):
        own = own or how == OWN_STEP
        yield how, what, after
    i = open_attempt(shop)
    if shop.overdue and i >= 0:
        yield (
            FREE_STEP,
            f"the recovery finds attempt {i} overdue",
            begun(shop._replace(overdue=0), "settle", "cancel", i),
        )
    for what, after in heard(shop):
        own = True
        yield OWN_STEP, what, after
    if not own:
        yield from recovery(shop, kind)


def recovery(shop: Shop, kind: Kind) -> Iterator[Step]:
    """When nothing else goes on any more, clocks run out."""
    i = open_attempt(shop)
    if i >= 0 and shop.attempts[i].theirs != "-" and "look up" not in kind.without:
        yield OWN_STEP, f"the recovery looks attempt {i} up", begun(shop, "settle", "look", i)
    if kind.belt and "looks closed ones up" not in kind.without:
        for n, one in enumerate(shop.attempts):
            if one.ours in ("CANCELLED", "DECLINED") and one.theirs == "CHARGED":
                yield OWN_STEP, f"the recovery looks closed attempt {n} up", begun(shop, "settle", "look", n)
    if "deadline asks again" in kind.without and shop.payment == "PROCESSING":
        return
    if shop.cancelling:
        yield OWN_STEP, "the recovery goes on cancelling", begun(shop, "cancel", "void")
    elif shop.order == "CREATED" and (i < 0 or shop.attempts[i].theirs == "-"):
        yield OWN_STEP, "the recovery comes to the deadline", begun(shop, "deadline")


def never(shop: Shop) -> str | None:
    if any(one.paid_back > 1 for one in shop.attempts):
        return "paid back twice"
    if any(one.paid_back and one.theirs != "CHARGED" for one in shop.attempts):
        return "paid back what was not charged"
    return None


def at_rest(shop: Shop) -> str | None:
    holds = sum(one.theirs == "CHARGED" for one in shop.attempts) - sum(one.paid_back for one in shop.attempts)
    should = {"PAID": (1, "SUCCEEDED"), "CANCELLED": (0, "VOIDED"), "REFUNDED": (0, "REFUNDED")}
    if shop.order not in should:
        return f"the order does not end: {shop.order}, payment {shop.payment}"
    if (holds, shop.payment) != should[shop.order]:
        return f"{shop.order}, payment {shop.payment}, and we hold {holds} times the money"
    return "an intent is left" if shop.cancelling else None


def strays(shop: Shop) -> str | None:
    """What a decisive provider spares us: money that comes in for a closed payment."""
    closed = shop.payment == "VOIDED" and any(one.theirs == "CHARGED" for one in shop.attempts)
    return never(shop) or ("VOIDED and charged" if closed else None)


MINI = Shop(to_come=(("pay", 1), ("cancel", 1)))
SCENES = {
    "pay, cancel": MINI,
    "pay, cancel, left by the shopper": MINI._replace(overdue=1, repeats=0),
    "pay, cancel, deadline": Shop(to_come=(("pay", 1), ("cancel", 1), ("deadline", 1))),
    "pay twice, cancel": Shop(to_come=(("pay", 2), ("cancel", 1)), repeats=0),
}


def explore(kind: Kind, start: Shop, judge: Callable[[Any], str | None] = never, **how: bool) -> Result:
    return search(start, lambda shop: steps(shop, kind), judge, at_rest, **how)
