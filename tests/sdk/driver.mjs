// Makes the calls of tests/sdk/node.py with the TypeScript client: a line of JSON each, and one for its outcome.
import { createInterface } from "node:readline";

const { Shop } = await import(process.argv[2]);
let shop;

for await (const line of createInterface({ input: process.stdin })) {
  const { number, path, given } = JSON.parse(line, unpacked);
  outcome(path, given).then(async (said) => console.log(JSON.stringify({ number, tokens: shop.tokens, ...said })));
}

async function outcome(path, given) {
  try {
    if (path === "new") shop = new Shop(...given);
    else return { answer: await packed(await called(path.split("."), given)) };
    return {};
  } catch (error) {
    const { name, message, status, problem, retryAfter } = error;
    return { error: { name, message, status, problem, retryAfter } };
  }
}

async function called([first, second], given) {
  const result = second ? shop[first][second](...given) : shop[first](...given);
  return Symbol.asyncIterator in result ? Array.fromAsync(result) : result;
}

function unpacked(_, value) {
  return value?.$bytes === undefined ? value : new Blob([Buffer.from(value.$bytes, "base64")]);
}

async function packed(value) {
  return value instanceof Blob ? { $bytes: Buffer.from(await value.arrayBuffer()).toString("base64") } : value;
}
