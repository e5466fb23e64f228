// Everything below the first glance: why, what is known, what was promised and tried, what fits, what Attune did.

import {macros, opening} from "./macros.js";
import {english, make, part, tell} from "./page.js";
import {label, say, when, word} from "./words.js";

export function story(found, act) {
  return [
    why(found),
    macros(found, act),
    opening(found, act),
    facts(found.facts ?? []),
    promises(found.promises ?? []),
    tried(found.tried ?? []),
    earlier(found.earlier ?? [], act),
    ours(found, act),
  ];
}

function why(found) {
  const said = found.said ?? {};
  const because = found.because ?? [];
  const reason = make("p", {id: "reason", class: "reason", "aria-live": "polite"}, say("why.hint"));
  const marks = marked(String(said.text ?? ""), said.marks ?? [], reason);
  return part(
    "why",
    say("head.why"),
    said.text ? make("div", {class: "said scroll", tabindex: "0", role: "region", "aria-label": say("said"), lang: found.reading?.language || null}, ...marks) : null,
    said.marks?.length ? reason : null,
    because.length ? make("ul", {class: "rows"}, ...because.map(one => english("li", {}, one))) : null,
  );
}

// The text with its phrases as buttons; the reason of the one in focus or under the pointer stands below.
function marked(text, marks, reason) {
  const pieces = [];
  let at = 0;
  for (const mark of marks) {
    const [start, end] = [Math.max(at, mark.start | 0), Math.min(text.length, mark.end | 0)];
    if (end <= start) continue;
    const tellWhy = () => { reason.lang = "en"; reason.textContent = `“${text.slice(start, end)}”: ${mark.reason}`; };
    pieces.push(text.slice(at, start));
    pieces.push(
      make(
        "span", // a button would stand as a block of its own and tear the sentence apart
        {role: "button", tabindex: "0", class: "phrase", key: `mark-${start}`, "aria-describedby": "reason", onfocus: tellWhy, onmouseenter: tellWhy, onclick: tellWhy},
        make("mark", {}, text.slice(start, end)),
      ),
    );
    at = end;
  }
  pieces.push(text.slice(at));
  return pieces;
}

function facts(given) {
  if (!given.length) return null;
  const rows = given.map(one =>
    make("li", {}, make("span", {class: "kind"}, `${label("fact", one.kind)}: `), one.text, aside(when(one.at))),
  );
  const copied = given.map(one => `${label("fact", one.kind)}: ${one.text}`).join("\n");
  const button = make("button", {type: "button", key: "copy", onclick: () => copy(copied)}, say("copy"));
  return part("facts", say("head.facts"), make("ul", {class: "rows"}, ...rows), make("div", {class: "row"}, button));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copiedByHand(text)) {
      tell(say("not_copied"));
      return;
    }
  }
  tell(say("copied"));
}

// A frame without the right to the clipboard may still copy what is selected in it.
function copiedByHand(text) {
  const before = document.activeElement;
  const field = make("textarea", {class: "hidden", "aria-hidden": "true", tabindex: "-1"});
  field.value = text;
  document.body.append(field);
  field.select();
  const went = document.execCommand("copy");
  field.remove();
  before?.focus();
  return went;
}

const KEPT = {yes: "good", no: "bad", open: ""};

function promises(given) {
  const rows = given.map(one =>
    make(
      "li",
      {},
      make("span", {class: KEPT[one.kept] ?? ""}, label("kept", one.kept)),
      aside([word(`who.${one.who}`, one.who), when(one.at), one.due ? say("due", {day: when(one.due)}) : ""].filter(Boolean).join(", ")),
      make("p", {}, `“${one.text}”`),
      one.why ? english("p", {class: "kind"}, one.why) : null,
    ),
  );
  return part("promises", say("head.promises"), rows.length ? make("ul", {class: "rows"}, ...rows) : null);
}

function tried(given) {
  const rows = given.map(one => make("li", {}, `“${one.text}”`, aside([word(`who.${one.who}`, one.who), when(one.at)].filter(Boolean).join(", "))));
  return part("tried", say("head.tried"), rows.length ? make("ul", {class: "rows"}, ...rows) : null);
}

function earlier(given, act) {
  const rows = given.map(one =>
    make(
      "li",
      {},
      make("button", {type: "button", class: "plain", key: `ticket-${one.id}`, onclick: () => act.route(one.id)}, `#${one.id} ${one.subject ?? ""}`),
      aside([label("status", one.status), one.sentiment ? label("sentiment", one.sentiment) : ""].filter(Boolean).join(", ")),
      english("p", {class: "kind"}, one.why ?? ""),
    ),
  );
  return part("earlier", say("head.earlier"), rows.length ? make("ul", {class: "rows"}, ...rows) : null);
}

function ours(found, act) {
  const given = found.ours ?? {kind: "none"};
  const reasons = given.why_not ?? [];
  const wrote = given.kind === "sent" || given.kind === "drafted";
  return part(
    "ours",
    wrote ? say(`ours.${given.kind}`, {day: when(given.at)}) : say("head.why_not"),
    wrote && given.text ? make("p", {class: "quote scroll", tabindex: "0", role: "region", "aria-label": say("ours.text")}, given.text) : null,
    wrote && given.intent ? make("p", {class: "kind"}, say("ours.intent", {intent: label("intent", given.intent)})) : null,
    reasons.length ? make("ul", {class: "rows"}, ...reasons.map(one => english("li", {}, one))) : null,
    wrote ? verdict(found.verdict, act) : null,
  );
}

function verdict(given, act) {
  const choice = value =>
    make(
      "button",
      {type: "button", key: `verdict-${value}`, "aria-pressed": given === value ? "true" : "false", onclick: event => act.correct("answer", value, event.currentTarget)},
      say(`verdict.${value}`),
    );
  return make("div", {class: "row choices"}, choice("should_not"), choice("was_fine"));
}

const aside = text => (text ? make("span", {class: "kind"}, ` ${text}`) : null);
