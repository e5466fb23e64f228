// Brings the apps of this page up: gives each frame its place in the protocol, and joins them to the composer.
// It must not know any one app; without it the page works as before, only without apps.

import { Answers, deskNotice } from "./answers.js";
import { Composer } from "./composer.js";
import { Frame } from "./frame.js";
import { Proxy } from "./proxy.js";
import { Ticket } from "./ticket.js";

class Host {
  constructor(place) {
    this.known = JSON.parse(place.dataset.host);
    this.proxy = new Proxy(this.known.token);
    this.composer = new Composer((event, value) => this.tell(event, value));
    this.ticket = new Ticket(this.known.ticketId, (event, value) => this.tell(event, value));
    this.answers = new Answers(this);
    this.frames = new Map();
    for (const one of this.known.frames) {
      const section = place.querySelector(`[data-app="${one.guid}"]`);
      this.frames.set(one.guid, new Frame(section, one, this));
    }
  }

  start() {
    addEventListener("message", (event) => {
      for (const frame of this.frames.values()) frame.receive(event);
    });
    document.addEventListener("visibilitychange", () => {
      for (const frame of this.frames.values()) frame.activate(!document.hidden);
    });
    for (const frame of this.frames.values()) frame.load();
    if (this.frames.size) this.ticket.watch();
  }

  // Tells every frame that asked for this event.
  tell(event, value) {
    for (const frame of this.frames.values()) frame.emit(event, value);
  }

  // The frame with this guid, if it belongs to the same installation: apps do not speak to each other.
  sibling(guid, frame) {
    const found = this.frames.get(guid);
    return found && found.installationId === frame.installationId ? found : null;
  }

  siblings(frame) {
    return [...this.frames.values()].filter((one) => one.installationId === frame.installationId);
  }

  // Asks every app that listens whether this save may go on: {ok: true}, or {ok: false, message}.
  async beforeSave() {
    const said = await Promise.all([...this.frames.values()].map((frame) => frame.maySave()));
    return said.find((one) => !one.ok) || { ok: true };
  }
}

const place = document.querySelector("[data-host]");
if (place) {
  const host = new Host(place);
  window.deskHost = { beforeSave: () => host.beforeSave() };
  const line = document.getElementById("app-notice"); // on an app's own page, which has no desk around it
  if (line) document.addEventListener(deskNotice, (event) => { line.textContent = event.detail.message; });
  host.start();
}
