// One click corrects how a ticket was read; the server's answer is said at once and shown.

import {make, tell} from "./page.js";
import {label, say} from "./words.js";

export function choices(name, found, act) {
  const given = found.choices?.[name] ?? [];
  const now = found.reading?.[name]?.value;
  return make(
    "div",
    {id: "choices", class: "choices", role: "group", "aria-label": say("choose", {label: say(`label.${name}`)})},
    make(
      "div",
      {class: "row"},
      ...given.map(value => choice(name, value, value === now, act)),
      make("button", {type: "button", class: "plain", key: "choices-close", onclick: () => act.open("")}, say("close")),
    ),
  );
}

function choice(name, value, pressed, act) {
  return make(
    "button",
    {
      type: "button",
      key: `choice-${name}-${value}`,
      "aria-pressed": pressed ? "true" : "false",
      onclick: event => act.correct(name, value, event.currentTarget),
    },
    label(name, value),
  );
}

// Stores a correction; gives what the server says of it, or null where it could not be stored.
export async function correct(server, name, value, button) {
  button.disabled = true;
  try {
    const stored = await server.correct(name, value);
    tell(String(stored.says || say("thanks")), stored.says ? "en" : "");
    return stored;
  } catch (trouble) {
    tell(say("not_stored"));
    return null;
  } finally {
    button.disabled = false;
  }
}

// The glance as it is after a correction, until the server's own is here.
export function corrected(found, name, stored) {
  if (name === "answer") return {...found, verdict: stored.is_now};
  const before = found.reading[name];
  const now = {...before, value: stored.is_now, sure: true, corrected_from: before.corrected_from ?? stored.was};
  return {...found, reading: {...found.reading, [name]: now}};
}
