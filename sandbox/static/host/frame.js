// One app's frame: the messages that go in and out of it, what it listens to, and whether it lets a save go on.
// It must not know what can be got or done: that is answers.js. The protocol is the one of Zendesk's app SDK 2.

const HOOK = "ticket.save";
// How long an app may think about a save before the save goes on without it (our choice).
const HOOK_PATIENCE_MS = 10_000;
// How long a page may take until it greets; then the agent reads that it does not answer (our choice).
const GREETING_PATIENCE_MS = 10_000;
// What newer editions of the SDK report about themselves; nobody here counts it.
const IDLE_TALK = /^__track__$/;

export class Frame {
  constructor(section, known, host) {
    this.section = section;
    this.iframe = section.querySelector("iframe");
    this.said = section.querySelector(".app-said");
    this.guid = known.guid;
    this.installationId = known.installationId;
    this.context = known.context;
    this.metadata = known.metadata;
    this.host = host;
    this.origin = new URL(this.iframe.dataset.src).origin;
    this.heard = new Map(); // by the guid of the instance that was asked about: the events it wants
    this.registered = this.active = this.toldActive = false;
    this.pendingSave = null;
  }

  load() {
    this.said.textContent = `${this.metadata.name} is starting …`;
    this.iframe.src = this.iframe.dataset.src;
    setTimeout(() => {
      if (!this.registered) this.said.textContent = `${this.metadata.name} does not answer. You can go on without it.`;
    }, GREETING_PATIENCE_MS);
  }

  // Takes a message if it is really this frame's: its window, its origin, its guid.
  receive(event) {
    if (event.source !== this.iframe.contentWindow || event.origin !== this.origin) return;
    const message = readMessage(event.data);
    if (!message || message.appGuid !== this.guid) return;
    if (message.request) this.answer(message);
    else if (typeof message.key === "string") this.hear(message);
  }

  async answer(message) {
    const target = message.instanceGuid === this.guid ? this : this.host.sibling(message.instanceGuid, this);
    const result = await this.host.answers.to(message.request, message.params, target || this);
    this.post({ id: message.id, result });
  }

  hear({ key, message, instanceGuid, error }) {
    const [, kind, event] = /^iframe\.(on|off|trigger|reply):(.+)$/.exec(key) || [];
    if (key === "iframe.handshake") this.register();
    else if (kind === "on") this.listen(event, instanceGuid);
    else if (kind === "off") this.unlisten(event, instanceGuid, message?.subscriberCount);
    else if (kind === "trigger") this.trigger(event, instanceGuid, message);
    else if (kind === "reply" && event === HOOK) this.pendingSave?.(error);
    else if (/^request:\d+$/.test(key)) this.request(key, message);
    else if (!IDLE_TALK.test(key)) console.debug(`An app said ${key}, which the desk does not know.`);
  }

  register() {
    this.registered = true;
    this.heard.clear();
    this.toldActive = false;
    this.said.textContent = "";
    this.section.classList.add("ready");
    this.send("app.registered", { context: this.context, metadata: this.metadata });
    this.active = !document.hidden;
  }

  listen(event, instanceGuid = this.guid) {
    if (!this.heard.has(instanceGuid)) this.heard.set(instanceGuid, new Set());
    this.heard.get(instanceGuid).add(event);
    // The SDK asks for this event only after it was registered, so that the first time is told to whoever asks later.
    if (event === "app.activated" && this.active && !this.toldActive) this.activate(true, true);
  }

  unlisten(event, instanceGuid = this.guid, left = 0) {
    if (!left) this.heard.get(instanceGuid)?.delete(event);
  }

  // An event of the app's own: for the instance that it is sent to, and for everybody who listens to that instance.
  trigger(event, instanceGuid = this.guid, message = undefined) {
    for (const frame of this.host.siblings(this)) {
      if (frame.heard.get(instanceGuid)?.has(event)) frame.send(event, message, instanceGuid);
    }
  }

  emit(event, value) {
    for (const [instanceGuid, events] of this.heard) {
      const target = this.host.sibling(instanceGuid, this);
      if (events.has(event) && target) this.send(event, value, instanceGuid);
    }
  }

  activate(active, firstLoad = false) {
    this.active = active;
    if (!this.registered) return;
    if (active) this.toldActive = true;
    this.emit(active ? "app.activated" : "app.deactivated", active ? { firstLoad } : {});
  }

  async request(key, options) {
    const { ok, args } = await this.host.proxy.request(this.installationId, options);
    this.send(`${key}.${ok ? "done" : "fail"}`, { responseArgs: args });
  }

  // Asks the app, if it listens, whether the ticket may be saved. One that does not answer in time holds nobody up.
  maySave() {
    if (!this.heard.get(this.guid)?.has(HOOK)) return Promise.resolve({ ok: true });
    this.saving ||= new Promise((resolve) => {
      const done = (error) => {
        clearTimeout(timer);
        this.pendingSave = this.saving = null;
        resolve(error ? { ok: false, message: this.reason(error) } : { ok: true });
      };
      const timer = setTimeout(done, HOOK_PATIENCE_MS);
      this.pendingSave = done;
      this.post({ key: `zaf.${HOOK}`, needsReply: true });
    });
    return this.saving;
  }

  reason(error) {
    return typeof error.msg === "string" && error.msg ? error.msg : `${this.metadata.name} stopped this save.`;
  }

  send(event, message, instanceGuid = this.guid) {
    const aside = instanceGuid === this.guid ? {} : { instanceGuid };
    this.post({ key: `zaf.${event}`, message, ...aside });
  }

  post(message) {
    this.iframe.contentWindow?.postMessage(JSON.stringify(message), this.origin);
  }

  resize({ width, height }) {
    const size = (given) => (typeof given === "number" ? `${given}px` : /^\d+(px|%|vh)$/.test(given) ? given : null);
    if (size(height)) this.iframe.style.height = size(height);
    if (size(width)) this.iframe.style.width = size(width);
  }

  show(visible) {
    this.section.hidden = !visible;
  }
}

// Messages are JSON texts, but the answer to a hook comes as an object: take both.
function readMessage(data) {
  if (typeof data !== "string") return data && typeof data === "object" ? data : null;
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
