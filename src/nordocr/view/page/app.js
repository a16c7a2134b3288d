// Opens the page: fetches what is shown, keeps it as the server has it, and connects the parts.
import * as boxes from "./boxes.js";
import * as editor from "./editor.js";
import * as find from "./find.js";
import * as history from "./history.js";
import * as keys from "./keys.js";
import * as lines from "./lines.js";
import { emit, lineOf, on, recount, select, state } from "./model.js";
import { allSeen } from "./actions.js";
import { adopt, pending, pendingOn } from "./saving.js";
import { documents, get, imageAddress } from "./server.js";
import * as settings from "./settings.js";
import * as sheet from "./sheet.js";
import { count, t } from "./words.js";

const at = (id) => document.getElementById(id);
const POLL = 2000;

/** Fetch a page of a document, whose pages so far are `held`, unless it is among them. */
async function fetched(index, held = state.pages, number = state.document) {
  if (held.has(index)) return held.get(index);
  const answer = await get(`pages/${index}`, {}, number);
  if (held.has(index)) return held.get(index); // asked for twice
  const page = { ...answer.page, flags: answer.flags, error: answer.error };
  page.known = new Map(page.lines.map((line) => [line.id, line.revision]));
  held.set(index, page);
  return page;
}

let goal = 0; // who asked last where to go; what was asked before and has not arrived is given up

/** Show a page and one of its lines; "first" and "last" are lines, too. */
async function show(index, line = "first", { focus = true } = {}) {
  if (!state.numbers.includes(index)) return;
  const mine = ++goal;
  const page = await fetched(index);
  if (mine === goal) put(page, index, line, focus);
}

function put(page, index, line, focus = true) {
  state.index = index;
  state.page = page;
  const named = { first: page.lines[0], last: page.lines[page.lines.length - 1] }[line] ?? lineOf(page, line) ?? page.lines[0];
  state.selected = named?.id ?? null;
  recount(page);
  emit("page");
  head();
  select(state.selected, { focus });
  notice(page.error || (page.flags.includes("doubtful") ? t("doubtful") : ""));
  const after = state.numbers[state.numbers.indexOf(index) + 1];
  const next = state.documents[state.document + 1]?.pages[0];
  // So that turning the page does not wait.
  if (after !== undefined) {
    fetched(after).catch(() => {});
    new Image().src = imageAddress(after);
  } else if (next !== undefined) new Image().src = imageAddress(next, state.document + 1);
}

function head() {
  const where = state.numbers.indexOf(state.index);
  at("number").value = String(where + 1);
  at("count").textContent = t("pageOf", { count: count(state.numbers.length) });
  at("previous").disabled = where <= 0 && !beyond(-1);
  at("next").disabled = where === state.numbers.length - 1 && !beyond(1);
}

/** The number of the nearest document before or after this one that has a page. */
function beyond(step) {
  let number = state.document + step;
  while (state.documents[number] && !state.documents[number].pages.length) number += step;
  return state.documents[number] ? { number } : null;
}

/** To the next or previous page; behind a document's last page comes the next document. */
function turn(step, line) {
  const to = state.numbers[state.numbers.indexOf(state.index) + step];
  const other = to === undefined ? beyond(step) : null;
  if (to !== undefined) show(to, line);
  else if (other) open(other.number, step > 0 ? "first" : "last", line);
}

