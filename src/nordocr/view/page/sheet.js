// The page's image with its lines over it, larger and smaller.
import { emit, on, select, selectedLine, state } from "./model.js";
import { imageAddress } from "./server.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const at = (id) => document.getElementById(id);
let zoom = 1;

export function drawn(parent, name, attributes = {}) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.append(element);
  return element;
}

export const drawing = () => at("sheet").querySelector("svg");

/** A place on the screen in pixels of the page. */
export function onPage(event) {
  const svg = drawing();
  const box = svg.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * state.page.width,
    y: ((event.clientY - box.top) / box.height) * state.page.height,
  };
}

/** How many pixels of the page are one on the screen. */
export const coarseness = () => state.page.width / Math.max(1, drawing().getBoundingClientRect().width);

function showPage() {
  const { page } = state;
  at("sheet").replaceChildren();
  if (!page.width || !page.height) return;
  const svg = drawn(at("sheet"), "svg", { viewBox: `0 0 ${page.width} ${page.height}`, role: "img",
    "aria-label": t("imageOf", { page: page.page_index + 1 }) });
  const image = drawn(svg, "image", { width: page.width, height: page.height, preserveAspectRatio: "none" });
  image.addEventListener("error", () => svg.classList.add("missing"));
  image.setAttribute("href", imageAddress(page.page_index));
  drawn(svg, "g", { id: "boxes" });
  fit();
  showLines();
}

function showLines() {
  const group = at("boxes");
  if (!group) return;
  group.replaceChildren();
  for (const line of state.page.lines) {
    const rectangle = drawn(group, "rect", { "data-id": line.id });
    rectangle.addEventListener("click", () => { if (state.selected !== line.id) select(line.id); });
  }
  for (const line of state.page.lines) showLine(line.id);
}

export function showLine(id) {
  const line = state.page?.lines.find((one) => one.id === id);
  const rectangle = at("boxes")?.querySelector(`[data-id="${CSS.escape(id ?? "")}"]`);
  if (!line || !rectangle) return;
  const least = Math.min(line.confidence, ...line.char_confidences);
  const level = least < Number(at("below").value) ? "low" : "sure";
  const selected = id === state.selected;
  const key = JSON.stringify([line.bbox, line.state, level, selected]);
  if (rectangle.dataset.key === key) return; // typing changes nothing here, and drawing the page anew takes time
  rectangle.dataset.key = key;
  for (const [key, value] of Object.entries(line.bbox)) rectangle.setAttribute(key, value);
  rectangle.setAttribute("class", line.state === "untouched" ? level : line.state);
  rectangle.classList.toggle("selected", selected);
}

export function fit() {
  zoom = 1;
  resize();
}

function resize() {
  const svg = drawing();
  if (svg) svg.style.width = `${Math.round(zoom * 100)}%`;
}

function zoomBy(factor) {
  zoom = Math.min(6, Math.max(0.4, zoom * factor));
  resize();
  reveal(true);
}

/** Bring the line into view; the sheet moves no more than it must. */
export function reveal(centre = false) {
  const line = selectedLine(), svg = drawing(), sheet = at("sheet");
  if (!line || !svg) return;
  const scale = svg.getBoundingClientRect().width / state.page.width;
  for (const [side, start, length] of [["Top", line.bbox.y, line.bbox.height], ["Left", line.bbox.x, line.bbox.width]]) {
    const room = side === "Top" ? sheet.clientHeight : sheet.clientWidth;
    const first = start * scale, last = (start + length) * scale, margin = Math.min(80, room / 6);
    const shown = sheet[`scroll${side}`];
    if (!centre && first >= shown + margin && last <= shown + room - margin) continue;
    const middle = (first + last) / 2 - room / 2;
    sheet[`scroll${side}`] = side === "Left" && length * scale > room ? first - 20 : Math.max(0, middle);
  }
}

export function start() {
  on("page", showPage);
  on("lines", showLines);
  on("line", showLine);
  on("select", ({ before }) => { showLine(before); showLine(state.selected); reveal(); });
  at("smaller").addEventListener("click", () => zoomBy(1 / 1.3));
  at("larger").addEventListener("click", () => zoomBy(1.3));
  at("fit").addEventListener("click", fit);
  window.addEventListener("resize", () => reveal());
  at("sheet").addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoomBy(event.deltaY < 0 ? 1.1 : 1 / 1.1);
  }, { passive: false });
  at("below").addEventListener("change", () => emit("lines"));
}
