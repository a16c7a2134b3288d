"use strict";

const SVG = "http://www.w3.org/2000/svg";
const at = (id) => document.getElementById(id);
const state = { pages: [], page: 0, line: -1, asked: 0 };

const level = (confidence) => (confidence < 0.8 ? "low" : confidence < 0.95 ? "middle" : "high");
const percent = (confidence) => `${Math.round(confidence * 100)} %`;

function say(text, wrong = false) {
  at("status").textContent = text;
  at("status").classList.toggle("wrong", wrong);
}

function made(parent, name, attributes = {}, text = null) {
  const element = parent.namespaceURI === SVG || name === "svg"
    ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return parent.appendChild(element);
}

async function read(file) {
  const number = ++state.asked;
  say(`Reading ${file.name} …`);
  const form = new FormData();
  form.append("file", file);
  const key = at("key").value.trim();
  const started = performance.now();
  try {
    const answer = await fetch("/v1/ocr?format=json&images=true", {
      method: "POST", body: form, headers: key ? { "X-API-Key": key } : {},
    });
    const found = await answer.json();
    if (number !== state.asked) return;
    if (!answer.ok) {
      const again = answer.headers.get("Retry-After");
      if (answer.status === 401) at("key-box").open = true;
      say(found.error + (again ? ` Try again in ${again} s.` : ""), true);
      return;
    }
    state.pages = found.pages;
    const lines = found.pages.reduce((sum, page) => sum + page.lines.length, 0);
    say(`${file.name}: ${found.pages.length} page(s), ${lines} lines, ${((performance.now() - started) / 1000).toFixed(1)} s`);
    at("tools").hidden = at("result").hidden = false;
    show(0);
  } catch (error) {
    if (number === state.asked) say("The service does not answer.", true);
  }
}

function show(number) {
  state.page = Math.max(0, Math.min(state.pages.length - 1, number));
  state.line = -1;
  const page = state.pages[state.page];
  at("place").textContent = `Page ${state.page + 1} of ${state.pages.length}`;
  at("previous").disabled = state.page === 0;
  at("next").disabled = state.page === state.pages.length - 1;
  at("sheet").replaceChildren();
  at("lines").replaceChildren();
  if (page.error) { say(page.error, true); return; }
  const drawing = made(at("sheet"), "svg", { viewBox: `0 0 ${page.width} ${page.height}`, role: "img",
    "aria-label": `Page ${state.page + 1}` });
  if (page.image) made(drawing, "image", { href: page.image, width: page.width, height: page.height });
  page.lines.forEach((line, place) => {
    const box = line.bbox;
    const group = made(drawing, "g", { class: `words ${level(line.confidence)}` });
    const rectangle = made(group, "rect", { x: box.x, y: box.y, width: box.width, height: box.height });
    made(rectangle, "title", {}, `${line.text} (${percent(line.confidence)})`);
    made(group, "text", { x: box.x, y: box.y + box.height * 0.8, "font-size": Math.max(6, box.height * 0.8),
      textLength: box.width, lengthAdjust: "spacingAndGlyphs" }, line.text);
    group.addEventListener("click", () => choose(place));
    const item = made(at("lines"), "li", { tabindex: place === 0 ? 0 : -1 });
    made(item, "span", {}, line.text);
    made(item, "span", { class: level(line.confidence) }, percent(line.confidence));
    item.addEventListener("click", () => choose(place));
    item.addEventListener("focus", () => { if (state.line !== place) choose(place); });
  });
}

function choose(place) {
  const items = at("lines").children;
  if (place < 0 || place >= items.length) return;
  state.line = place;
  [...items].forEach((item, number) => {
    item.tabIndex = number === place ? 0 : -1;
    item.setAttribute("aria-current", number === place);
  });
  document.querySelectorAll("#sheet g").forEach((group, number) => group.classList.toggle("chosen", number === place));
  items[place].focus({ preventScroll: true });
  items[place].scrollIntoView({ block: "nearest" });
}

at("file").addEventListener("change", () => { if (at("file").files.length) read(at("file").files[0]); });
at("previous").addEventListener("click", () => show(state.page - 1));
at("next").addEventListener("click", () => show(state.page + 1));
at("overlay").addEventListener("change", () => at("sheet").classList.toggle("bare", !at("overlay").checked));
at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(state.pages[state.page].text);
    say("The page's text is copied.");
  } catch (error) {
    say("The browser does not let the page copy.", true);
  }
});
document.addEventListener("keydown", (event) => {
  if (!state.pages.length || event.target.matches("input[type=password]")) return;
  const steps = { ArrowDown: () => choose(state.line + 1), ArrowUp: () => choose(state.line - 1),
    PageDown: () => show(state.page + 1), PageUp: () => show(state.page - 1) };
  if (steps[event.key]) { event.preventDefault(); steps[event.key](); }
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) read(event.dataTransfer.files[0]);
  });
}
