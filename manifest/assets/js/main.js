// The sidebar: asks for the glance of its ticket, draws it, and keeps it up to date. It draws; it never scores.

import {Coach} from "./coach.js";
import {correct, corrected} from "./corrections.js";
import {glance} from "./glance.js";
import * as host from "./host.js";
import {choose, insert} from "./macros.js";
import {byId, focusOn, redraw, tell} from "./page.js";
import {Server} from "./server.js";
import {story} from "./story.js";
import {say, speak, when} from "./words.js";

const LOOK_AGAIN_MS = [2000, 4000, 8000]; // while a new message is being read
const QUIET_MS = 30000; // afterwards, and while the server is away
const TOGETHER_MS = 800; // events within this time are one

class Sidebar {
  #client;
  #server;
  #coach;
  #found = null;
  #open = "";
  #asked = 0;
  #waited = 0;
  #timer = 0;
  #last = -Infinity;
  #ready;

  // `ready` is when the agent's words are here; the first glance is asked for meanwhile.
  constructor(client, server, ready) {
    this.#ready = ready;
    this.#client = client;
    this.#server = server;
    this.#coach = new Coach(client, server);
    client.on("app.activated", () => this.#again());
    client.on("ticket.conversation.changed", () => { this.#coach.begin(); this.#waited = 0; this.refresh(); });
    new ResizeObserver(() => host.fit(client)).observe(document.body);
  }

  #again() {
    if (performance.now() - this.#last > TOGETHER_MS) this.refresh();
  }

  async refresh() {
    const asked = ++this.#asked;
    clearTimeout(this.#timer);
    this.#last = performance.now();
    try {
      const [found] = await Promise.all([this.#server.glance(), this.#ready]);
      if (asked === this.#asked) this.#take(found);
    } catch (trouble) {
      await this.#ready;
      if (asked === this.#asked) this.#trouble(trouble);
    }
  }

  #take(found) {
    this.#coach.reachable(true);
    if (found.state === "read") {
      this.#found = {...found, at: new Date().toISOString()};
      this.#waited = 0;
      this.#state("");
    } else if (found.state === "waiting") {
      this.#wait();
    } else {
      this.#found = null;
      this.#state(found.why_nothing || say("state.nothing"), found.why_nothing ? "en" : "");
    }
    this.#draw();
    if (this.#found || found.state === "waiting") host.show(this.#client);
    else host.hide(this.#client);
  }

  #wait() {
    const ms = LOOK_AGAIN_MS[this.#waited] ?? QUIET_MS;
    this.#state(say(this.#waited < LOOK_AGAIN_MS.length ? "state.waiting" : "state.slow"));
    this.#waited += 1;
    this.#timer = setTimeout(() => this.refresh(), ms);
  }

  #trouble({kind}) {
    this.#coach.reachable(kind !== "away");
    if (kind === "gone" || kind === "not_yours") this.#found = null;
    const old = this.#found ? ` ${say("old", {time: when(this.#found.at, true)})}` : "";
    this.#state(say(`away.${kind}`) + old, "", true);
    this.#draw(Boolean(this.#found));
    if (kind !== "gone" && kind !== "not_yours") this.#timer = setTimeout(() => this.refresh(), QUIET_MS);
  }

  #state(text, lang = "", trouble = false) {
    const place = byId("state");
    place.className = trouble ? "trouble" : "";
    if (lang) place.lang = lang; else place.removeAttribute("lang");
    if (place.textContent !== text) place.textContent = text;
  }

  #draw(old = false) {
    for (const [id, drawn] of [["glance", () => glance(this.#found, this.#open, this.#acts)], ["story", () => story(this.#found, this.#acts)]]) {
      const place = byId(id);
      place.hidden = !this.#found;
      place.classList.toggle("stale", old);
      redraw(place, ...(this.#found ? drawn() : []));
    }
  }

  // What can be done from the page; each part is handed these and knows nothing of the rest.
  #acts = {
    open: name => this.#opened(name),
    correct: (name, value, button) => this.#correct(name, value, button),
    macro: (macro, button) => choose(this.#client, macro, button),
    insert: text => insert(this.#client, text),
    route: id => this.#client.invoke("routeTo", "ticket", id).catch(() => tell(say("not_opened"))),
  };

  #opened(name) {
    const before = this.#open;
    this.#open = name;
    this.#draw();
    if (name) focusOn(byId("glance"), `choice-${name}-${this.#found.reading[name].value}`);
    else focusOn(byId("glance"), `label-${before}`);
  }

  async #correct(name, value, button) {
    const stored = await correct(this.#server, name, value, button);
    if (!stored || !this.#found) return;
    this.#found = corrected(this.#found, name, stored);
    if (name === "answer") this.#draw();
    else this.#opened("");
    this.refresh();
  }
}

async function begin() {
  const client = window.ZAFClient ? window.ZAFClient.init() : false;
  if (!client) {
    await speak(navigator.language);
    byId("state").textContent = say("app.outside");
    return;
  }
  const [{settings}, user, ticket] = await Promise.all([
    client.metadata(),
    host.value(client, "currentUser"),
    host.value(client, "ticket.id"),
  ]);
  const server = new Server(client, {url: settings.attune_url, account: host.account(), agent: user.id, ticket});
  await new Sidebar(client, server, speak(user.locale)).refresh();
}

// Zendesk's page did not say who asks about what: nothing can be shown, and that is said.
begin().catch(async () => {
  await speak(navigator.language);
  byId("state").textContent = say("away.refused");
});
