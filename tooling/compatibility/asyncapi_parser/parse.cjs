// What the official parser has to say about each document: node parse.cjs <node_modules> <file>...
const [modules, ...files] = process.argv.slice(2);
const { Parser, fromFile } = require(`${modules}/@asyncapi/parser`);

// For each document the schema of AsyncAPI would be compiled again, which takes nine tenths of the time.
const validators = require(`${modules}/@stoplight/spectral-functions/dist/schema/ajv.js`);
const shared = validators.createAjvInstances();
validators.createAjvInstances = () => shared;

// 3.1.0 adds the bindings of ROS 2 and nothing else; there are tools that read 3.0.0 only.
const parser = new Parser({ ruleset: { rules: { "asyncapi-latest-version": "off" } } });

async function main() {
  const faults = {};
  for (const file of files) {
    const { diagnostics } = await fromFile(parser, file).parse();
    faults[file] = diagnostics.map(({ code, message, path }) => `${code} at ${path.join("/")}: ${message}`);
  }
  process.stdout.write(JSON.stringify(faults));
}

main();
