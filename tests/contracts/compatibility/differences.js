// Says of each pair of AsyncAPI documents on standard input which kinds of differences there are.
const { diff } = require("@asyncapi/diff");

const pairs = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const kinds = pairs.map(([before, after]) => diff(before, after).getOutput().changes.map((change) => change.type));
process.stdout.write(JSON.stringify(kinds));
