"""The TypeScript package itself: what is in it, and that its calls are typed."""

import json
import subprocess

from tests.sdk.conftest import API_OPERATIONS, ROOT
from tooling import npm
from tooling.sdk.typescript import to_camel_case

# A line that is marked is refused by the compiler; a mark without need is an error, too.
CALLS = """
import { Shop, problems, type OrderStatus } from "shop-client";

export async function order(shop: Shop, productId: string): Promise<OrderStatus> {
  // @ts-expect-error
  await shop.cart.addLine({ product_id: productId, quantity: 1 });
  // @ts-expect-error
  await shop.order.getOrder();
  // @ts-expect-error
  await shop.payment.failPayment({ order_id: productId, code: "no_money" });
  await shop.cart.addLine({ product_id: productId, qty: 1 }, { idempotencyKey: "mine" });
  for await (const order of shop.order.iterOrders({ limit: 5 })) {
    // @ts-expect-error
    console.log(order.total_price);
  }
  try {
    return (await shop.order.checkOut({ address_line1: "12 Quay Street", city: "Galway", country: "IE" })).status;
  } catch (refusal) {
    if (refusal instanceof problems.PriceChanged) console.log(refusal.lines?.map((line) => line.new_price_cents));
    // @ts-expect-error
    if (refusal instanceof problems.OutOfStock) console.log(refusal.lines);
    throw refusal;
  }
}
"""
METHODS = """
import { Shop } from "shop-client";

const services = Object.entries(new Shop("http://127.0.0.1")).filter(([, service]) => service.call);
const methods = (service) => Object.getOwnPropertyNames(Object.getPrototypeOf(service));
console.log(JSON.stringify(Object.fromEntries(services.map(([name, service]) => [name, methods(service)]))));
"""


def test_the_compiler_refuses_calls_that_do_not_fit_the_contracts(installed_in_node):
    calls = installed_in_node / "calls.ts"
    calls.write_text(CALLS)
    compiler = npm.install_locked(ROOT / "tooling" / "sdk") / "node_modules" / "typescript" / "bin" / "tsc"
    flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"]

    ended = subprocess.run([npm.NODE, compiler, *flags, calls], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (0, "")


def test_every_operation_that_the_gateway_lets_in_is_a_method_and_no_other(installed_in_node):
    script = installed_in_node / "methods.js"
    script.write_text(METHODS)

    printed = subprocess.run([npm.NODE, script], capture_output=True, text=True, check=True).stdout

    for service, methods in json.loads(printed).items():
        named = {name for name in methods if name != "constructor" and not name.startswith("iter")}
        assert named == {
            to_camel_case(name) for name, access in API_OPERATIONS[service].items() if access.public or access.roles
        }
    assert json.loads(printed).keys() == API_OPERATIONS.keys()
