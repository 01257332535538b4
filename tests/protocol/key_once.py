"""An operation that is one transaction (a restock, a payment) under an Idempotency-Key, without a lease.

Two requests with the same key and body, one with the same key and another body; each may die anywhere. The effect is a
number that grows; whether it may grow can change twice. What a process has done and not committed is lost when it dies,
and so are its locks.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tests.protocol.explorer import CRASH, FREE_STEP, OWN_STEP, Result, Step, search

INVARIANTS = {
    "one transaction": "the key is claimed in the transaction of the effect (else: before, and served again)",
    "one transaction, else refused": "the same (else: before, and refused as in use without an outcome)",
    "key first": "the key is claimed before the effect (else: the effect is committed, then the key is written)",
    "waits": "who meets a claimed key waits for the end of that transaction",
    "fingerprint": "the key remembers what was asked",
    "outcome": "the answer is kept in the same transaction (else: made again from what is so now)",
    "refusals too": "a refusal is an outcome: the effect is rolled back, the key stays",
    "server ends it": "the server ends the transaction of a process that died",
}


class Request(NamedTuple):
    at: int  # 0 claims, 1 has the effect, 2 commits, 3 answers; 5 and 6 are for the missing rule "key first"
    body: str
    answer: str = ""


class World(NamedTuple):
    effects: tuple[str, ...] = ()
    key: tuple[str, str] | None = None  # the body it was used for, and the outcome
    locked_by: int = -1  # a request; -2: one that died
    allowed: bool = True
    requests: tuple[Request | None, ...] = (None, None, None)
    to_come: tuple[str, ...] = ("P", "P", "Q")
    changes_left: int = 2
    answers: frozenset[tuple[str, str]] = frozenset()  # the final ones, by body
    retried: bool = False


Outcome = tuple[str, World, Request | None]
Rules = frozenset[str]


def advance(world: World, i: int, request: Request, without: Rules) -> Iterator[Outcome]:
    if request.at == 0:
        yield from _claim(world, i, request, without)
    elif request.at in (1, 5):
        answer = f"done {len(world.effects) + 1}" if world.allowed else "refused"
        if request.at == 1:
            yield f"tries: {answer}", world, request._replace(at=2, answer=answer)
        else:
            effects = world.effects if answer == "refused" else (*world.effects, request.body)
            yield (
                f"commits the effect: {answer}",
                world._replace(effects=effects),
                request._replace(at=6, answer=answer),
            )
    elif request.at == 2:
        yield _commit(world, i, request, without)
    elif request.at == 3:
        answers = world.answers | {(request.body, request.answer)}
        yield f"answers {request.answer}", world._replace(answers=answers), None
    else:
        yield "writes the key", world._replace(key=world.key or (request.body, request.answer)), request._replace(at=3)


def _claim(world: World, i: int, request: Request, without: Rules) -> Iterator[Outcome]:
    if "key first" in without:
        if world.key is None:
            yield "does not know the key", world, request._replace(at=5)
        else:
            yield from _known(world, request, world.key, without)
    elif world.locked_by not in (-1, i) and "waits" not in without:
        return  # if that transaction is rolled back, it claims the key itself
    elif world.key is not None:
        yield from _known(world, request, world.key, without)
    elif without & {"one transaction", "one transaction, else refused"}:
        yield "claims the key and commits", world._replace(key=(request.body, "")), request._replace(at=1)
    else:
        yield "claims the key", world._replace(locked_by=i), request._replace(at=1)


def _known(world: World, request: Request, key: tuple[str, str], without: Rules) -> Iterator[Outcome]:
    body, outcome = key
    if body != request.body and "fingerprint" not in without:
        yield "answers 422", world._replace(answers=world.answers | {(request.body, "422")}), None
    elif outcome:
        yield f"replays {outcome}", world, request._replace(at=3, answer=outcome)
    elif "one transaction, else refused" in without:
        yield "answers 409 in-use", world, None
    elif "outcome" in without:
        answer = f"done {len(world.effects)}" if world.allowed else "refused"
        yield "makes the answer again", world, request._replace(at=3, answer=answer)
    else:
        yield "serves it again", world, request._replace(at=1)


def _commit(world: World, i: int, request: Request, without: Rules) -> Outcome:
    if request.answer == "refused" and "refusals too" in without:
        return "rolls back", world._replace(locked_by=-1), request._replace(at=3)
    effects = world.effects if request.answer == "refused" else (*world.effects, request.body)
    outcome = "" if "outcome" in without else request.answer
    key = world.key if world.key and world.key[1] else (request.body, outcome)
    free = -1 if world.locked_by == i else world.locked_by
    return "commits", world._replace(effects=effects, key=key, locked_by=free), request._replace(at=3)


def steps(world: World, without: Rules) -> Iterator[Step]:
    slot = next((i for i, request in enumerate(world.requests) if request is None), None)
    for n, body in enumerate(world.to_come):
        if slot is not None and body not in world.to_come[:n]:
            to_come = (*world.to_come[:n], *world.to_come[n + 1 :])
            begun = _with_request(world, slot, Request(0, body))
            yield FREE_STEP, f"a request {body} begins", begun._replace(to_come=to_come)
    if world.changes_left:
        changed = world._replace(allowed=not world.allowed, changes_left=world.changes_left - 1)
        yield FREE_STEP, "what is allowed changes", changed
    for i, request in enumerate(world.requests):
        if request is None:
            continue
        for event, after, following in advance(world, i, request, without):
            yield OWN_STEP, f"[{request.body}{i}] {event}", _with_request(after, i, following)
        locked = world.locked_by
        if locked == i:
            locked = -2 if "server ends it" in without else -1
        died = _with_request(world, i, None)._replace(locked_by=locked)
        yield CRASH, f"[{request.body}{i}] dies before step {request.at}", died
    if not any(world.requests) and not world.to_come and not world.retried:
        yield OWN_STEP, "a last retry of P begins", _with_request(world, 0, Request(0, "P"))._replace(retried=True)


def _with_request(world: World, i: int, request: Request | None) -> World:
    return world._replace(requests=(*world.requests[:i], request, *world.requests[i + 1 :]))


def never(world: World) -> str | None:
    if len(world.effects) > 1:
        return "two effects"
    for body in "PQ":
        answers = {answer for who, answer in world.answers if who == body}
        if len(answers) > 1:
            return "two different answers to the same request"
        if any(answer.startswith("done") for answer in answers) and body not in world.effects:
            return "'done' was answered to a request that was not done"
    return None


def at_rest(world: World) -> str | None:
    return "a request waits for a dead process" if any(world.requests) else None


def unanswered(world: World, without: Rules) -> str | None:
    """Where nothing runs, a retry that nobody disturbs must get a final answer."""
    if any(world.requests):
        return None
    alone = _with_request(world, 0, Request(0, "P"))
    while (request := alone.requests[0]) is not None:
        following = next(advance(alone, 0, request, without), None)
        if following is None:
            return "a retry waits for ever"
        alone = _with_request(following[1], 0, following[2])
    return None if any(body == "P" for body, _ in alone.answers) else "a retry gets no final answer"


def explore(*without: str) -> Result:
    rules = frozenset(without)
    return search(
        World(), lambda world: steps(world, rules), lambda world: never(world) or unanswered(world, rules), at_rest
    )
