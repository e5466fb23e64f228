// Carries an app's request to the desk's proxy and shapes the answer as the SDK hands it on: jQuery's, by tradition.
// It must not fill in or sign anything: no secret ever comes to this page.

// A little longer than the proxy's own patience, so that its words arrive.
const PATIENCE_MS = 15_000;

export class Proxy {
  constructor(token) {
    this.token = token;
  }

  // {ok, args}: the arguments of the SDK's done or fail.
  async request(installationId, options) {
    try {
      return shaped(await this.ask(installationId, options || {}), options || {});
    } catch (error) {
      const words = `The desk's proxy cannot be reached (${error.name})`;
      return shaped({ status: 0, headers: {}, body: words }, options || {});
    }
  }

  async ask(installationId, options) {
    const answer = await fetch(`/desk/apps/${installationId}/request`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.token },
      body: JSON.stringify(options),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return answer.json();
    return { status: answer.status, headers: {}, body: "The desk's proxy refused: load the page again" };
  }
}

function shaped({ status, headers, body }, options) {
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type")?.[1] || "";
  const wanted = options.dataType ?? (/json/.test(type) ? "json" : "text");
  const json = wanted === "json" ? read(body) : undefined;
  const ok = status >= 200 && status < 300;
  const statusText = ok ? "success" : "error";
  const whole = { status, statusText, responseText: body, responseJSON: json, responseHeaders: headers };
  if (!ok) return { ok, args: [whole, "error", String(status)] };
  return { ok, args: [options.httpCompleteResponse ? whole : (json ?? body), "success", whole] };
}

function read(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
