// Makes elements of the page out of plain values. All text goes in as text: nothing here ever reads markup.

export const byId = id => document.getElementById(id);

// An element with attributes and children; children are elements, texts, or nothing.
export function make(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "key") made.dataset.key = value;
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, String(value));
  }
  made.append(...children.filter(child => child !== null && child !== undefined && child !== ""));
  return made;
}

// Puts new children in place of the old ones; what had the focus has it again, by its key.
export function redraw(place, ...children) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  place.replaceChildren(...children.filter(Boolean));
  if (key) focusOn(place, key);
}

export function focusOn(place, key) {
  const found = [...place.querySelectorAll("[data-key]")].find(one => one.dataset.key === key);
  if (found) found.focus();
}

// Words that the server wrote, which are English whatever the agent speaks.
export const english = (tag, given, text) => make(tag, {lang: "en", ...given}, text);

// A part of the page under its heading, or nothing where there is nothing in it.
export function part(id, heading, ...children) {
  const inside = children.filter(Boolean);
  if (!inside.length) return null;
  return make("section", {"aria-labelledby": `${id}-head`}, make("h2", {id: `${id}-head`}, heading), ...inside);
}

export function tell(text, lang = "") {
  const place = byId("told");
  if (lang) place.lang = lang; else place.removeAttribute("lang");
  place.textContent = text;
}
