// The mood over the messages as a small line. Its height tells it, so that colour need not; words say it again.

import {byId} from "./page.js";
import {label, say} from "./words.js";

const WIDE = 88;
const HIGH = 24;
const EDGE = 4; // so that the first and the last dot are whole
const DOT = 2.6;

// Points are {sentiment, polarity −1…1, charge}; fewer than two are no line.
export function spark(points) {
  if (points.length < 2) return null;
  const made = byId("spark").content.firstElementChild.cloneNode(true);
  const step = (WIDE - 2 * EDGE) / (points.length - 1);
  const places = points.map((point, at) => ({
    x: EDGE + at * step,
    y: HIGH / 2 - Math.max(-1, Math.min(1, Number(point.polarity) || 0)) * (HIGH / 2 - EDGE),
    charged: point.charge === "charged",
  }));
  made.querySelector("polyline").setAttribute("points", places.map(({x, y}) => `${x},${y}`).join(" "));
  const [dot, square] = [made.querySelector("circle"), made.querySelector("rect")];
  for (const {x, y, charged} of places) made.append(charged ? squareAt(square, x, y) : dotAt(dot, x, y));
  dot.remove();
  square.remove();
  const moods = points.map(point => label("sentiment", point.sentiment)).join(", ");
  made.setAttribute("aria-label", say("trend.line", {count: points.length, moods}));
  return made;
}

// A charged message is a square: a shape, not only a colour.
function squareAt(square, x, y) {
  return placed(square, {x: x - DOT, y: y - DOT, width: 2 * DOT, height: 2 * DOT});
}

function dotAt(dot, x, y) {
  return placed(dot, {cx: x, cy: y, r: DOT});
}

function placed(shape, given) {
  const made = shape.cloneNode();
  for (const [name, value] of Object.entries(given)) made.setAttribute(name, String(value));
  return made;
}
