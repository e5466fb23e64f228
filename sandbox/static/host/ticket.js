// The open ticket as apps see it: read from the desk, with the tags an app added laid over it until they are saved.
// It must not save anything: tags go to the desk's own form, by an event, and leave with the agent's next save.

// As often as the page itself looks for news.
const PAUSE_MS = 3000;
// One reading serves all that is asked within this time.
const FRESH_MS = 250;

export class Ticket {
  constructor(id, tell) {
    this.id = id;
    this.tell = tell;
    this.last = this.saved = null;
    this.added = new Set();
    this.removed = new Set();
    document.addEventListener("desk:tags-changed", ({ detail }) => {
      if (id && detail.from === "desk") this.follow(detail.tags).catch(() => {});
    });
  }

  // The ticket as it is now. Raises where the desk does not give it.
  now() {
    if (!this.reading || Date.now() - this.readAt > FRESH_MS) {
      this.readAt = Date.now();
      this.reading = this.read();
      this.reading.catch(() => { this.reading = null; });
    }
    return this.reading;
  }

  watch() {
    if (!this.id) return;
    this.now().catch(() => {});
    setInterval(() => {
      if (!document.hidden) this.now().catch(() => {}); // a desk that is restarting answers again later
    }, PAUSE_MS);
  }

  async read() {
    const answer = await fetch(`/desk/apps/tickets/${this.id}`);
    if (!answer.ok) throw new Error(`The desk does not give the ticket (${answer.status})`);
    this.saved = await answer.json();
    return this.laidOver();
  }

  async tag(added, removed) {
    for (const tag of clean(added)) { this.added.add(tag); this.removed.delete(tag); }
    for (const tag of clean(removed)) { this.removed.add(tag); this.added.delete(tag); }
    await this.now();
    const { tags } = this.laidOver();
    this.reading = Promise.resolve(this.last);
    const detail = { tags, added: [...this.added].sort(), removed: [...this.removed].sort() };
    document.dispatchEvent(new CustomEvent("desk:tags-changed", { detail }));
  }

  // The agent changed tags in the desk's form: what stands there is what will be saved.
  async follow(tags) {
    await this.now();
    this.added = new Set(tags.filter((tag) => !this.saved.tags.includes(tag)));
    this.removed = new Set(this.saved.tags.filter((tag) => !tags.includes(tag)));
    this.reading = Promise.resolve(this.laidOver());
  }

  // What is saved with what is not saved yet; tells the apps what of it is new since the last time.
  laidOver() {
    const saved = this.saved.tags;
    for (const tag of this.added) if (saved.includes(tag)) this.added.delete(tag);
    for (const tag of this.removed) if (!saved.includes(tag)) this.removed.delete(tag);
    const tags = [...saved.filter((tag) => !this.removed.has(tag)), ...this.added].sort();
    const before = this.last;
    this.last = { ...this.saved, tags };
    if (before) this.tellNews(before, this.last);
    return this.last;
  }

  tellNews(before, now) {
    const news = { tags: "ticket.tags.changed", status: "ticket.status.changed", priority: "ticket.priority.changed" };
    for (const [key, event] of Object.entries(news)) {
      if (JSON.stringify(before[key]) !== JSON.stringify(now[key])) this.tell(event, now[key]);
    }
    for (const key of ["conversation", "comments"]) {
      if (before[key].length !== now[key].length) this.tell(`ticket.${key}.changed`, now[key]);
    }
  }
}

function clean(tags) {
  return tags.flatMap((one) => String(one).toLowerCase().split(/[\s,]+/)).filter(Boolean);
}
