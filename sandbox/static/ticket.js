// Brings the parts of a ticket's page to life: its tabs, its properties, its composer and its macros.
// It must not do any of their work.
import "./composer.js";
import "./macros.js";
import "./properties.js";

// Back leads to the list that one came from, sorted and filtered as it was.
const list = JSON.parse(sessionStorage.getItem("desk-list") ?? "null");
const back = document.getElementById("back");
if (list && back) {
  back.href = list.href;
  back.textContent = `‹ ${list.name}`;
}

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
