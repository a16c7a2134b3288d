// What a person does to lines, beyond typing.
import { emit, fresh, lineOf, place, select, selectedLine, snapshot, state } from "./model.js";
import { change } from "./history.js";
import { pendingOn } from "./saving.js";
import { post } from "./server.js";
import { t } from "./words.js";

const say = (key, values) => { document.getElementById("say").textContent = t(key, values); };

export function typed(id, text) {
  const clean = text.normalize("NFC").replace(/\s/g, " ");
  change("text", [id], (page) => {
    const line = lineOf(page, id);
    Object.assign(line, { text: clean, state: line.read && clean.trim() === line.read.trim() ? "seen" : "corrected" });
  });
}

/** Say something of the selected line: seen, unreadable, not_text; the same a second time takes it back. */
export function mark(wanted, { toggle = true } = {}) {
  const line = selectedLine();
  if (!line) return;
  const said = wanted === "seen" && line.text !== line.read ? "corrected" : wanted;
  if (line.state === said && !toggle) return;
  const next = line.state === said ? "untouched" : said;
  change("state", [line.id], (page) => { lineOf(page, line.id).state = next; });
  say(`state_${next}`);
}

export function allSeen() {
  const ids = state.page.lines.filter((line) => line.state === "untouched").map((line) => line.id);
  if (!ids.length) return;
  change("state", ids, (page) => {
    for (const id of ids) {
      const line = lineOf(page, id);
      line.state = line.text === line.read ? "seen" : "corrected";
    }
  });
  say("allSeen", { count: ids.length });
}

function made(values) {
  return { state: "untouched", moved: true, read: "", confidence: 0, char_confidences: [], who: "", when: "", revision: 0,
    text: "", ...values, id: fresh("n") };
}

const average = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Cut the selected line in two at the cursor, its box at the same share of its width. */
export function split(cursor) {
  const line = selectedLine();
  if (!line || line.bbox.width < 8) return;
  const letters = [...line.text];
  const before = [...line.text.slice(0, cursor)].length;
  const cut = before > 0 && before < letters.length ? before : Math.ceil(letters.length / 2);
  const share = letters.length ? cut / letters.length : 0.5;
  const width = Math.min(line.bbox.width - 4, Math.max(4, Math.round(line.bbox.width * share)));
  const exact = line.text === line.read && line.char_confidences.length === letters.length;
  const half = (from, to, box) => {
    const text = letters.slice(from, to).join("").trim();
    const sure = exact ? line.char_confidences.slice(from, to) : [];
    const lead = letters.slice(from, to).join("").length - letters.slice(from, to).join("").trimStart().length;
    const own = sure.slice(lead, lead + [...text].length);
    const said = line.state === "untouched" ? "untouched" : "corrected";
    return made({ text, bbox: { ...line.bbox, ...box }, state: said, read: exact ? text : "", char_confidences: own,
      confidence: exact ? average(own) : 0 });
  };
  const first = half(0, cut, { width });
  const second = half(cut, letters.length, { x: line.bbox.x + width, width: line.bbox.width - width });
  change("split", [line.id], (page) => {
    page.lines.splice(place(page, line.id), 1, first, second);
    state.selected = first.id;
  }, { more: [first.id, second.id] });
  select(first.id);
  say("split");
}

/** Make one line of the selected one and the next. */
export function join() {
  const line = selectedLine();
  const next = line && state.page.lines[place(state.page, line.id) + 1];
  if (!next) return;
  const [one, other] = [line.bbox, next.bbox];
  const x = Math.min(one.x, other.x), y = Math.min(one.y, other.y);
  const bbox = { x, y, width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y };
  const text = [line.text, next.text].filter(Boolean).join(" ");
  const exact = line.text === line.read && next.text === next.read && line.text && next.text;
  const sure = exact && line.char_confidences.length && next.char_confidences.length
    ? [...line.char_confidences, 1, ...next.char_confidences] : [];
  const said = line.state === "untouched" || next.state === "untouched" ? "untouched" : "corrected";
  const joined = made({ text, bbox, state: said, read: exact ? text : "", char_confidences: sure,
    confidence: exact ? Math.min(line.confidence, next.confidence) : 0 });
  change("join", [line.id, next.id], (page) => {
    page.lines.splice(place(page, line.id), 2, joined);
    state.selected = joined.id;
  }, { more: [joined.id] });
  select(joined.id);
  say("joined");
}

export function remove() {
  const line = selectedLine();
  if (!line) return;
  const at = place(state.page, line.id);
  change("remove", [line.id], (page) => {
    page.lines.splice(at, 1);
    state.selected = (page.lines[at] ?? page.lines[at - 1])?.id ?? null;
  });
  select(state.selected);
  say("removed");
}

export function reorder(step) {
  const line = selectedLine();
  const from = line ? place(state.page, line.id) : -1, to = from + step;
  if (from < 0 || to < 0 || to >= state.page.lines.length) return;
  change("order", [], (page) => { page.lines.splice(to, 0, ...page.lines.splice(from, 1)); });
  select(line.id);
  say("nowLine", { line: to + 1 });
}

/** Add a line behind the selected one, read what is in its box, and offer that as its text. */
export function addLine(box) {
  const line = made({ bbox: box });
  const behind = state.selected ? place(state.page, state.selected) + 1 : state.page.lines.length;
  change("draw", [], (page) => { page.lines.splice(behind, 0, line); state.selected = line.id; }, { more: [line.id] });
  select(line.id);
  return readAgain(line.id, { onlyEmpty: true });
}

/** A box below the selected one, for those who draw with the keyboard. */
export function addBelow() {
  const { page } = state, line = selectedLine();
  if (!page.width) return;
  const model = line?.bbox ?? { x: page.width * 0.1, y: page.height * 0.05, width: page.width * 0.5, height: page.height * 0.02 };
  const height = Math.max(8, Math.round(model.height)), width = Math.max(8, Math.round(model.width));
  const y = Math.min(page.height - height, Math.round(model.y + model.height + 4));
  addLine({ x: Math.round(model.x), y, width, height });
}

/** Have the recogniser read the line in its box as it is now. */
export async function readAgain(id = state.selected, { onlyEmpty = false } = {}) {
  const { page } = state;
  if (!lineOf(page, id)) return;
  say("reading");
  while (pendingOn(page)) await new Promise((resolve) => setTimeout(resolve, 30));
  const line = lineOf(page, id);
  if (!line || page !== state.page) return;
  const { revision, ...rest } = snapshot(line);
  const put = [{ ...rest, expect: page.known.get(id) ?? revision }];
  try {
    const found = await post("read", { id: fresh("r"), page_index: page.page_index, put });
    const now = lineOf(page, id);
    if (!now || page !== state.page || (onlyEmpty && now.text)) return;
    change("read", [id], () => Object.assign(now, { text: found.text, state: "untouched", read: found.text,
      confidence: found.confidence, char_confidences: found.char_confidences }));
    emit("reread", id);
    say("wasRead", { text: found.text });
  } catch (error) {
    if (!onlyEmpty) emit("notice", error.message);
  }
}
