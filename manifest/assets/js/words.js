// The agent's language: chosen once, then asked for by key.

const KNOWN = ["en", "de", "es", "fr", "pt"];
let texts = {};
let locale = "en";

export async function speak(wanted) {
  const code = String(wanted || "en").toLowerCase().split(/[-_]/)[0];
  const chosen = KNOWN.includes(code) ? code : "en";
  texts = (await import(`../words/${chosen}.js`)).default;
  locale = chosen;
  document.documentElement.lang = chosen;
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = say(place.dataset.say);
}

export function say(key, given = {}) {
  const text = texts[key];
  if (text === undefined) return "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in given ? String(given[name]) : whole));
}

// A label's word in the agent's language; one that is newer than this app is shown as it came.
export const word = (key, value) => say(key) || String(value ?? "").replaceAll("_", " ");

export const label = (name, value) => word(`${name}.${value}`, value);

export function when(iso, withTime = false) {
  const at = new Date(iso ?? "");
  if (Number.isNaN(at.getTime())) return "";
  const parts = withTime ? {hour: "2-digit", minute: "2-digit"} : {day: "numeric", month: "short"};
  return new Intl.DateTimeFormat(locale, parts).format(at);
}
