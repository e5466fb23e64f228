// Quiet help while the agent writes. It never blocks, never writes, and keeps nothing of a draft.

import {isPublic, typed} from "./host.js";
import {byId, english, make, redraw} from "./page.js";
import {within} from "./server.js";
import {say} from "./words.js";

const PAUSE_MS = 700; // somebody who writes is not interrupted before they pause
const SAVE_PATIENCE_MS = 1200; // Zendesk waits with the saving for so long at most, whatever our server does
const LOOK_MS = 200; // and for so long to see what stands in the reply

export class Coach {
  #client;
  #server;
  #timer = 0;
  #advised = ""; // the draft that the advice below is about; it stays in this frame
  #advice = [];
  #dismissed = new Set();
  #warned = new Set();
  #asked = 0;
  #away = false;

  constructor(client, server) {
    this.#client = client;
    this.#server = server;
    client.on("comment.text.changed", () => this.#soon());
    client.on("comment.type.changed", () => this.#soon());
    client.on("ticket.save", () => this.#beforeSave());
  }

  // Whether the server answered last: while it is away, a save is not held up at all.
  reachable(yes) {
    this.#away = !yes;
  }

  // The reply went out, or the conversation moved: what was advised belongs to an older draft.
  begin() {
    this.#asked += 1;
    this.#advised = "";
    this.#warned.clear();
    this.#show([]);
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look().catch(() => {}), PAUSE_MS);
  }

  async #look() {
    const draft = await this.#draft();
    if (draft === this.#advised) return;
    await this.#ask(draft);
  }

  async #ask(draft, patience) {
    const asked = ++this.#asked;
    const found = draft ? await this.#server.advise(draft, patience) : {advice: []};
    if (asked !== this.#asked) return; // a newer draft was asked about meanwhile
    this.#away = false;
    this.#advised = draft;
    this.#show(found.advice ?? []);
  }

  // Nothing where it is no public reply: a note to a colleague needs no help with feeling.
  async #draft() {
    return (await isPublic(this.#client)) ? typed(this.#client) : "";
  }

  #show(advice) {
    this.#advice = advice.filter(one => !this.#dismissed.has(name(one)));
    redraw(byId("advice"), ...this.#advice.map(one => this.#row(one)));
    byId("coach").hidden = !this.#advice.length;
  }

  #row(one) {
    return make(
      "li",
      {},
      make("span", {}, english("span", {}, one.say), one.quote ? make("span", {class: "kind"}, ` “${one.quote}”`) : null),
      make(
        "button",
        {type: "button", class: "plain", key: `dismiss-${name(one)}`, "aria-label": say("coach.dismiss_this", {advice: one.say}), onclick: () => this.#dismiss(one)},
        say("coach.dismiss"),
      ),
    );
  }

  #dismiss(one) {
    this.#dismissed.add(name(one));
    this.#show(this.#advice);
    byId("coach").querySelector("button")?.focus();
  }

  // Zendesk holds the save until this settles: a text that is thrown stops it once and is shown, all else lets it go.
  async #beforeSave() {
    const warning = await within(LOOK_MS + SAVE_PATIENCE_MS, this.#warning()).catch(() => "");
    if (warning) throw warning;
    return true;
  }

  async #warning() {
    if (this.#away) return "";
    const draft = await within(LOOK_MS, this.#draft());
    if (!draft) return "";
    if (draft !== this.#advised) await this.#ask(draft, SAVE_PATIENCE_MS);
    const asks = this.#advice.find(one => one.kind === "asks_again" && !this.#warned.has(name(one)));
    if (!asks) return "";
    this.#warned.add(name(asks));
    return say("coach.save_again", {advice: asks.say});
  }
}

const name = one => `${one.kind}|${one.quote}`;
