"use strict";

const SVG = "http://www.w3.org/2000/svg";
// A character of less confidence than this is marked in its line.
const DOUBTFUL = 0.8;
const at = (id) => document.getElementById(id);
const state = { found: null, page: 0, line: -1, asked: 0, file: null, timer: 0 };

const level = (confidence) => (confidence < DOUBTFUL ? "low" : confidence < 0.95 ? "middle" : "high");
const percent = (confidence) => `${Math.round(confidence * 100)}\u00a0%`;
const counted = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
const pages = () => (state.found ? state.found.pages : []);

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

function wait(on) {
  const started = performance.now();
  clearInterval(state.timer);
  at("busy").hidden = !on;
  at("elapsed").textContent = "";
  if (on) {
    state.timer = setInterval(() => {
      at("elapsed").textContent = `${Math.round((performance.now() - started) / 1000)} s`;
    }, 500);
  }
}

async function read(file) {
  const number = ++state.asked;
  state.file = file;
  say(`Reading ${file.name} …`);
  wait(true);
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
    if (answer.ok) {
      const lines = found.pages.reduce((sum, page) => sum + page.lines.length, 0);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      say(`${file.name}: ${counted(found.pages.length, "page")}, ${counted(lines, "line")}, read in ${seconds} s`);
      taken(found);
    } else refused(answer, found);
  } catch (error) {
    if (number === state.asked) say("The service does not answer. Is it still running?", true);
  } finally {
    if (number === state.asked) wait(false);
  }
}

function taken(found) {
  state.found = found;
  document.body.className = "read";
  at("key-box").hidden = true;
  at("tools").hidden = at("result").hidden = at("keys").hidden = false;
  at("turning").hidden = found.pages.length < 2;
  show(0);
}

function refused(answer, found) {
  const again = answer.headers.get("Retry-After");
  say(found.error + (again ? ` Try again in ${again} s.` : ""), true);
  if (answer.status === 401) {
    at("key-box").hidden = false;
    at("key").focus();
  }
}

function show(number) {
  state.page = Math.max(0, Math.min(pages().length - 1, number));
  state.line = -1;
  const page = pages()[state.page];
  at("place").textContent = `Page ${state.page + 1} of ${pages().length}`;
  at("previous").disabled = state.page === 0;
  at("next").disabled = state.page === pages().length - 1;
  at("sheet").replaceChildren();
  at("lines").replaceChildren();
  at("sheet").scrollTop = at("lines").parentElement.scrollTop = 0;
  if (page.error) { say(page.error, true); return; }
  const drawing = made(at("sheet"), "svg", { viewBox: `0 0 ${page.width} ${page.height}`, role: "img",
    "aria-label": `Page ${state.page + 1}` });
  if (page.image) made(drawing, "image", { href: page.image, width: page.width, height: page.height });
  page.lines.forEach((line, place) => {
    draw(drawing, line).addEventListener("click", () => choose(place));
    const item = made(at("lines"), "li", { tabindex: place === 0 ? 0 : -1 });
    made(item, "span", { class: "number" }, place + 1);
    write(made(item, "span", { class: "text" }), line);
    made(item, "span", { class: `sure ${level(line.confidence)}` }, percent(line.confidence));
    item.addEventListener("click", () => choose(place));
    item.addEventListener("focus", () => { if (state.line !== place) choose(place); });
  });
  if (!page.lines.length) say(`No text was found on page ${state.page + 1}.`);
}

/** The line over the scan. */
function draw(drawing, line) {
  const { x, y, width, height } = line.bbox;
  const group = made(drawing, "g", { class: `words ${level(line.confidence)}` });
  made(made(group, "rect", { x, y, width, height }), "title", {}, `${line.text} (${percent(line.confidence)})`);
  made(group, "text", { x, y: y + height * 0.8, "font-size": Math.max(6, height * 0.8), textLength: width,
    lengthAdjust: "spacingAndGlyphs" }, line.text);
  return group;
}

/** The line's text, with doubtful characters marked. */
function write(parent, line) {
  const letters = [...line.text];
  const sure = line.char_confidences;
  if (!sure || sure.length !== letters.length) { parent.textContent = line.text; return; }
  let piece = null, doubtful = null;
  letters.forEach((letter, number) => {
    if (doubtful !== sure[number] < DOUBTFUL) {
      doubtful = sure[number] < DOUBTFUL;
      piece = made(parent, doubtful ? "mark" : "span");
    }
    piece.textContent += letter;
  });
}

function choose(place) {
  const items = at("lines").children;
  if (place < 0 || place >= items.length) return;
  state.line = place;
  document.querySelector("#lines .crop")?.remove();
  [...items].forEach((item, number) => {
    item.tabIndex = number === place ? 0 : -1;
    item.setAttribute("aria-current", number === place);
  });
  const groups = document.querySelectorAll("#sheet g");
  groups.forEach((group, number) => group.classList.toggle("chosen", number === place));
  crop(items[place]);
  items[place].focus({ preventScroll: true });
  items[place].scrollIntoView({ block: "nearest" });
  groups[place].scrollIntoView({ block: "nearest" });
}

/** The scan of the chosen line, under its text. */
function crop(item) {
  const page = pages()[state.page];
  const { x, y, width, height } = page.lines[state.line].bbox;
  if (!page.image) return;
  const edge = Math.round(height / 4);
  const drawing = made(item, "svg", { class: "crop", "aria-hidden": "true", preserveAspectRatio: "xMinYMid meet",
    viewBox: `${x - edge} ${y - edge} ${width + 2 * edge} ${height + 2 * edge}` });
  made(drawing, "image", { href: page.image, width: page.width, height: page.height });
}

function save(content, type, suffix) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = state.file.name.replace(/\.[^.]*$/, "") + suffix;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

at("file").addEventListener("change", () => {
  if (at("file").files.length) read(at("file").files[0]);
  at("file").value = ""; // so that the same file can be chosen again
});
at("key-box").addEventListener("submit", (event) => { event.preventDefault(); read(state.file); });
at("previous").addEventListener("click", () => show(state.page - 1));
at("next").addEventListener("click", () => show(state.page + 1));
at("overlay").addEventListener("change", () => at("sheet").classList.toggle("bare", !at("overlay").checked));
at("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(pages()[state.page].text);
    say(`The text of page ${state.page + 1} is copied.`);
  } catch (error) {
    say("The browser does not let the page copy. Save the text instead.", true);
  }
});
at("save-text").addEventListener("click", () =>
  save(pages().map((page) => page.text).join("\f"), "text/plain;charset=utf-8", ".txt"));
at("save-json").addEventListener("click", () => {
  const plain = { ...state.found, pages: pages().map(({ image, ...page }) => page) };
  save(JSON.stringify(plain, null, 1), "application/json", ".json");
});
document.addEventListener("keydown", (event) => {
  if (!pages().length || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("#key")) return;
  const line = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const page = { PageDown: 1, PageUp: -1 }[event.key];
  if (line) choose(Math.max(0, state.line + line));
  else if (page && pages()[state.page + page]) show(state.page + page);
  else return; // with no page to go to, the browser scrolls
  event.preventDefault();
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) read(event.dataTransfer.files[0]);
  });
}
