"use strict";
// Shows what is found while somebody types into the search field: without it, the form leads to a page of its own.
(() => {
  const PAUSE = 250, LATEST = 5000; // milliseconds
  const SHORTEST = 2, MOST = 6; // letters that are looked for, products that are shown
  const field = document.getElementById("q");
  const form = field?.form;
  if (!form) return;

  const box = document.createElement("div");
  const told = document.createElement("p");
  const list = document.createElement("ul");
  box.className = "suggestions";
  box.hidden = true;
  told.setAttribute("role", "status");
  list.setAttribute("role", "list");
  box.append(told, list);
  form.append(box);

  let timer = 0, asked = null;

  function close() {
    clearTimeout(timer);
    asked?.abort();
    box.hidden = true;
  }

  function suggestion(card) {
    const product = card.querySelector(".card-title a");
    const item = document.createElement("li");
    const link = document.createElement("a");
    const price = document.createElement("span");
    link.href = product.getAttribute("href");
    link.lang = product.lang;
    link.textContent = product.textContent;
    price.textContent = card.querySelector(".price").textContent;
    item.append(link, price);
    return item;
  }

  async function look() {
    const text = field.value.trim();
    asked?.abort(); // what was typed before is of no use any more
    if (text.length < SHORTEST) return close();
    const mine = asked = new AbortController();
    const late = setTimeout(() => mine.abort(), LATEST);
    try {
      const query = new URLSearchParams({ q: text });
      const answer = await fetch(`/search?${query}`, { headers: { Accept: "text/html" }, signal: mine.signal });
      const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== asked) return;
      if (!page) return close();
      list.replaceChildren(...[...page.querySelectorAll("#products .card")].slice(0, MOST).map(suggestion));
      box.hidden = false;
      told.textContent = page.querySelector("h1").textContent;
    } catch {
      if (mine === asked) close(); // the shop is away, or slow: Enter leads to the page that says so
    } finally {
      clearTimeout(late);
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  form.addEventListener("submit", close);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || box.hidden) return;
    event.preventDefault(); // which would empty the field
    close();
    field.focus();
  });
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
})();
