// The whole flow of the shop, from an empty shelf to a refund, through openapi-fetch and the types that
// openapi-typescript makes of its contract. It asks for the address of the gateway and prints what became of its two
// orders and what was refused.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./shop.ts";

type Schemas = components["schemas"];
type Client = ReturnType<typeof createClient<paths>>;
type Answer<Data, Problem> = { data?: Data; error?: Problem; response: Response };

const baseUrl = process.argv[2]!;
const { ADMIN_EMAIL, ADMIN_PASSWORD, OPERATOR_KEY } = process.env;
const mark = randomUUID().slice(-12);
const home: Schemas["CheckOut"] = { address_line1: "12 Quay Street", city: "Galway", country: "IE", postcode: "H91 XY00" };
const visitor = createClient<paths>({ baseUrl });

/** What was answered; a refusal ends the flow. */
async function granted<Data, Problem>(asked: Promise<Answer<Data, Problem>>): Promise<Data> {
  const { data, error, response } = await asked;
  assert(response.ok && data !== undefined, `${response.url}: ${response.status} ${JSON.stringify(error)}`);
  return data;
}

/** The problem with which it was refused; an answer ends the flow. */
async function refused<Data, Problem>(asked: Promise<Answer<Data, Problem>>): Promise<Problem> {
  const { error, response } = await asked;
  assert(error !== undefined, `${response.url}: ${response.status}`);
  return error;
}

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + 30_000;
  while (!(await isSo())) {
    assert(Date.now() < until, `not within 30 s: ${isSo}`);
    await setTimeout(50);
  }
}

async function loggedIn(body: Schemas["Credentials"]): Promise<{ client: Client; tokens: Schemas["Tokens"] }> {
  const tokens = await granted(visitor.POST("/auth/login", { body }));
  const headers = { Authorization: `Bearer ${tokens.access_token}` };
  return { client: createClient<paths>({ baseUrl, headers }), tokens };
}

/** The admin at work, and a lamp that has just been put on the shelf, with five pieces. */
async function offered(): Promise<{ admin: Client; offer: Schemas["Product"] }> {
  const { client: admin } = await loggedIn({ email: ADMIN_EMAIL!, password: ADMIN_PASSWORD! });
  const body = { title: `Walnut desk lamp ${mark}`, price_cents: 12999, currency: "EUR", sku: `LAMP-${mark}` };
  const offer = await granted(admin.POST("/catalog/v1/products/", { body }));
  const items = [{ product_id: offer.id, qty: 5 }];
  const headers = { "X-Internal-Key": OPERATOR_KEY };
  await granted(admin.POST("/catalog/v1/inventory/restock", { body: { items }, headers }));
  return { admin, offer };
}

/** Put two lamps in the cart, check out and pay; the parcel is ready when this returns. */
async function bought(asha: Client, lamp: Schemas["Product"]): Promise<Schemas["PlacedOrder"]> {
  const cart = await granted(asha.POST("/cart/v1/cart/items", { body: { product_id: lamp.id, qty: 2 } }));
  assert.equal(cart.total_cents, 25998);
  const params = { header: { "Idempotency-Key": randomUUID() } };
  const placed = await granted(asha.POST("/order/v1/orders/checkout", { params, body: home }));
  assert.deepEqual(await granted(asha.POST("/order/v1/orders/checkout", { params, body: home })), placed);
  const due = { order_id: placed.order_id, amount_cents: placed.total_cents, currency: placed.currency };
  const paid = await granted(asha.POST("/payment/v1/payments/mock-succeed", { body: due }));
  assert.equal(paid.status, "SUCCEEDED" satisfies Schemas["PaymentStatus"]);
  await eventually(() => isOrder(asha, placed, "PAID"));
  await eventually(async () => (await parcelOf(asha, placed)).status === "READY_TO_SHIP");
  return placed;
}

async function isOrder(asha: Client, placed: Schemas["PlacedOrder"], status: Schemas["OrderStatus"]): Promise<boolean> {
  const params = { path: { order_id: placed.order_id } };
  return (await granted(asha.GET("/order/v1/orders/{order_id}", { params }))).status === status;
}

async function parcelOf(asha: Client, placed: Schemas["PlacedOrder"]): Promise<Schemas["Shipment"]> {
  const params = { query: { order_id: placed.order_id } };
  const [parcel] = await granted(asha.GET("/shipping/v1/shipments", { params }));
  assert(parcel);
  return parcel;
}

const known = { email: `asha-${mark}@example.com`, password: "a long walk by the quay" };
const nobody = await refused(visitor.POST("/auth/login", { body: known }));

const { admin, offer } = await offered();
const account = await granted(visitor.POST("/auth/register", { body: known }));
const { client: asha, tokens } = await loggedIn(known);
assert.deepEqual(await granted(asha.GET("/auth/users/me")), account);

const found = await granted(visitor.GET("/catalog/v1/products/", { params: { query: { q: mark } } }));
assert.deepEqual(found.items, [{ ...offer, available: 5 }]);
const empty: Schemas["Problem"] = await refused(asha.POST("/order/v1/orders/checkout", { body: home }));
const unknown = await refused(asha.POST("/cart/v1/cart/items", { body: { product_id: randomUUID(), qty: 1 } }));

const kept = await bought(asha, offer);
const path = { shipment_id: (await parcelOf(asha, kept)).id };
await granted(admin.POST("/shipping/v1/shipments/{shipment_id}/dispatch", { params: { path } }));
await granted(admin.POST("/shipping/v1/shipments/{shipment_id}/deliver", { params: { path } }));
const late = await refused(
  asha.POST("/order/v1/orders/{order_id}/cancel", { params: { path: { order_id: kept.order_id } } }),
);

await eventually(async () => (await granted(asha.GET("/cart/v1/cart"))).items.length === 0);
const cancelled = await bought(asha, offer);
const params = { path: { order_id: cancelled.order_id } };
await granted(asha.POST("/order/v1/orders/{order_id}/cancel", { params }));
await eventually(() => isOrder(asha, cancelled, "REFUNDED"));
const query = { order_id: cancelled.order_id };
const payments = await granted(asha.GET("/payment/v1/payments", { params: { query } }));
assert.deepEqual(payments.items.map(({ status }) => status), ["REFUNDED"]);
const orders = await granted(asha.GET("/order/v1/orders", { params: { query: { limit: 1 } } }));
assert.deepEqual([orders.items.map(({ id }) => id), typeof orders.next_cursor], [[cancelled.order_id], "string"]);
const news = await granted(asha.GET("/notifications/v1/notifications", { params: { query } }));
assert(news.items.length > 0);
const stocked = { path: { product_id: offer.id } };
const stock = await granted(admin.GET("/catalog/v1/inventory/{product_id}", { params: stocked }));
assert.equal(stock.available, 3);

const renewed = await granted(visitor.POST("/auth/refresh", { body: { refresh_token: tokens.refresh_token } }));
const left = await asha.POST("/auth/logout", { body: { refresh_token: renewed.refresh_token } });
assert.equal(left.response.status, 204);
const problems = {
  "no such account": nobody.type,
  "empty cart": empty.type,
  "unknown product": unknown.type,
  "parcel gone": late.type,
};
console.log(JSON.stringify({ kept: kept.order_id, cancelled: cancelled.order_id, refused: problems }));