async function settled() {
  while (pending()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function uncertain(back) {
  await settled(); // what was just said of a line counts
  const query = { page: state.index, line: state.selected ?? "", below: at("below").value, back: back ? 1 : 0 };
  const found = await get("next", query);
  if (found.line === undefined) { notice(t("noneUncertain")); return; }
  if (found.document !== state.document) await open(found.document, found.page, found.line);
  else if (found.page === state.index && lineOf(state.page, found.line)) select(found.line);
  else await show(found.page, found.line);
}

async function step(back) {
  const problem = await history.step(back, (document_, index) =>
    (document_ === state.document ? show(index) : open(document_, index)));
  if (problem) notice(t(problem));
  else select(state.selected);
}

function notice(text) {
  at("notice").textContent = text;
  at("notice").hidden = !text;
}

function progress() {
  const [total, done] = state.progress.get(state.index) ?? [0, 0];
  const all = [...state.progress.values()].reduce((sum, [lines, seen]) => [sum[0] + lines, sum[1] + seen], [0, 0]);
  at("bar").max = Math.max(1, total);
  at("bar").value = done;
  at("done").textContent = t("doneOf", { done: count(done), total: count(total), all: count(all[1]), lines: count(all[0]) });
}

let savingShown = 0;

/** The dot tells at once, the word only where saving takes longer than a blink; a failure is also spoken. */
function saved(detail) {
  const failed = detail && "failed" in detail;
  const shown = failed ? `${t("notSaved")} ${detail.failed}`.trim() : t("saved");
  clearTimeout(savingShown);
  at("saved").className = failed ? "failed" : pending() ? "pending" : "";
  if (pending() && !failed) savingShown = setTimeout(() => { at("saved").textContent = t("saving"); }, 500);
  else if (at("saved").textContent !== shown) at("saved").textContent = shown;
  if (failed && at("say").textContent !== shown) at("say").textContent = shown;
}

async function refused({ page, mine, conflict, server, message }) {
  const fresh = server ?? (await get(`pages/${page.page_index}`)).page;
  adopt(page, fresh);
  if (!conflict) notice(message);
  else if (mine) editor.showConflict(mine);
  else notice(t("changedElsewhere"));
}

/** Fetch what others have changed. */
async function poll() {
  if (document.visibilityState !== "visible" || pending()) return;
  const { document: number, pages: held } = state;
  try {
    const { edits, pages } = await get("changes", { since: state.edits });
    for (const index of pages) {
      const page = held.get(index);
      if (!page) { recountLater(); continue; }
      const answer = await get(`pages/${index}`, {}, number);
      if (pendingOn(page) || held !== state.pages) return; // next time
      if (JSON.stringify(answer.page.lines) !== JSON.stringify(page.lines)) adopt(page, answer.page);
    }
    if (held !== state.pages) return;
    state.edits = edits;
    if (at("saved").className === "failed") saved();
  } catch { emit("saved", { failed: "" }); }
}

async function recountLater() {
  const held = state.pages;
  const { pages } = await get("progress");
  if (held !== state.pages) return;
  for (const [index, total, done] of pages) if (index !== state.index) state.progress.set(index, [total, done]);
  progress();
}

/** Open a document at a page ("first" and "last" are pages, too) and a line of it. */
async function open(number, page = "first", line = "first") {
  const mine = ++goal, document_ = state.documents[number], pages = new Map();
  const index = { first: document_.pages[0], last: document_.pages.at(-1) }[page] ?? page;
  await settled(); // what was typed in it before must be in what is fetched
  const shown = document_.pages.length ? await fetched(index, pages, number) : null;
  if (mine !== goal) return;
  // At once: a key pressed now must not meet the page of one document under the number of another.
  Object.assign(state, { document: number, numbers: document_.pages, edits: document_.edits, pages, progress: new Map() });
  at("documents").value = String(number);
  document.title = `${document_.name} – nordocr`;
  if (shown) put(shown, index, line);
  await recountLater();
}

function chooser() {
  const list = at("documents");
  list.replaceChildren(...state.documents.map((one, number) => new Option(one.name, number)));
  list.hidden = state.documents.length < 2;
  list.addEventListener("change", () => open(Number(list.value)));
}

const app = { show, turn, uncertain, undo: () => step(true), redo: () => step(false) };

async function begin() {
  const [, listed] = await Promise.all([settings.begin(), documents()]);
  state.documents = listed.documents;
  state.numbers = [];
  settings.name(listed.who);
  for (const part of [sheet, boxes, lines, editor]) part.start();
  find.start(app);
  const keyTable = keys.start(app);
  keyTable();
  settings.start(() => { editor.label(); keyTable(); head(); progress(); saved(); if (state.page) emit("lines"); });
  on("progress", progress);
  on("saved", saved);
  on("refused", refused);
  on("notice", notice);
  on("adjust", boxes.adjust);
  on("history", () => { at("undo").disabled = !history.canUndo(); at("redo").disabled = !history.canRedo(); });
  at("previous").addEventListener("click", () => turn(-1, "first"));
  at("next").addEventListener("click", () => turn(1, "first"));
  at("number").addEventListener("change", () => show(state.numbers[Number(at("number").value) - 1]).then(head));
  at("uncertain").addEventListener("click", () => uncertain(false));
  at("undo").addEventListener("click", app.undo);
  at("redo").addEventListener("click", app.redo);
  at("all").addEventListener("click", allSeen);
  at("help").addEventListener("click", () => at("keysbox").showModal());
  chooser();
  emit("history");
  saved();
  await open(0);
  setInterval(poll, POLL);
  window.nordocrReady = true;
}

begin().catch((error) => notice(error.message));
