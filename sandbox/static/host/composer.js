// The reply that is being written, as apps see it: follows the composer's own events, and asks it to take text.
// It must not write into the composer itself, which alone knows how to keep what the agent typed.

// Where the text stands before the composer has said anything.
const FIELD = "#agent-body";

export class Composer {
  constructor(tell) {
    const field = document.querySelector(FIELD);
    this.there = field !== null; // a closed ticket has none
    this.shown = asApps({ text: field?.value, public: true });
    document.addEventListener("desk:comment-changed", ({ detail }) => {
      const before = this.shown;
      this.there = true;
      this.shown = asApps(detail);
      if (this.shown.text !== before.text) tell("comment.text.changed", this.shown.text);
      if (this.shown.type !== before.type) tell("comment.type.changed", this.shown.type);
    });
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

function asApps(written) {
  const type = written.public === false ? "internalNote" : "publicReply";
  return { text: String(written.text ?? ""), type, useRichText: false };
}
