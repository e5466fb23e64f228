// Keeps the page fresh: fetches it again every few seconds and swaps the parts marked data-live when they changed.
// It must not touch forms, move the focus, or change what a person is choosing or marking; without it the page works.
import { notice } from "./notices.js";

const PAUSE_MS = 3000;

export async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return null;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const before = newest()?.dataset.comment;
  for (const part of document.querySelectorAll("[data-live]")) swap(part, fresh.getElementById(part.id));
  const last = newest();
  const changed = Boolean(before && last && last.dataset.comment !== before);
  if (changed && last.dataset.author !== document.querySelector("[data-me]")?.dataset.me) notice(`New message from ${last.dataset.author}`);
  const token = fresh.querySelector("input[name=csrf]")?.value; // the sandbox may have been started again meanwhile
  for (const field of document.querySelectorAll("input[name=csrf]")) field.value = token ?? field.value;
  document.dispatchEvent(new CustomEvent("desk:refreshed", { detail: { fresh, changed } }));
  return fresh;
}

function newest() {
  return [...document.querySelectorAll("[data-comment]")].at(-1);
}

function swap(part, now) {
  if (!now || now.innerHTML === part.innerHTML || beingRead(part)) return;
  const held = part.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  part.replaceChildren(...now.childNodes);
  if (held) part.querySelector(`[data-key="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

function beingRead(part) {
  const active = document.activeElement;
  if (part.contains(active) && !active.dataset.key) return true;
  const marked = getSelection();
  return Boolean(marked && !marked.isCollapsed && part.contains(marked.anchorNode));
}

setInterval(() => {
  if (!document.hidden) refresh().catch(() => {}); // a desk that is restarting answers again later
}, PAUSE_MS);

for (const menu of document.querySelectorAll("details.me")) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}
