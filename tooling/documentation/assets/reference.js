// Shows the document that the page names, and tries its operations against the shop that the page came from.
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", shade);
shade();

// A page that was written to a folder holds its document, and has no shop to try it with.
const held = document.getElementById("held");

async function read(place) {
  if (held) return JSON.parse(held.textContent);
  const answer = await fetch(place.dataset.document);
  if (!answer.ok) throw new Error(`${place.dataset.document}: ${answer.status} ${answer.statusText}`);
  const contract = await answer.json();
  const [server] = contract.servers;
  contract.servers = [{ url: location.origin + server.url.replace(/^[^/]*\/\/[^/]+/, "").replace(/\/$/, "") }];
  return withoutChoices(contract);
}

// Only what must be given is filled in: what an example gives would be sent as it stands, and nothing be found by it.
function withoutChoices(contract) {
  const shared = Object.values(contract.components.parameters ?? {});
  const items = Object.values(contract.paths).flatMap((item) => [item, ...Object.values(item)]);
  for (const parameter of [...shared, ...items.flatMap((node) => node.parameters ?? [])])
    if (!parameter.required && "example" in parameter) {
      parameter.description = `${parameter.description ?? ""}\n\nFor example \`${parameter.example}\``;
      delete parameter.example;
    }
  return contract;
}

async function show() {
  const place = document.getElementById("reference");
  if (held) document.querySelector(".hint").remove();
  try {
    const ui = SwaggerUIBundle({
      domNode: place,
      spec: await read(place),
      deepLinking: true,
      tryItOutEnabled: !held,
      ...(held && { supportedSubmitMethods: [] }),
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      defaultModelExpandDepth: 4,
      validatorUrl: null,
      // Whoever logs in or registers on the page is logged in on the page.
      responseInterceptor(answer) {
        if (answer.obj?.access_token) ui.preauthorizeApiKey("shopper", answer.obj.access_token);
        return answer;
      },
    });
    addEventListener("hashchange", () => ui.getSystem().layoutActions.parseDeepLinkHash(location.hash));
  } catch (trouble) {
    place.textContent = `The document cannot be read. ${trouble.message}`;
  }
}

addEventListener("DOMContentLoaded", show);
