// The lines of the page as a list; the selected one opens into the editor.
import { doubts, lineOf, on, place, select, state, uncertain } from "./model.js";
import { editor, openEditor, refreshEditor } from "./editor.js";
import { count, percent, t } from "./words.js";

const at = (id) => document.getElementById(id);
export const below = () => Number(at("below").value);

const SIGNS = { untouched: "", seen: "✓", corrected: "✎", unreadable: "?", not_text: "∅" };

function rowOf(id) {
  return id ? at("lines").querySelector(`li[data-id="${CSS.escape(id)}"]`) : null;
}

/** The text with its uncertain characters marked, for eyes; who listens gets them in words. */
export function marked(line) {
  const fragment = document.createDocumentFragment();
  const levels = new Map(doubts(line, below()));
  let run = "", level;
  const flush = () => {
    if (!run) return;
    const element = level ? document.createElement("mark") : document.createTextNode(run);
    if (level) { element.className = level; element.textContent = run; }
    fragment.append(element);
    run = "";
  };
  [...line.text].forEach((character, number) => {
    if (levels.get(number) !== level) { flush(); level = levels.get(number); }
    run += character;
  });
  flush();
  return fragment;
}

/** Everything about a line in one sentence, for screen readers. */
export function spoken(line) {
  const number = place(state.page, line.id) + 1;
  const parts = [t("lineSays", { line: number, text: line.text || t("noText") })];
  const low = uncertain(line, below());
  if (low.length) parts.push(t("uncertainCharacters", { characters: low.join(", ") }));
  if (line.state !== "untouched") parts.push(t(`state_${line.state}`));
  return parts.join(" ");
}

function fill(row, line) {
  const button = row.querySelector("button.line");
  row.className = line.state;
  row.querySelector(".number").textContent = count(place(state.page, line.id) + 1);
  const text = button.querySelector(".text");
  text.replaceChildren(line.text ? marked(line) : Object.assign(document.createElement("i"), { textContent: t("noText") }));
  row.querySelector(".sign").textContent = SIGNS[line.state];
  row.querySelector(".sign").title = line.state === "untouched" ? "" : t(`state_${line.state}`);
  const least = Math.min(line.confidence, ...line.char_confidences);
  row.querySelector(".sure").textContent = line.state === "untouched" && line.read ? percent(least) : "";
  button.setAttribute("aria-label", spoken(line));
}

function rowFor(line) {
  const row = document.createElement("li");
  row.dataset.id = line.id;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "line";
  for (const name of ["number", "text", "sure", "sign"]) {
    button.append(Object.assign(document.createElement("span"), { className: name }));
  }
  button.addEventListener("click", () => select(line.id));
  row.append(button);
  fill(row, line);
  return row;
}

function showAll() {
  const focused = editor.contains(document.activeElement);
  editor.remove();
  const rows = state.page.lines.map(rowFor);
  at("lines").replaceChildren(...rows);
  at("all").disabled = !state.page.lines.length;
  open({ focus: focused });
}

function open({ before = null, focus = true } = {}) {
  const old = rowOf(before);
  if (old) old.removeAttribute("aria-current");
  const row = rowOf(state.selected);
  for (const button of at("lines").querySelectorAll("button.line")) button.tabIndex = -1;
  if (!row) { editor.remove(); return; }
  row.setAttribute("aria-current", "true");
  const line = lineOf(state.page, state.selected);
  if (editor.parentElement !== row) row.append(editor);
  openEditor(line, { focus });
  row.scrollIntoView({ block: "nearest" });
}

function showOne(id) {
  const line = lineOf(state.page, id), row = rowOf(id);
  if (!line || !row) return;
  fill(row, line);
  if (id === state.selected) refreshEditor(line);
}

export function start() {
  on("page", showAll);
  on("lines", showAll);
  on("line", showOne);
  on("select", open);
  window.addEventListener("resize", () => rowOf(state.selected)?.scrollIntoView({ block: "nearest" }));
}
