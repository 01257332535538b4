// Uses the pages of a running shop as a person does, and writes what was seen as JSON: node reference.mjs GATEWAY PICTURES
// ADMIN in the environment says who logs in.
import { chromium } from "playwright-core";
import packaged from "@sparticuz/chromium";

const [gateway, pictures] = process.argv.slice(2);
const { email, password } = JSON.parse(process.env.ADMIN);
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const browser = await chromium.launch({
  executablePath: await packaged.executablePath(),
  args: ["--no-sandbox", "--headless=shell", "--disable-gpu", ...quiet],
});
const seen = { asked: [], said: [], answers: {}, widths: {} };

async function open(address, { width = 1280, scheme = "light" } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 1200 }, colorScheme: scheme, locale: "en-US" });
  const page = await context.newPage();
  page.on("request", (request) => seen.asked.push(request.url()));
  page.on("console", (message) => message.type() === "error" && seen.said.push(message.text()));
  page.on("pageerror", (error) => seen.said.push(String(error)));
  await page.goto(`${gateway}/docs/${address}`);
  return page;
}

async function answerTo(page, anchor, body) {
  await page.locator(`.side a[href="#/${anchor}"]`).evaluate((link) => link.click());
  const operation = page.locator(`#operations-${anchor.replace("/", "-")}`);
  if (body) await operation.locator("textarea").fill(JSON.stringify(body));
  await operation.locator("button.execute").click();
  const answer = operation.locator(".live-responses-table tbody tr").last();
  await answer.locator(".microlight").first().waitFor();
  return {
    status: await answer.locator(".response-col_status").innerText(),
    body: JSON.parse(await answer.locator(".highlight-code .microlight").first().innerText()),
    url: await operation.locator(".request-url .microlight").innerText(),
  };
}

const order = await open("openapi/order.html");
seen.answers.stranger = await answerTo(order, "orders/check_out");
const shop = await open("openapi/shop.html");
seen.answers.login = await answerTo(shop, "auth/log_in", { email, password });
seen.answers.self = await answerTo(shop, "auth/get_own_account");
seen.answers.products = await answerTo(shop, "catalog/list_products");
seen.answers.checkout = await answerTo(shop, "order/check_out");

const events = ["asyncapi/shop.html", "section.event"];
for (const [address, shown] of [["", "section.service"], events, ["openapi/shop.html", ".opblock"]])
  for (const [width, scheme] of [[1280, "light"], [360, "dark"]]) {
    const page = await open(address, { width, scheme });
    await page.locator(shown).first().waitFor();
    const name = `${address.replace(/\W/g, "-") || "index"}-${width}-${scheme}`;
    seen.widths[name] = [width, await page.evaluate(() => document.documentElement.scrollWidth)];
    await page.screenshot({ path: `${pictures}/${name}.png` });
  }

await browser.close();
process.stdout.write(JSON.stringify(seen));
