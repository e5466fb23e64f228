// Stands in for Zendesk's SDK and the page around the app: what is asked is answered from `window.host`, which tests turn.
(() => {
  const given = new URLSearchParams(location.search);
  const host = {
    values: {
      "ticket.id": 42,
      "comment.text": "",
      "comment.type": "publicReply",
      currentUser: {id: 7, name: "Bea", role: "agent", locale: given.get("locale") || "en-US"},
    },
    settings: {attune_url: location.origin},
    invoked: [],
    refuses: [],
    handlers: {},
    fire(event) {
      return Promise.all((host.handlers[event] || []).map(handler => handler()));
    },
    type(text) {
      host.values["comment.text"] = text;
      return host.fire("comment.text.changed");
    },
    // As the SDK has it: a rejected promise, false or a text at once stops the save; a promise that is kept lets it go.
    async save() {
      const began = performance.now();
      const took = () => Math.round(performance.now() - began);
      try {
        await Promise.all((host.handlers["ticket.save"] || []).map(handler => {
          const answer = handler();
          if (answer === false || typeof answer === "string") throw answer;
          return answer;
        }));
        return {ok: true, took: took()};
      } catch (why) {
        return {ok: false, message: why instanceof Error ? why.message : why, took: took()};
      }
    },
  };
  const client = {
    on: (event, handler) => { (host.handlers[event] ||= []).push(handler); },
    metadata: async () => {
      if (given.has("mute")) throw new Error("the page around does not answer");
      return {settings: host.settings};
    },
    get: async path => ({[path]: host.values[path], errors: {}}),
    invoke: async (...words) => {
      if (host.refuses.includes(words[0])) throw new Error(`no ${words[0]}`);
      host.invoked.push(words);
      if (/comment\.appendText$/.test(words[0])) host.values["comment.text"] += words[1];
    },
    request: async options => {
      const answer = await fetch("/proxy", {method: "POST", body: JSON.stringify(options), headers: {"Content-Type": "application/json"}});
      const responseText = await answer.text();
      if (!answer.ok) throw {status: answer.status, responseText};
      return JSON.parse(responseText);
    },
  };
  window.host = host;
  window.ZAFClient = {init: () => (given.has("outside") ? false : client)};
})();
