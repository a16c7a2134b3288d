// The selected line: its image enlarged, its text to edit, and what can be done with it.
import { emit, lineOf, on, place, selectedLine, state } from "./model.js";
import * as actions from "./actions.js";
import { imageAddress } from "./server.js";
import { doubts, uncertain } from "./model.js";
import { percent, t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 64;
const element = (name, attributes = {}) => Object.assign(document.createElement(name), attributes);

export const editor = element("div", { className: "editor" });
const crop = element("div", { className: "crop" });
const input = element("input", { type: "text", id: "text", autocomplete: "off", spellcheck: false });
const about = element("p", { className: "about", id: "about" });
const conflict = element("div", { className: "conflict", hidden: true });
conflict.setAttribute("role", "alert");
const buttons = element("div", { className: "actions" });
buttons.setAttribute("role", "toolbar");
input.setAttribute("aria-describedby", "about");
input.setAttribute("enterkeyhint", "next");
editor.append(crop, input, conflict, about, buttons);

const ACTIONS = [
  ["seen", "Enter", () => actions.mark("seen")],
  ["unreadable", "Alt+U", () => actions.mark("unreadable")],
  ["notText", "Alt+X", () => actions.mark("not_text")],
  ["split", "Alt+S", () => actions.split(input.selectionStart ?? 0), "splitLine"],
  ["join", "Alt+J", () => actions.join(), "joinLine"],
  ["up", "Alt+↑", () => actions.reorder(-1), "moveUp"],
  ["down", "Alt+↓", () => actions.reorder(1), "moveDown"],
  ["box", "F2", () => emit("adjust"), "adjustBox"],
  ["again", "Alt+R", () => actions.readAgain(), "readAgain"],
  ["remove", "Alt+Del", () => actions.remove(), "removeLine"],
];

export const cursor = () => input.selectionStart ?? 0;

export function label() {
  buttons.setAttribute("aria-label", t("lineActions"));
  buttons.replaceChildren(...ACTIONS.map(([name, key, act, text]) => {
    const button = element("button", { type: "button", textContent: t(text ?? name), title: `${t(text ?? name)} (${key})` });
    button.dataset.name = name;
    // The cursor stays where it is: an action may depend on it.
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", act);
    return button;
  }));
}

/** Show the line's part of the page, large enough to read, with a little of what is around it. */
function showCrop(line) {
  crop.replaceChildren();
  const { page } = state;
  if (!page.width) return;
  const around = Math.max(3, Math.round(line.bbox.height * 0.3));
  const x = Math.max(0, line.bbox.x - around), y = Math.max(0, line.bbox.y - around);
  const width = Math.min(page.width, line.bbox.x + line.bbox.width + around) - x;
  const height = Math.min(page.height, line.bbox.y + line.bbox.height + around) - y;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("cropOf", { line: place(page, line.id) + 1 }));
  const image = document.createElementNS(SVG, "image");
  const attributes = { width: page.width, height: page.height, preserveAspectRatio: "none", href: imageAddress(page.page_index) };
  for (const [key, value] of Object.entries(attributes)) image.setAttribute(key, value);
  svg.append(image);
  svg.style.height = `${HEIGHT}px`;
  svg.style.width = `${Math.round((HEIGHT * width) / height)}px`;
  crop.append(svg);
  follow();
}

/** Scroll the crop so that what the cursor is at is in view. */
function follow() {
  const share = input.value.length ? (input.selectionEnd ?? 0) / input.value.length : 0;
  crop.scrollLeft = Math.max(0, share * crop.scrollWidth - crop.clientWidth / 2);
}

export function openEditor(line, { focus = true } = {}) {
  input.setAttribute("aria-label", t("textOf", { line: place(state.page, line.id) + 1 }));
  input.value = line.text;
  conflict.hidden = true;
  refreshEditor(line);
  showCrop(line);
  if (!focus) return;
  input.focus({ preventScroll: true });
  const first = doubts(line, Number(document.getElementById("below").value)).find(([, level]) => level === "low");
  const at = first ? [...line.text].slice(0, first[0]).join("").length : line.text.length;
  input.setSelectionRange(at, first ? at + [...line.text][first[0]].length : at);
  input.scrollLeft = (at / Math.max(1, line.text.length)) * input.scrollWidth - input.clientWidth / 2;
  follow();
}

export function refreshEditor(line) {
  if (input.value.normalize("NFC").replace(/\s/g, " ") !== line.text) input.value = line.text;
  editor.className = `editor ${line.state}`;
  const parts = [];
  if (line.state !== "untouched") parts.push(t(`state_${line.state}`) + (line.who ? `, ${line.who}` : ""));
  if (line.read && (line.read !== line.text || line.state === "untouched")) {
    parts.push(t("readAs", { text: line.read, sure: percent(line.confidence) }));
  }
  const low = uncertain(line, Number(document.getElementById("below").value));
  if (low.length) parts.push(t("uncertainCharacters", { characters: low.join(", ") }));
  about.textContent = parts.join(" · ");
  for (const [name, wanted] of [["seen", ["seen", "corrected"]], ["unreadable", ["unreadable"]], ["notText", ["not_text"]]]) {
    buttons.querySelector(`[data-name=${name}]`)?.setAttribute("aria-pressed", String(wanted.includes(line.state)));
  }
}

/** Say that somebody else has changed the line meanwhile, and let the person choose. */
export function showConflict(mine) {
  const line = lineOf(state.page, mine.id);
  if (!line) { emit("notice", t("lineGone", { text: mine.text })); return; }
  if (state.selected !== mine.id || line.text === mine.text) return;
  const text = element("p", { textContent: t("conflict", { theirs: line.text, mine: mine.text, who: line.who || "?" }) });
  const keep = element("button", { type: "button", textContent: t("keepTheirs") });
  const use = element("button", { type: "button", textContent: t("useMine") });
  keep.addEventListener("click", () => { conflict.hidden = true; input.focus(); });
  use.addEventListener("click", () => { conflict.hidden = true; input.value = mine.text; actions.typed(mine.id, mine.text); input.focus(); });
  conflict.replaceChildren(text, keep, use);
  conflict.hidden = false;
}

export function focusText() {
  input.focus({ preventScroll: true });
}

export function start() {
  label();
  input.addEventListener("input", (event) => {
    if (event.isComposing) return; // a letter that is put together from two keys comes when it is whole
    if (selectedLine()) actions.typed(state.selected, input.value);
  });
  input.addEventListener("compositionend", () => { if (selectedLine()) actions.typed(state.selected, input.value); });
  for (const event of ["keyup", "click", "select"]) input.addEventListener(event, follow);
  on("crop", (id) => { const line = lineOf(state.page, id); if (line && id === state.selected) showCrop(line); });
  on("line", (id) => { if (id === state.selected) { const line = selectedLine(); if (line) cropIfMoved(line); } });
  on("reread", (id) => { if (id === state.selected) openEditor(selectedLine()); });
  on("edit", focusText);
}

let shownBox = "";

/** The crop is drawn anew where the box has changed, and not at every keystroke. */
function cropIfMoved(line) {
  const box = JSON.stringify([state.index, line.id, line.bbox]);
  if (box !== shownBox) { shownBox = box; showCrop(line); }
}
