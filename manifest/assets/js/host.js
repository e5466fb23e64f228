// What the app asks of Zendesk's page around it, with the differences between its editions in one place.

const BLOCKS = /<\/(?:p|div|li|h\d|blockquote)>|<br\s*\/?>/gi;
const MARKUP = /<\/?(?:p|div|br|span|ul|ol|li|b|i|u|strong|em|a|h\d|blockquote|img|table)\b[^<>]*>/i;
const SIGNS = {amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " "};
const TALLEST_PX = 1400;

// The account's base address: the page that holds this frame told its origin in our own address.
export function account() {
  const given = new URLSearchParams(location.search).get("origin") ?? new URLSearchParams(location.hash.slice(1)).get("origin");
  return String(given ?? "").replace(/\/+$/, "");
}

export async function value(client, path) {
  const found = await client.get(path);
  if (found.errors && found.errors[path]) throw new Error(found.errors[path].message || path);
  return found[path];
}

// What the agent has typed, as plain text; the rich editor gives markup, whose tags are taken out as text.
export async function typed(client) {
  return plain(String((await value(client, "comment.text")) ?? ""));
}

export function plain(text) {
  if (!MARKUP.test(text)) return text.trim();
  const bare = text.replace(BLOCKS, "\n").replace(/<[^<>]*>/g, "");
  return bare.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_, name) => SIGNS[name]).trim();
}

export async function isPublic(client) {
  try {
    return (await value(client, "comment.type")) !== "internalNote";
  } catch {
    return true;
  }
}

// At the end of what is typed; nothing of it is replaced.
export async function append(client, text) {
  try {
    await client.invoke("ticket.comment.appendText", text);
  } catch {
    await client.invoke("comment.appendText", text);
  }
}

export function fit(client) {
  const height = Math.min(TALLEST_PX, Math.ceil(document.body.getBoundingClientRect().height));
  return quietly(client.invoke("resize", {width: "100%", height: `${height}px`}));
}

export const hide = client => quietly(client.invoke("hide"));
export const show = client => quietly(client.invoke("show"));

// Not every edition knows every wish; none of them is worth a word to the agent.
function quietly(promise) {
  return Promise.resolve(promise).catch(() => {});
}
