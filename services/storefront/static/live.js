"use strict";
// Shows what has become of the order, while something may: without it, the page has a link to look again.
(() => {
  const FIRST = 2000, LONGEST = 60000, END = 2 * 60 * 60 * 1000; // milliseconds
  const news = document.getElementById("news");
  const begun = Date.now();
  let pause = FIRST;

  const textsOf = (live) => [...live.querySelectorAll("[data-news]")].map((element) => element.textContent.trim());

  function show(next) {
    const live = document.getElementById("live");
    if (next.innerHTML === live.innerHTML) return false;
    const before = textsOf(live);
    const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
    live.replaceWith(next);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    const told = textsOf(next).filter((text) => !before.includes(text));
    if (told.length) news.textContent = told.join(". ");
    return true;
  }

  async function look() {
    if (document.hidden) return wait();
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
      if (answer.status === 401 || answer.status === 404) return;
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const next = page.getElementById("live");
        if (!next) return;
        if (show(next)) pause = FIRST;
        if (next.dataset.atRest === "yes") return;
      }
    } catch {
      // the shop is away for a moment: it is asked again, later each time
    }
    wait();
  }

  function wait() {
    if (Date.now() - begun > END) return;
    setTimeout(look, pause);
    pause = Math.min(pause * 1.5, LONGEST);
  }

  wait();
})();
