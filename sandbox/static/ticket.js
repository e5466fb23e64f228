// Brings the parts of a ticket's page to life: its tabs, its properties, its composer and its macros.
// It must not do any of their work.
import "./composer.js";
import "./macros.js";
import "./properties.js";

for (const tabs of document.querySelectorAll("[data-tabs]")) {
  const buttons = [...tabs.querySelectorAll("button")];
  const show = (chosen) => {
    for (const one of buttons) {
      one.setAttribute("aria-expanded", String(one === chosen));
      document.getElementById(one.getAttribute("aria-controls")).hidden = one !== chosen;
    }
  };
  for (const one of buttons) one.addEventListener("click", () => show(one));
  show(buttons[0]);
}
