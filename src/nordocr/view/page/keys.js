// The keyboard: everything can be done with it alone.
import * as actions from "./actions.js";
import { adjust, drawMode } from "./boxes.js";
import { cursor } from "./editor.js";
import { emit, place, select, selectedLine, state } from "./model.js";
import { t } from "./words.js";

const at = (id) => document.getElementById(id);

/** Key, as shown; text in the catalogue; what it does. `code` is the key's place: Alt may change what it types. */
export function table(app) {
  const by = (step) => {
    const to = state.page.lines[place(state.page, state.selected) + step];
    if (to) select(to.id);
    else if (step > 0 && state.page.lines.length) app.turn(1, "first");
    else if (step < 0 && state.page.lines.length) app.turn(-1, "last");
  };
  const confirmed = () => {
    const line = selectedLine();
    if (line && line.state === "untouched") actions.mark("seen", { toggle: false });
  };
  return [
    ["F8", "nextUncertain", () => app.uncertain(false)],
    ["Shift+F8", "previousUncertain", () => app.uncertain(true)],
    ["Enter", "confirmNext", () => { confirmed(); by(1); }],
    ["Ctrl+Enter", "confirmUncertain", () => { confirmed(); app.uncertain(false); }],
    ["ArrowDown", "nextLine", () => by(1)],
    ["ArrowUp", "previousLine", () => by(-1)],
    ["PageDown", "nextPage", () => app.turn(1, "first")],
    ["PageUp", "previousPage", () => app.turn(-1, "first")],
    ["Alt+KeyU", "unreadable", () => actions.mark("unreadable")],
    ["Alt+KeyX", "notText", () => actions.mark("not_text")],
    ["Alt+KeyA", "allRight", () => actions.allSeen()],
    ["Alt+KeyS", "splitLine", () => actions.split(cursor())],
    ["Alt+KeyJ", "joinLine", () => actions.join()],
    ["Alt+ArrowUp", "moveUp", () => actions.reorder(-1)],
    ["Alt+ArrowDown", "moveDown", () => actions.reorder(1)],
    ["Alt+KeyB", "newBox", () => actions.addBelow()],
    ["F2", "adjustBox", () => adjust()],
    ["Alt+KeyR", "readAgain", () => actions.readAgain()],
    ["Alt+Delete", "removeLine", () => actions.remove()],
    ["Ctrl+KeyZ", "undo", () => app.undo()],
    ["Ctrl+KeyY", "redo", () => app.redo()],
    ["Ctrl+Shift+KeyZ", "redo", () => app.redo()],
    ["Ctrl+KeyF", "find", () => at("find").select()],
    ["F1", "keys", () => at("keysbox").showModal()],
    ["Escape", "toText", () => { drawMode(false); emit("edit"); }],
  ];
}

function nameOf(event) {
  // AltGr, which types @ and € on Nordic keyboards, is no shortcut.
  if (event.getModifierState("AltGraph") || (event.altKey && event.ctrlKey)) return "";
  const held = [event.ctrlKey || event.metaKey ? "Ctrl+" : "", event.altKey ? "Alt+" : "", event.shiftKey ? "Shift+" : ""];
  const letter = /^Key[A-Z]$/.test(event.code) && !event.altKey ? `Key${event.key.toUpperCase()}` : event.code;
  return held.join("") + (letter.startsWith("Key") ? letter : event.key);
}

const shown = (key) => key.replace("Key", "").replace("ArrowUp", "↑").replace("ArrowDown", "↓")
  .replace("PageDown", "Page Down").replace("PageUp", "Page Up");

/** Whether a key belongs to what has the focus and is no shortcut there. */
function belongs(event, name) {
  const focus = document.activeElement;
  if (document.querySelector("dialog[open]")) return true;
  if (event.isComposing) return true;
  if (focus?.id === "text") return false;
  if (focus?.closest?.("#search")) return !["F8", "F1", "Ctrl+KeyF"].includes(name);
  if (["Enter", "ArrowUp", "ArrowDown"].includes(name)) return focus?.matches?.("button, select, input, a") ?? false;
  if (focus?.matches?.("select, input")) return !name.startsWith("F") && !name.startsWith("Page");
  return false;
}

export function start(app) {
  const entries = table(app);
  const acts = new Map(entries.map(([key, , act]) => [key, act]));
  document.addEventListener("keydown", (event) => {
    const name = nameOf(event);
    const act = acts.get(name);
    if (!act || !state.page || belongs(event, name)) return;
    event.preventDefault();
    act();
  });
  return () => {
    const list = at("keysbox").querySelector("dl");
    list.replaceChildren(...entries.flatMap(([key, text]) => {
      const term = document.createElement("dt"), said = document.createElement("dd");
      term.append(Object.assign(document.createElement("kbd"), { textContent: shown(key) }));
      said.textContent = t(text);
      return [term, said];
    }));
  };
}
