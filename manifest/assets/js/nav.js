// The page behind Zendesk's navigation bar: one button to the dashboard, by a link that works once.

import * as host from "./host.js";
import {byId, tell} from "./page.js";
import {Server} from "./server.js";
import {say, speak} from "./words.js";

async function begin() {
  const client = window.ZAFClient ? window.ZAFClient.init() : false;
  if (!client) {
    await speak(navigator.language);
    byId("enter").disabled = true;
    tell(say("app.outside"));
    return;
  }
  const [{settings}, user] = await Promise.all([client.metadata(), host.value(client, "currentUser")]);
  await speak(user.locale);
  const server = new Server(client, {url: settings.attune_url, account: host.account(), agent: user.id});
  byId("enter").addEventListener("click", event => enter(server, settings.attune_url, event.currentTarget));
}

async function enter(server, home, button) {
  button.disabled = true;
  try {
    const {url} = await server.enter();
    // The answer may lead to Attune itself only, whatever came back.
    if (new URL(url).origin !== new URL(home).origin) throw new Error("elsewhere");
    window.open(url, "_blank", "noopener");
    tell(say("nav.opened"));
  } catch (trouble) {
    tell(say(`away.${trouble.kind ?? "refused"}`));
  } finally {
    button.disabled = false;
  }
}

begin().catch(async () => {
  await speak(navigator.language);
  byId("enter").disabled = true;
  tell(say("away.refused"));
});
