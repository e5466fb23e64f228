// The reply that is being written, as apps see it: follows the composer's own events, and asks it to take text.
// It must not write into the composer itself, which alone knows how to keep what the agent typed.

// Where the text stands until the composer has said something.
const FIELD = "[data-desk-comment], #agent-body";

export class Composer {
  constructor(tell) {
    this.state = null;
    document.addEventListener("desk:comment-changed", ({ detail }) => {
      const before = this.shown;
      this.state = { text: String(detail.text ?? ""), public: detail.public !== false };
      if (this.shown.text !== before.text) tell("comment.text.changed", this.shown.text);
      if (this.shown.type !== before.type) tell("comment.type.changed", this.shown.type);
    });
  }

  // Whether there is one: a closed ticket has none.
  get there() {
    return this.state !== null || document.querySelector(FIELD) !== null;
  }

  get shown() {
    const state = this.state || { text: document.querySelector(FIELD)?.value || "", public: true };
    return { text: state.text, type: state.public ? "publicReply" : "internalNote", useRichText: false };
  }

  append(text) {
    this.ask({ text, append: true });
  }

  replace(text) {
    this.ask({ text, append: false });
  }

  ask(detail) {
    document.dispatchEvent(new CustomEvent("desk:comment-set", { detail }));
  }
}
