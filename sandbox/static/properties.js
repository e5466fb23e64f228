// Keeps a ticket's properties: shows which are changed and not saved, takes over what others changed, draws tags as chips.
// It must not save anything: the composer's form does, with all that belongs to it.

const composer = document.getElementById("composer");

// Every control that has a twin `was.NAME`, which holds what stood there when the page was drawn.
export function controls(page = document) {
  return [...page.querySelectorAll("[name^='was.']")].flatMap((was) => {
    const name = was.name.slice("was.".length);
    const control = page.querySelector(`[name="${CSS.escape(name)}"]`);
    return control ? [{ name, control, was }] : [];
  });
}

export function valueOf(control) {
  if (control.type === "checkbox") return control.checked ? control.value : "";
  if (control.multiple) return [...control.selectedOptions].map((one) => one.value).join(" ");
  return control.value;
}

export function setValue(control, value) {
  if (control.type === "checkbox") control.checked = Boolean(value);
  else if (control.multiple) for (const one of control.options) one.selected = String(value).split(" ").includes(one.value);
  else control.value = value;
  control.dispatchEvent(new Event("desk:set"));
}

// Puts values into controls by name, as a macro does; gives back the labels of those that were there to take them.
export function put(values) {
  const taken = [];
  for (const [name, value] of Object.entries(values)) {
    const control = document.querySelector(`[name="${CSS.escape(name)}"]`);
    if (!control || control.disabled) continue;
    setValue(control, value);
    taken.push(name === "status" ? name : control.labels?.[0]?.firstChild?.textContent.trim() ?? name);
  }
  show();
  return taken;
}

export function show() {
  for (const { name, control, was } of controls()) {
    const box = document.querySelector(`[data-control="${CSS.escape(name)}"]`);
    box?.classList.toggle("changed", valueOf(control) !== was.value);
  }
}

// What stands on the ticket now goes into every control that the agent has not changed; `all` takes it for all of them.
export function settle(fresh, all = false) {
  const now = new Map(controls(fresh).map((one) => [one.name, one]));
  for (const { name, control, was } of controls()) {
    const next = now.get(name);
    if (!next) continue;
    const untouched = valueOf(control) === was.value || (name === "status" && !control.dataset.chosen);
    if ((untouched && control !== document.activeElement) || all) setValue(control, valueOf(next.control));
    if (untouched || all) was.value = next.was.value;
    if (all) delete control.dataset.chosen;
  }
  show();
}

// Adds and takes away tags, and leaves what else the agent has at them; says whether that changed any.
export function retag({ add = [], remove = [] }) {
  const field = document.querySelector("input[name=tags]");
  const before = field.value;
  if (field.disabled) return false;
  const tags = [...before.split(" "), ...add].filter((tag) => tag && !remove.includes(tag));
  setValue(field, [...new Set(tags)].sort().join(" "));
  show();
  if (field.value !== before) tellTags(field);
  return field.value !== before;
}

function tellTags(field) {
  const tags = field.value.split(" ").filter(Boolean);
  document.dispatchEvent(new CustomEvent("desk:tags-changed", { detail: { from: "desk", tags } }));
}

function drawChips(field) {
  const box = document.createElement("div");
  box.className = "chips";
  const entry = document.createElement("input");
  entry.className = "chip-input";
  entry.setAttribute("aria-label", "Add a tag");
  entry.placeholder = "add";
  entry.autocomplete = "off";
  entry.disabled = field.disabled;
  field.type = "hidden";
  const label = field.parentElement.querySelector("label");
  label.htmlFor = entry.id = "add-tag";
  entry.removeAttribute("aria-label");
  field.after(box);

  const tags = () => field.value.split(" ").filter(Boolean);
  const hold = (next) => {
    field.value = [...new Set(next)].sort().join(" ");
    draw();
    show();
  };
  const store = (next) => {
    hold(next);
    tellTags(field);
  };
  const draw = () => {
    const chips = tags().map((tag) => {
      const chip = document.createElement("span");
      chip.className = "chip";
      for (const piece of tag.split(/(?<=_)/)) chip.append(piece, document.createElement("wbr")); // breaks after “_”, not in a word
      if (field.disabled) return chip;
      const away = document.createElement("button");
      away.type = "button";
      away.textContent = "×";
      away.setAttribute("aria-label", `Remove tag ${tag}`);
      away.addEventListener("click", () => {
        store(tags().filter((one) => one !== tag));
        entry.focus();
      });
      chip.append(away);
      return chip;
    });
    if (box.lastChild === entry) for (const old of [...box.children].slice(0, -1)) old.remove();
    else box.append(entry);
    entry.before(...chips);
  };
  const add = () => {
    const named = entry.value.toLowerCase().split(/[\s,]+/).filter(Boolean);
    entry.value = "";
    if (named.length) store([...tags(), ...named]);
  };
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "," || event.key === " ") {
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && !entry.value) store(tags().slice(0, -1));
  });
  entry.addEventListener("blur", add);
  field.addEventListener("desk:set", draw);
  document.addEventListener("desk:tags-changed", ({ detail }) => {
    if (field.disabled || detail?.from === "desk") return;
    const next = detail?.tags ?? [...tags(), ...(detail?.add ?? [])].filter((tag) => !(detail?.remove ?? []).includes(tag));
    hold(next);
  });
  draw();
}

// An assignee belongs to the ticket's group: choosing one brings the other along, so that a save is not refused.
function pairPeopleAndGroups(assignee, group) {
  const groupsOf = (option) => (option?.dataset.groups ?? "").split(" ").filter(Boolean);
  assignee.addEventListener("change", () => {
    const groups = groupsOf(assignee.selectedOptions[0]);
    if (groups.length && !groups.includes(group.value)) setValue(group, groups[0]);
    show();
  });
  group.addEventListener("change", () => {
    const groups = groupsOf(assignee.selectedOptions[0]);
    if (group.value && groups.length && !groups.includes(group.value)) setValue(assignee, "");
    show();
  });
  const take = document.getElementById("take-it");
  if (!take || ![...assignee.options].some((one) => one.value === take.dataset.agent)) return;
  take.hidden = false;
  take.addEventListener("click", () => {
    setValue(assignee, take.dataset.agent);
    assignee.dispatchEvent(new Event("change"));
  });
}

drawChips(document.querySelector("input[name=tags]"));
if (composer) {
  const assignee = document.querySelector("[name=assignee_id]");
  if (!assignee.disabled) pairPeopleAndGroups(assignee, document.querySelector("[name=group_id]"));
  for (const { control } of controls()) control.addEventListener("change", show);
  document.querySelector("[name=status]")?.addEventListener("change", (event) => (event.target.dataset.chosen = "yes"));
  document.addEventListener("desk:refreshed", (event) => settle(event.detail.fresh));
  show();
}
