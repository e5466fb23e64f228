// Lets the keyboard walk through a list of tickets: j and k or the arrows move from ticket to ticket, Enter opens.
// It must not act while somebody types, and its letters can be switched off: a voice that is heard as keys needs that.

const here = { href: location.pathname + location.search, name: document.querySelector("h1").textContent };
sessionStorage.setItem("desk-list", JSON.stringify(here)); // the ticket's page leads back to it

const LETTERS = "desk-letters";
const letters = document.getElementById("letters");

letters.checked = localStorage.getItem(LETTERS) !== "off";
letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  const lettered = letters.checked && ["j", "k", "/"].includes(event.key);
  const arrow = event.key.startsWith("Arrow") && event.target.matches(".subject a");
  if (!lettered && !arrow) return;
  if (event.key === "/") document.getElementById("q").select();
  else if (event.key === "j" || event.key === "ArrowDown") move(1);
  else if (event.key === "k" || event.key === "ArrowUp") move(-1);
  else return;
  event.preventDefault();
});

function move(by) {
  const tickets = [...document.querySelectorAll(".tickets .subject a")];
  const place = tickets.indexOf(document.activeElement);
  const next = place < 0 ? 0 : Math.min(Math.max(place + by, 0), tickets.length - 1);
  tickets[next]?.focus();
}
