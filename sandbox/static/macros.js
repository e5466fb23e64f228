// Knows the macro menu: macros in folders by `::`, found by typing, chosen by key; and how one fills the form.
// It must not save anything, and never takes away what was typed: a macro's words are added below it.
import { isPublic, write, writeFor } from "./composer.js";
import { notice } from "./notices.js";
import { put, retag } from "./properties.js";

const box = document.getElementById("macros");
const opener = document.getElementById("macros-open");
const menu = document.getElementById("macros-menu");
const find = document.getElementById("macros-find");
const list = document.getElementById("macros-list");
const trail = document.getElementById("macros-trail");
const ticket = document.querySelector(".workspace")?.dataset.ticket;

let macros = [];
let folder = [];
let chosen = 0;

// What the menu shows: what the typed words find anywhere, else what is in the folder that is open.
function entries() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length) {
    const found = macros.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
    return found.map(({ id, title }) => ({ id, name: title.split("::").join(" › ") }));
  }
  const here = new Map();
  for (const { id, title } of macros) {
    const path = title.split("::");
    if (!folder.every((part, place) => path[place] === part) || path.length <= folder.length) continue;
    const name = path[folder.length];
    const last = path.length === folder.length + 1;
    here.set(last ? `m${id}` : `f${name}`, last ? { id, name } : { folder: [...folder, name], name });
  }
  return [...here.values()].sort((one, other) => Boolean(other.folder) - Boolean(one.folder));
}

function draw() {
  const shown = entries();
  chosen = Math.min(chosen, Math.max(shown.length - 1, 0));
  trail.textContent = find.value ? "" : folder.join(" › ");
  list.replaceChildren(
    ...shown.map((entry, place) => {
      const line = document.createElement("li");
      line.id = `macro-${place}`;
      line.setAttribute("role", "option");
      line.setAttribute("aria-selected", String(place === chosen));
      line.textContent = entry.name;
      line.classList.toggle("folder", Boolean(entry.folder));
      if (entry.folder) line.setAttribute("aria-label", `${entry.name}, folder`);
      line.addEventListener("mousedown", (event) => event.preventDefault()); // the focus stays in the search field
      line.addEventListener("click", () => take(entry));
      return line;
    }),
  );
  if (!shown.length) trail.textContent = find.value ? "No macro has these words." : "There are no macros.";
  if (shown.length) find.setAttribute("aria-activedescendant", `macro-${chosen}`);
  else find.removeAttribute("aria-activedescendant");
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

function take(entry) {
  if (!entry) return;
  if (entry.folder) open(entry.folder);
  else {
    close();
    apply(entry.id).then(() => document.getElementById("agent-body").focus());
  }
}

function open(path) {
  folder = path;
  find.value = "";
  chosen = 0;
  draw();
}

function close() {
  menu.hidden = true;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
}

async function show() {
  const answer = await fetch("/desk/macros", { headers: { Accept: "application/json" } });
  macros = answer.ok ? (await answer.json()).macros : [];
  menu.hidden = false;
  opener.setAttribute("aria-expanded", "true");
  open(macros.length && macros.every(({ title }) => title.startsWith(`${macros[0].title.split("::")[0]}::`)) ? [macros[0].title.split("::")[0]] : []);
  find.focus();
}

export async function apply(id) {
  const answer = await fetch(`/desk/tickets/${ticket}/macros/${encodeURIComponent(id)}`, { headers: { Accept: "application/json" } });
  const macro = await answer.json();
  if (!answer.ok) return notice(macro.error, "error");
  if (macro.body) {
    write(macro.body, true);
    if (macro.public !== isPublic()) writeFor(macro.public);
  }
  const taken = put(macro.set);
  if (retag(macro)) taken.push("tags");
  if ("status" in macro.set) document.querySelector("[name=status]")?.setAttribute("data-chosen", "yes");
  const also = taken.length ? ` It also sets ${taken.join(", ").toLowerCase()}.` : "";
  document.getElementById("pending").textContent = `Macro “${macro.title.split("::").at(-1)}” filled in, nothing is saved yet.${also}`;
  return undefined;
}

function onKey(event) {
  const shown = entries();
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) chosen = (chosen + moves[event.key] + shown.length) % Math.max(shown.length, 1);
  else if (event.key === "Enter") return stop(event, () => take(shown[chosen]));
  else if (event.key === "ArrowRight" && !find.value && shown[chosen]?.folder) return stop(event, () => take(shown[chosen]));
  else if (["ArrowLeft", "Backspace"].includes(event.key) && !find.value && folder.length) return stop(event, () => open(folder.slice(0, -1)));
  else if (event.key === "Escape") return stop(event, close);
  else return undefined;
  return stop(event, draw);
}

function stop(event, then) {
  event.preventDefault();
  then();
}

if (box) {
  box.hidden = false;
  opener.addEventListener("click", () => (menu.hidden ? show() : close()));
  find.addEventListener("keydown", onKey);
  find.addEventListener("input", () => {
    chosen = 0;
    draw();
  });
  box.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) {
      menu.hidden = true;
      opener.setAttribute("aria-expanded", "false");
    }
  });
  document.addEventListener("desk:macro", ({ detail }) => apply(detail.id));
}
