// Keeps the page fresh: fetches it again every few seconds and swaps the parts marked data-live when they changed.
// It must not touch forms or what a person is reading with a menu open; without it the page works all the same.
"use strict";

const PAUSE_MS = 3000;

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const now = fresh.getElementById(part.id);
    const reading = part.querySelector("details[open]") || part.contains(document.activeElement);
    if (now && !reading && now.innerHTML !== part.innerHTML) part.replaceChildren(...now.childNodes);
  }
}

setInterval(() => refresh().catch(() => {}), PAUSE_MS); // a desk that is restarting answers again later
