// Puts a macro or an opening into the reply. What the agent has typed is never touched without asking.

import {english, make, part, tell} from "./page.js";
import {append, typed} from "./host.js";
import {say} from "./words.js";

export function macros(found, act) {
  const given = found.macros ?? [];
  const rows = given.map(one =>
    make(
      "li",
      {},
      english("button", {type: "button", key: `macro-${one.id}`, onclick: event => act.macro(one, event.currentTarget)}, shown(one)),
      english("p", {class: "kind"}, one.because ?? ""),
    ),
  );
  return part("macros", say("head.macros"), rows.length ? make("ul", {class: "rows"}, ...rows) : null);
}

export function opening(found, act) {
  if (!found.opening) return null;
  const said = sayable(found.opening);
  return part(
    "opening",
    say("head.opening"),
    english("p", {class: "quote"}, found.opening),
    said ? make("div", {class: "row"}, make("button", {type: "button", key: "insert", onclick: () => act.insert(said)}, say("insert"))) : null,
  );
}

// What can be said to the customer: the part in quotation marks. All else is advice, and must never reach a reply.
function sayable(opening) {
  const [, quoted] = /^\s*“([^”]+)”/.exec(opening) ?? [];
  return quoted ?? "";
}

export async function insert(client, text) {
  try {
    const before = await typed(client);
    await append(client, before ? `\n${text}` : text);
    tell(say("inserted"));
  } catch {
    tell(say("not_inserted"));
  }
}

// Applies at once where nothing is typed; asks first where something is.
export async function choose(client, macro, button) {
  const there = document.getElementById("macro-question");
  if (there) there.remove();
  let before;
  try {
    before = await typed(client);
  } catch {
    before = "?"; // what cannot be seen may be there
  }
  if (!before) {
    await apply(client, macro);
    return;
  }
  const done = () => { question.remove(); button.focus(); };
  const yes = make("button", {type: "button", class: "main", onclick: async () => { done(); await apply(client, macro); }}, say("macro.apply"));
  const no = make("button", {type: "button", onclick: done}, say("macro.leave"));
  const question = make(
    "div",
    {id: "macro-question", class: "question", role: "group", "aria-labelledby": "macro-asked"},
    make("p", {id: "macro-asked"}, say("macro.ask")),
    make("div", {class: "row"}, yes, no),
  );
  button.closest("li").append(question);
  no.focus();
}

async function apply(client, macro) {
  try {
    await client.invoke("macro", macro.id);
    tell(say("macro.applied", {title: shown(macro)}));
  } catch {
    tell(say("macro.failed", {title: shown(macro)}));
  }
}

function shown(macro) {
  return String(macro.title ?? "").replace(/^Attune::/, "").split("::").join(" › ");
}
