"""Open the shop once for all scenarios, and give each its own cast."""

import asyncio
from contextlib import AsyncExitStack, ExitStack

from behave.cucumber_expression import (
    ParameterType,
    define_parameter_type,
    use_step_matcher_for_cucumber_expressions,
)
from behave.model_core import Status

from chassis.testing.contract_recorder import record_exchange, record_published
from features.shop.cast import Cast
from features.shop.mailbox import SUBJECTS
from features.shop.opened import opened
from features.shop.running import running, times
from services.money import Money

TYPES = {
    "money": (r"\d+(?:\.\d+)? [A-Z]{3}", Money, Money.parse),
    "shopper": (r"Asha|Bram|she|he", str, str),
    "whose": (r"Asha's|Bram's|her|his", str, str),
    "news": ("|".join(SUBJECTS), str, str),
}
use_step_matcher_for_cucumber_expressions()
for name, (pattern, kind, read) in TYPES.items():
    define_parameter_type(ParameterType(name, pattern, kind, read, True, False))


def before_all(context):
    context.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(context.loop)  # where behave runs the steps
    context.closing, context.leaving = ExitStack(), AsyncExitStack()
    where = context.closing.enter_context(running())
    context.times = times(where)
    try:
        context.shop = context.loop.run_until_complete(context.leaving.enter_async_context(opened(where)))
        context.shop.wire.watchers.append(lambda exchange: record_exchange(exchange.response, "features"))
        context.kafka = where["kafka"]
    except BaseException:
        context.closing.close()
        raise


def after_all(context):
    try:
        context.loop.run_until_complete(record_published(context.kafka, "features"))
    finally:
        context.loop.run_until_complete(context.leaving.aclose())
        context.closing.close()
        context.loop.close()


def before_scenario(context, scenario):
    if "short_times" in scenario.effective_tags and max(context.times.values()) > 60:
        scenario.skip("this shop was not started with short times (features/shop/running.py)")
    context.cast = Cast(context.shop)


def before_step(context, step):
    context.shop.wire.forget()


def after_step(context, step):
    if step.status in (Status.failed, Status.error):
        print(f"\nWhat was seen while {step.keyword.strip()} {step.name}:")
        print("\n".join(f"  {line}" for line in context.shop.wire.seen()) or "  nothing was asked")
