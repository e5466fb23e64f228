// What an agent sees first, without scrolling: sentiment, charge, urgency, the intent, the trend, what to say, what not to ask.

import {choices} from "./corrections.js";
import {english, make} from "./page.js";
import {spark} from "./spark.js";
import {label, say, when, word} from "./words.js";

export const LABELS = ["sentiment", "charge", "urgency", "intent"];
const SIGNS = {calm: "○", mild: "◐", charged: "●", low: "▽", normal: "△", high: "▲", critical: "▲▲"};
const LOUD = new Set(["very_negative", "charged", "high", "critical"]);
const FEELINGS_SHOWN = 2;

export function glance(found, open, act) {
  const {reading} = found;
  if (!reading) return [];
  return [
    make("h2", {class: "hidden"}, say("head.reading")),
    make(
      "div",
      {class: "labels"},
      ...LABELS.map(name => labelled(name, reading[name], open === name, act)),
      open ? choices(open, found, act) : null,
    ),
    reading.readable === false ? unreadable(reading) : null,
    trend(found.trend ?? {}, reading, found.feels?.since),
    cue(found.cue),
    doNotAsk(found.do_not_ask ?? [], found.asked_again ?? 0),
  ];
}

// One label as a button that opens its choices; doubt and corrections are words of it.
function labelled(name, read, isOpen, act) {
  if (!read) return null;
  const value = label(name, read.value);
  const sign = SIGNS[read.value];
  const corrected = read.corrected_from ? say("corrected", {value: label(name, read.corrected_from)}) : "";
  return make(
    "button",
    {
      type: "button",
      class: LOUD.has(read.value) && read.sure ? "label loud" : "label",
      key: `label-${name}`,
      title: say("choose.hint"),
      "aria-expanded": isOpen ? "true" : "false",
      "aria-controls": isOpen ? "choices" : null,
      onclick: () => act.open(isOpen ? "" : name),
    },
    make("span", {}, say(`label.${name}`)),
    make(
      "strong",
      {},
      sign ? make("span", {"aria-hidden": "true", class: "sign"}, `${sign} `) : null,
      read.sure || corrected ? value : say("perhaps", {value}),
    ),
    corrected ? make("em", {}, corrected) : null,
  );
}

function unreadable(reading) {
  return make("p", {class: "faint"}, say("unreadable"), " ", english("span", {}, reading.why_unreadable ?? ""));
}

function trend(given, reading, since) {
  const points = given.points ?? [];
  const feelings = (reading.emotions ?? []).slice(0, FEELINGS_SHOWN).map(one => label("emotion", one.name));
  const words = [
    feelings.length ? feelings.join(", ") : "",
    points.length > 1 ? word(`trend.${given.direction}`, given.direction) : "",
    since && when(since) ? say("since", {day: when(since)}) : "",
  ].filter(Boolean);
  const line = spark(points);
  if (!line && !words.length) return null;
  return make("div", {class: "trend"}, line, make("p", {}, words.join(" · ")));
}

function cue(text) {
  if (!text) return null;
  return make("div", {class: "cue"}, make("h2", {}, say("head.cue")), english("p", {}, text));
}

function doNotAsk(known, askedAgain) {
  if (!known.length) return null;
  return make(
    "div",
    {class: "ask"},
    make("h2", {id: "ask-head"}, say("head.do_not_ask")),
    make("ul", {class: "chips", "aria-labelledby": "ask-head"}, ...known.map(one => english("li", {}, one))),
    askedAgain ? make("p", {class: "bad"}, say("asked_again", {count: askedAgain})) : null,
  );
}
