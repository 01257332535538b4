// The models that modelina makes of a document, by language and name: node models.cjs <node_modules> <file>
const [modules, file] = process.argv.slice(2);
const modelina = require(`${modules}/@asyncapi/modelina`);
const document = require(file);

async function main() {
  const made = {};
  for (const language of ["TypeScript", "Python", "Java", "Go", "CSharp"]) {
    const models = await new modelina[`${language}Generator`]().generate(structuredClone(document));
    made[language] = models.map(({ modelName, dependencies, result }) => [modelName, dependencies, result]);
  }
  process.stdout.write(JSON.stringify(made));
}

main();
