// Search in the whole document.
import { on, state } from "./model.js";
import { get } from "./server.js";
import { count, t } from "./words.js";

const at = (id) => document.getElementById(id);
let timer = 0, asked = 0;

async function look(app) {
  const number = ++asked, text = at("find").value;
  if (!text.trim()) { close(); return; }
  const { found, more } = await get("find", { q: text });
  if (number !== asked) return;
  at("found").textContent = more ? t("moreThan", { count: count(found.length) }) : t("foundLines", { count: count(found.length) });
  at("hits").querySelector("ul").replaceChildren(...found.map((hit) => {
    const item = document.createElement("li"), button = document.createElement("button");
    button.type = "button";
    const page = Object.assign(document.createElement("span"), { className: "number", textContent: count(hit.page + 1) });
    page.setAttribute("aria-label", t("pageNumber", { page: hit.page + 1 }));
    button.append(page, Object.assign(document.createElement("span"), { textContent: hit.text }));
    button.addEventListener("click", () => { close(); app.show(hit.page, hit.line); });
    item.append(button);
    return item;
  }));
  at("hits").hidden = false;
}

function close() {
  asked += 1;
  at("hits").hidden = true;
}

function step(event, by) {
  const buttons = [...at("hits").querySelectorAll("button")];
  const now = buttons.indexOf(document.activeElement);
  const to = now + by;
  event.preventDefault();
  if (to < 0) at("find").focus();
  else buttons[Math.min(to, buttons.length - 1)]?.focus();
}

export function start(app) {
  at("find").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => look(app).catch(() => close()), 150);
  });
  at("search").addEventListener("submit", (event) => {
    event.preventDefault();
    at("hits").querySelector("button")?.click();
  });
  at("search").addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") step(event, 1);
    if (event.key === "ArrowUp") step(event, -1);
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); at("text")?.focus(); }
  });
  document.addEventListener("pointerdown", (event) => { if (!at("search").contains(event.target)) close(); });
  on("page", () => { if (!at("search").contains(document.activeElement)) close(); });
  return state;
}
