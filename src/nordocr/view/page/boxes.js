// Boxes moved, resized and drawn, with the mouse or a pen and with the keyboard alone.
import { alike, emit, lineOf, on, selectedLine, snapshot, state } from "./model.js";
import { addLine } from "./actions.js";
import { change } from "./history.js";
import { coarseness, drawing, drawn, onPage, showLine } from "./sheet.js";
import { t } from "./words.js";

const at = (id) => document.getElementById(id);
const CORNERS = ["nw", "n", "ne", "e", "se", "s", "sw", "w"];
let drag = null;

/** A box within the page, in whole pixels, at least 4 of them wide and high. */
export function within(box, page) {
  const width = Math.min(page.width, Math.max(4, Math.round(box.width)));
  const height = Math.min(page.height, Math.max(4, Math.round(box.height)));
  return {
    x: Math.min(page.width - width, Math.max(0, Math.round(box.x))),
    y: Math.min(page.height - height, Math.max(0, Math.round(box.y))), width, height,
  };
}

let framed = "";

/** What the frame follows from; while a person types it stays as it is. */
const frameKey = (line) => (line ? JSON.stringify([state.index, line.id, line.bbox, state.page.lines.indexOf(line)]) : "");

function handles() {
  framed = frameKey(selectedLine());
  const old = document.getElementById("frame");
  const held = old !== null && old === document.activeElement;
  old?.remove();
  const line = selectedLine(), svg = drawing();
  if (!line || !svg) return;
  const frame = drawn(svg, "g", { id: "frame", tabindex: "-1", role: "application" });
  frame.setAttribute("aria-label", t("boxOf", { line: state.page.lines.indexOf(line) + 1 }));
  drawn(frame, "rect", { class: "body", ...line.bbox });
  const size = 7 * coarseness();
  const low = line.bbox.height < 4 * size, narrow = line.bbox.width < 4 * size;
  for (const corner of CORNERS) {
    if ((low && "ew".includes(corner)) || (narrow && "ns".includes(corner))) continue;
    const x = line.bbox.x + line.bbox.width * (corner.includes("w") ? 0 : corner.includes("e") ? 1 : 0.5);
    const y = line.bbox.y + line.bbox.height * (corner.includes("n") ? 0 : corner.includes("s") ? 1 : 0.5);
    // Corners stand outside the box, so that the ends of a line stay legible.
    const out = (letter, other) => (corner.includes(letter) ? 0.4 : corner.includes(other) ? -0.4 : 0) * size;
    drawn(frame, "rect", { class: `handle ${corner}`, "data-corner": corner, x: x - size / 2 + out("e", "w"),
      y: y - size / 2 + out("s", "n"), width: size, height: size });
  }
  frame.addEventListener("pointerdown", begin);
  frame.addEventListener("keydown", keyed);
  frame.addEventListener("blur", () => { settle(); frame.classList.remove("keyed"); });
  if (held) hold(frame);
}

function hold(frame) {
  frame.classList.add("keyed");
  frame.focus({ preventScroll: true });
}

function begin(event) {
  const line = selectedLine();
  if (!line || event.button !== 0) return;
  event.preventDefault();
  event.stopPropagation();
  drag = { kind: event.target.dataset.corner ?? "move", from: onPage(event), box: { ...line.bbox }, id: line.id,
    before: snapshot(line) };
  drawing().setPointerCapture(event.pointerId);
}

function beginDrawing(event) {
  if (at("draw").getAttribute("aria-pressed") !== "true" || event.button !== 0 || !state.page) return;
  event.preventDefault();
  event.stopPropagation();
  const from = onPage(event);
  drag = { kind: "draw", from, box: { ...from, width: 0, height: 0 } };
  drag.shape = drawn(drawing(), "rect", { class: "drawn" });
  drawing().setPointerCapture(event.pointerId);
}

function pulled(box, corner, dx, dy) {
  let { x, y, width, height } = box;
  if (corner === "move") return { x: x + dx, y: y + dy, width, height };
  if (corner.includes("w")) { x += Math.min(dx, width - 4); width -= Math.min(dx, width - 4); }
  if (corner.includes("e")) width += dx;
  if (corner.includes("n")) { y += Math.min(dy, height - 4); height -= Math.min(dy, height - 4); }
  if (corner.includes("s")) height += dy;
  return { x, y, width, height };
}

function move(event) {
  if (!drag) return;
  const now = onPage(event);
  if (drag.kind === "draw") {
    drag.box = { x: Math.min(drag.from.x, now.x), y: Math.min(drag.from.y, now.y),
      width: Math.abs(now.x - drag.from.x), height: Math.abs(now.y - drag.from.y) };
    for (const [key, value] of Object.entries(drag.box)) drag.shape.setAttribute(key, value);
    return;
  }
  const box = within(pulled(drag.box, drag.kind, now.x - drag.from.x, now.y - drag.from.y), state.page);
  preview(drag.id, box);
}

function preview(id, box) {
  const line = lineOf(state.page, id);
  if (!line) return;
  line.bbox = box;
  showLine(id);
  const body = document.querySelector("#frame .body");
  if (body) for (const [key, value] of Object.entries(box)) body.setAttribute(key, value);
  emit("crop", id);
}

function end() {
  const ended = drag;
  drag = null;
  if (!ended) return;
  if (ended.kind === "draw") {
    ended.shape.remove();
    drawMode(false);
    if (ended.box.width >= 4 && ended.box.height >= 4) addLine(within(ended.box, state.page));
    return;
  }
  keep(ended.id, ended.before);
}

/** Make what was previewed one change, which can be undone. */
function keep(id, before) {
  const line = lineOf(state.page, id);
  if (!line || alike(snapshot(line), before)) return;
  const box = line.bbox;
  Object.assign(line, { bbox: before.bbox, moved: before.moved });
  change("move", [id], () => Object.assign(line, { bbox: box, moved: true }));
  handles();
}

let nudged = null;

function keyed(event) {
  const line = selectedLine();
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (["Escape", "Enter", "F2"].includes(event.key)) {
    event.preventDefault();
    event.stopPropagation();
    settle();
    emit("edit");
    return;
  }
  if (!line || !steps[event.key] || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  nudged ??= { id: line.id, before: snapshot(line) };
  const length = event.ctrlKey ? 20 : 2;
  const [dx, dy] = steps[event.key].map((step) => step * length);
  preview(line.id, within(pulled(line.bbox, event.shiftKey ? "se" : "move", dx, dy), state.page));
}

function settle() {
  const ended = nudged;
  nudged = null;
  if (ended) keep(ended.id, ended.before);
}

/** Let the arrow keys move the selected box. */
export function adjust() {
  const frame = document.getElementById("frame");
  if (frame) hold(frame);
  at("say").textContent = t("adjusting");
}

export function drawMode(active = at("draw").getAttribute("aria-pressed") !== "true") {
  at("draw").setAttribute("aria-pressed", String(active));
  at("sheet").classList.toggle("drawing", active);
}

export function start() {
  for (const event of ["page", "lines", "select"]) on(event, handles);
  on("line", (id) => {
    if (id === state.selected && !drag && !nudged && framed !== frameKey(selectedLine())) handles();
  });
  at("sheet").addEventListener("pointerdown", beginDrawing, { capture: true });
  at("sheet").addEventListener("pointermove", move);
  at("sheet").addEventListener("pointerup", end);
  at("sheet").addEventListener("pointercancel", end);
  at("sheet").addEventListener("keyup", (event) => { if (event.key.startsWith("Arrow")) settle(); });
  at("draw").addEventListener("click", () => drawMode());
}
