// Shows short notices at the edge of the page, read out to those who listen; a trouble stays until it is put away.
// It must not know what a notice is about.

const STAYS_MS = 6000;

export function notice(message, kind = "notice") {
  const place = document.getElementById("notices");
  if (!place || !message) return;
  const shown = document.createElement("div");
  shown.className = `notice ${kind === "error" || kind === "alert" ? kind : ""}`;
  shown.textContent = String(message);
  place.append(shown);
  if (kind !== "error") setTimeout(() => shown.remove(), STAYS_MS);
  shown.addEventListener("click", () => shown.remove());
}

document.addEventListener("desk:notify", (event) => notice(event.detail?.message, event.detail?.kind));
