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
    this.last = null;
    this.added = new Set();
    this.removed = new Set();
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
    return this.took(await answer.json());
  }

  tag(added, removed) {
    for (const tag of clean(added)) { this.added.add(tag); this.removed.delete(tag); }
    for (const tag of clean(removed)) { this.removed.add(tag); this.added.delete(tag); }
    return this.now().then((ticket) => {
      const tags = this.laidOver(ticket.tags);
      const detail = { tags, added: [...this.added], removed: [...this.removed] };
      document.dispatchEvent(new CustomEvent("desk:tags-changed", { detail }));
      this.took({ ...ticket, tags });
    });
  }

  // Keeps what was read and tells the apps what of it is new.
  took(read) {
    for (const tag of this.added) if (this.saved && read.tags.includes(tag)) this.added.delete(tag);
    const before = this.last;
    this.last = { ...read, tags: this.laidOver(read.tags) };
    this.reading = Promise.resolve(this.last);
    if (before) this.tellNews(before, this.last);
    return this.last;
  }

  laidOver(tags) {
    return [...new Set([...tags.filter((tag) => !this.removed.has(tag)), ...this.added])].sort();
  }

  tellNews(before, now) {
    const news = { tags: "ticket.tags.changed", status: "ticket.status.changed", priority: "ticket.priority.changed" };
    for (const [key, event] of Object.entries(news)) {
      if (JSON.stringify(before[key]) !== JSON.stringify(now[key])) this.tell(event, now[key]);
    }
    if (before.conversation.length !== now.conversation.length) this.tell("ticket.conversation.changed", now.conversation);
    if (before.comments.length !== now.comments.length) this.tell("ticket.comments.changed", now.comments);
  }
}

function clean(tags) {
  return tags.flatMap((one) => String(one).toLowerCase().split(/[\s,]+/)).filter(Boolean);
}
