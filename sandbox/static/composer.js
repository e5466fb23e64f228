// Knows the composer: what is being written and for whom, and how it is submitted without ever losing a word of it.
// It must not know apps: it tells the document what changed, does what it is asked to, and asks before it saves.
import { refresh } from "./desk.js";
import { notice } from "./notices.js";
import { settle } from "./properties.js";

const PATIENCE_MS = 5000; // how long an app may think before a save goes on without it (our choice)

const form = document.getElementById("composer");
const text = document.getElementById("agent-body");
const refusal = document.getElementById("refusal");
const workspace = document.querySelector(".workspace");
const KEPT = workspace && `desk-draft-${workspace.dataset.agent}-${workspace.dataset.ticket}`;

export const isPublic = () => form.querySelector("[name=kind]:checked")?.value === "public";

export function write(words, append) {
  const before = text.value.trimEnd();
  text.value = append && before ? `${before}\n\n${words}` : words;
  text.dispatchEvent(new Event("input"));
}

export function writeFor(everybody) {
  const kind = form.querySelector(`[name=kind][value=${everybody ? "public" : "internal"}]`);
  if (kind) kind.checked = true;
  tell();
}

function tell() {
  form.classList.toggle("internal", !isPublic());
  keep();
  const detail = { text: text.value, public: isPublic() };
  document.dispatchEvent(new CustomEvent("desk:comment-changed", { detail }));
}

// What is typed outlives a loading of the page; it stays in this browser's tab and goes with it.
function keep() {
  if (text.value) sessionStorage.setItem(KEPT, JSON.stringify({ text: text.value, public: isPublic() }));
  else sessionStorage.removeItem(KEPT);
}

function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (!kept || text.value) return tell();
  text.value = kept.text;
  writeFor(kept.public);
}

function refuse(why) {
  refusal.textContent = why;
  refusal.hidden = !why;
}

async function askApps() {
  const late = new Promise((go) => setTimeout(() => go({ ok: true }), PATIENCE_MS));
  const verdict = await Promise.race([window.deskHost?.beforeSave?.() ?? { ok: true }, late]);
  return verdict?.ok === false ? verdict.message || "An app holds this back." : "";
}

async function save(fields) {
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.error || "The desk refused this.");
  return said;
}

async function submit() {
  refuse("");
  const held = await askApps();
  if (held) return refuse(held);
  const fields = new FormData(form);
  const sent = text.value;
  const said = await save(fields);
  if (text.value === sent) write("", false); // what was typed while it was on its way stays
  document.getElementById("pending").textContent = "";
  const fresh = await refresh();
  if (fresh) settle(fresh, true);
  notice(said.said);
  return undefined;
}

if (form) {
  text.addEventListener("input", () => { refuse(""); tell(); }); // what was said of the words before is over
  for (const kind of form.querySelectorAll("[name=kind]")) kind.addEventListener("change", tell);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector(".submit button");
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    try {
      await submit();
    } catch (error) {
      refuse(error instanceof TypeError ? "The desk cannot be reached. What you wrote is kept; try again." : error.message);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });
  document.addEventListener("desk:comment-set", ({ detail }) => write(detail.text ?? "", Boolean(detail.append)));
  bringBack();
}
