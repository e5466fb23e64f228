// What an app can get, set and do here, by the names of Zendesk's client API, and the error for what it cannot.
// It must not know messages or frames beyond the one that asks.

export const deskNotice = "desk:notify";

export class ApiMissing extends Error {
  constructor(path) {
    super("No such Api");
    this.name = "APIUnsupportedError";
    this.path = path;
  }
}

export class Answers {
  constructor(host) {
    this.host = host;
    this.actions = {
      "ticket.comment.appendText": (frame, text) => this.host.composer.append(String(text)),
      "ticket.comment.appendHtml": (frame, html) => this.host.composer.append(wordsOf(String(html))),
      "ticket.tags.add": (frame, ...tags) => this.host.ticket.tag(tags.flat(), []),
      "ticket.tags.remove": (frame, ...tags) => this.host.ticket.tag([], tags.flat()),
      macro: (frame, id) => this.macro(frame, id),
      routeTo: (frame, ...where) => this.routeTo(frame, ...where),
      notify: (frame, message, kind) => this.notify(message, kind),
      resize: (frame, size) => frame.resize(size || {}),
      hide: (frame) => frame.show(false),
      show: (frame) => frame.show(true),
      popover: () => undefined,
      "app.close": () => undefined,
      "app.expand": () => undefined,
      "app.collapse": () => undefined,
      track: () => undefined, // what clicks in an app report about themselves; nobody here counts them
      "session.live": () => undefined,
    };
    this.actions["comment.appendText"] = this.actions["ticket.comment.appendText"];
    this.actions["comment.appendHtml"] = this.actions["ticket.comment.appendHtml"];
  }

  // {PATH: value, ..., errors: {PATH: {name, message, path}}} for a get, set or invoke of one or several paths.
  async to(request, params, frame) {
    const found = { errors: {} };
    const paths = Array.isArray(params) ? params : Object.keys(params || {});
    for (const path of paths) {
      try {
        if (request === "get") found[path] = await this.get(path, frame);
        else if (request === "set") found[path] = await this.set(path, params[path]);
        else if (request === "invoke") found[path] = [await this.invoke(path, params[path], frame)];
        else throw new ApiMissing(path);
      } catch (error) {
        found.errors[path] = { name: error.name, message: error.message, path };
      }
    }
    return found;
  }

  async get(path, frame) {
    const [first, ...rest] = path.split(".");
    if (first === "currentUser") return inside(this.host.known.currentUser, rest, path);
    if (first === "currentAccount") return inside(this.host.known.currentAccount, rest, path);
    if (first === "instances") return this.instance(rest, frame, path);
    const comment = /^(?:ticket\.)?comment(?:\.(\w+))?$/.exec(path)?.slice(1).filter(Boolean);
    if (comment && this.host.composer.there) return inside(this.host.composer.shown, comment, path);
    if (first === "ticket" && this.host.ticket.id) return this.ticketPath(rest, path);
    throw new ApiMissing(path);
  }

  async ticketPath(rest, path) {
    const ticket = await this.host.ticket.now();
    const [, field] = /^customField:(.+)$/.exec(rest[0] || "") || [];
    if (field !== undefined) return inside(ticket.customFields, [field], path);
    return inside(ticket, rest, path);
  }

  set(path, value) {
    if (!/^(ticket\.)?comment\.text$/.test(path) || !this.host.composer.there) throw new ApiMissing(path);
    this.host.composer.replace(String(value));
  }

  invoke(path, given, frame) {
    const action = Object.hasOwn(this.actions, path) ? this.actions[path] : null;
    if (!action || (/comment\.append/.test(path) && !this.host.composer.there)) throw new ApiMissing(path);
    return action(frame, ...(Array.isArray(given) ? given : []));
  }

  instance([guid], frame, path) {
    const known = this.host.siblings(frame).map((one) => [one.guid, one.context]);
    return guid === undefined ? Object.fromEntries(known) : inside(Object.fromEntries(known), [guid], path);
  }

  // Lets the desk say what the macro would give, and hands that to the composer: nothing is saved yet.
  async macro(frame, id) {
    if (!/^\d+$/.test(String(id)) || !this.host.ticket.id) throw new Error(`There is no macro ${id} for this page`);
    const url = `/api/v2/tickets/${this.host.ticket.id}/macros/${id}/apply.json`;
    const { ok, args } = await this.host.proxy.request(frame.installationId, { url });
    if (!ok) throw new Error(`The desk does not give macro ${id} (${args[0].status})`);
    say("desk:macro", { id: Number(id), result: args[0].result });
  }

  async routeTo(frame, kind, id) {
    if (kind === "ticket" && /^\d+$/.test(String(id))) location.assign(`/desk/tickets/${id}`);
    else if (kind === "nav_bar") location.assign(`/desk/apps/nav/${frame.installationId}`);
    else throw new ApiMissing(`routeTo:${kind}`);
  }

  notify(message, kind = "notice") {
    say(deskNotice, { message: String(message), kind: String(kind) });
  }
}

function say(event, detail) {
  document.dispatchEvent(new CustomEvent(event, { detail }));
}

// The value at the end of a path of own keys; an error where there is none.
function inside(value, keys, path) {
  for (const key of keys) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) throw new ApiMissing(path);
    value = value[key];
  }
  return value;
}

// The words of HTML, for a composer that takes plain text; nothing of it is run or loaded.
function wordsOf(html) {
  const broken = html.replace(/<(br|\/p|\/div|\/li)\b[^>]*>/gi, "$&\n");
  return new DOMParser().parseFromString(broken, "text/html").body.textContent.trim();
}
