"""The command: open the shop, run the flow, show the mails and the figures, close the shop."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo import measurements
from demo.console import Console, StepFailed
from demo.sample_data import add_sample_data
from demo.scenario import Scenario
from demo.session import OpenShop, open_shop
from features.shop.shop_client import ShopClient
from infra.local.kafka import KAFKA_VERSIONS
from infra.local.process import StackError
from infra.local.run_dir import ROOT


def run(argv: Sequence[str]) -> int:
    """Run the demo; 1 when a step fails, 130 when a person stops it."""
    options, console = _options(argv), Console()
    try:
        with open_shop(options, console) as shop:
            asyncio.run(_flow(shop, console, options))
    except StepFailed as failed:
        print(f"\nThe demo failed at: {failed}\nThe logs are in {options.run_dir / 'logs'}.", file=sys.stderr)
        return 1
    except (StackError, OSError) as trouble:
        print(f"\nThe demo cannot run: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    console.heading("Everything worked")
    if options.keep:
        console.line("The shop stays open until scripts/down.py stops it:")
        console.line(f"shop    {shop.manifest['gateway']}/")
        console.line(f"inbox   {shop.manifest['mail']}")
    return 0


async def _flow(opening: OpenShop, console: Console, options: argparse.Namespace) -> None:
    ready, began = measurements.process_age() if opening.started_here else None, time.monotonic()
    async with ShopClient(opening.manifest) as shop:
        scenario = Scenario(shop, console)
        await scenario.buy_until_delivered()
        await scenario.cancel_paid_order()
        flow = time.monotonic() - began
        if options.unsure:
            await scenario.pay_unsure_provider()
        await scenario.order_many()
        measured = measurements.Measurements(ready, flow, scenario.checkouts, scenario.payments_to_mails)
        measurements.print_measurements(console, measured, opening.manifest, all_of_them=options.figures)
        if options.keep:
            await add_sample_data(shop)
        console.heading("What Asha found in her mailbox")
        for mail in await scenario.list_mails():
            console.line()
            console.line(f"{mail.arrived_at:%H:%M:%S}  {mail.subject}")
            console.quote(mail.text.partition("\n-- \n")[0])  # without what stands under each


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run the whole flow of the shop, step by step, and show the mails.")
    parser.add_argument("--keep", action="store_true", help="leave the shop open")
    parser.add_argument("--unsure", action="store_true", help="show payments whose request or answer is lost, too")
    parser.add_argument("--figures", action="store_true", help="print all that was measured")
    parser.add_argument("--ports", choices=["fixed", "free"], default="fixed")
    parser.add_argument("--kafka", choices=sorted(KAFKA_VERSIONS), default="kraft")
    parser.add_argument("--run-dir", type=lambda text: Path(text).absolute(), default=ROOT / ".run", metavar="DIR")
    return parser.parse_args(argv)
