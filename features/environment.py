"""Open the shop once for all scenarios, and give each a context of its own."""

import asyncio
from contextlib import AsyncExitStack, ExitStack

import httpx
from behave.cucumber_expression import (
    ParameterType,
    define_parameter_type,
    use_step_matcher_for_cucumber_expressions,
)
from behave.model_core import Status

from features.shop.mailbox import SUBJECTS
from features.shop.money import parse_money
from features.shop.page_visitor import BrowserOnDemand
from features.shop.running_shop import running_shop, timeouts
from features.shop.scenario_context import ScenarioContext
from features.shop.shop_client import ShopClient
from services.money import Money
from tooling.browser import NoBrowserError, is_available
from tooling.conformance.contract_recorder import record_exchange, record_published

PARAMETER_TYPES = {
    "money": (r"\d+(?:\.\d+)? [A-Z]{3}", Money, parse_money),
    "shopper": (r"Asha|Bram|she|he", str, str),
    "whose": (r"Asha's|Bram's|her|his", str, str),
    "news": ("|".join(SUBJECTS), str, str),
}
use_step_matcher_for_cucumber_expressions()
for name, (pattern, kind, read) in PARAMETER_TYPES.items():
    define_parameter_type(ParameterType(name, pattern, kind, read, True, False))


def before_all(context):
    context.loop = asyncio.new_event_loop()
    asyncio.set_event_loop(context.loop)  # where behave runs the steps
    context.exit_stack, context.async_exit_stack = ExitStack(), AsyncExitStack()
    manifest = context.exit_stack.enter_context(running_shop())
    context.timeouts = timeouts(manifest)
    context.browser = BrowserOnDemand(context.async_exit_stack)
    try:
        context.shop = context.loop.run_until_complete(
            context.async_exit_stack.enter_async_context(ShopClient(manifest))
        )
        inbox = httpx.URL(manifest["mail"])

        def record(exchange):
            if exchange.request.url.netloc != inbox.netloc:  # which is no part of the shop, whose storefront is at /
                record_exchange(exchange.response, "features")

        context.shop.transport.listeners.append(record)
    except BaseException:
        context.exit_stack.close()
        raise


def after_all(context):
    try:
        context.loop.run_until_complete(record_published(context.shop.manifest["kafka"], "features"))
    finally:
        context.loop.run_until_complete(context.async_exit_stack.aclose())
        context.exit_stack.close()
        context.loop.close()


def before_scenario(context, scenario):
    if "short_times" in scenario.effective_tags and max(context.timeouts.values()) > 60:
        scenario.skip("this shop was not started with short times (features/shop/running_shop.py)")
    if "browser" in scenario.effective_tags and not is_available():
        scenario.skip(str(NoBrowserError()))
    context.world = ScenarioContext(context.shop)


def after_scenario(context, scenario):
    if "world" in context:  # it was not skipped
        context.loop.run_until_complete(context.world.close())


def before_step(context, step):
    context.shop.transport.clear()


def after_step(context, step):
    if step.status in (Status.failed, Status.error):
        print(f"\nWhat was seen while {step.keyword.strip()} {step.name}:")
        print("\n".join(f"  {line}" for line in context.shop.transport.summarize()) or "  nothing was asked")
