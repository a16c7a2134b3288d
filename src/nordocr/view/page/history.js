// Undo and redo: what lines were before and after each action, as long as nobody else has changed them since.
import { alike, emit, lineOf, recount, snapshot, state } from "./model.js";
import { send } from "./saving.js";

const undone = [], done = [];
const PAUSE = 900;

export const canUndo = () => done.length > 0;
export const canRedo = () => undone.length > 0;

/**
 * Make a change of the page that is shown: `act` changes its lines, `ids` are all that it may change.
 * Keystrokes that follow one another quickly in one line are one step.
 */
export function change(kind, ids, act, { more = [] } = {}) {
  const page = state.page;
  const before = new Map(ids.map((id) => [id, snapshot(lineOf(page, id))]));
  const orderBefore = page.lines.map((line) => line.id);
  act(page);
  for (const id of more) before.set(id, null);
  const after = new Map([...before.keys()].map((id) => [id, snapshot(lineOf(page, id))]));
  const order = page.lines.map((line) => line.id);
  const ordered = order.join() !== orderBefore.join();
  const last = done[done.length - 1];
  const now = performance.now();
  if (kind === "text" && last?.kind === "text" && last.page === page && last.typed === ids[0]
      && now - last.at < PAUSE && !undone.length) {
    Object.assign(last, { after, at: now });
  } else {
    done.push({ kind, page, document: state.document, index: page.page_index, before, after, orderBefore, order, ordered, at: now,
      typed: kind === "text" ? ids[0] : null });
  }
  undone.length = 0;
  dispatch(page, kind, before, after, ordered);
  emit("history");
}

function dispatch(page, kind, before, after, ordered) {
  const lines = [...after.values()].filter(Boolean);
  const remove = [...before].filter(([id, line]) => line && !after.get(id)).map(([id]) => id);
  recount(page);
  send(page, { kind, lines, remove, order: ordered ? page.lines.map((line) => line.id) : null });
  emit(ordered || lines.length > 1 ? "lines" : "line", lines[0]?.id);
}

/** Take the last change back, or make it again; `show` opens a page. Returns a key of the catalogue where it cannot. */
export async function step(back, show) {
  const from = back ? done : undone;
  const entry = from.pop();
  if (!entry) return null;
  if (entry.document !== state.document || entry.index !== state.index) await show(entry.document, entry.index);
  const page = state.page;
  const [now, then] = back ? [entry.after, entry.before] : [entry.before, entry.after];
  const order = back ? entry.orderBefore : entry.order;
  const held = page.lines.map((line) => line.id).join() === (back ? entry.order : entry.orderBefore).join();
  const untouched = [...now].every(([id, line]) => alike(snapshot(lineOf(page, id)), line));
  emit("history");
  if (!untouched || (entry.ordered && !held)) return "undoChanged";
  const before = new Map([...now.keys()].map((id) => [id, snapshot(lineOf(page, id))]));
  const lines = new Map(page.lines.map((line) => [line.id, line]));
  for (const [id, line] of then) {
    if (!line) lines.delete(id);
    else if (lines.has(id)) Object.assign(lines.get(id), { ...line, bbox: { ...line.bbox }, revision: lines.get(id).revision });
    else lines.set(id, { who: "", when: "", ...line, bbox: { ...line.bbox } });
  }
  page.lines = (entry.ordered ? order : page.lines.map((line) => line.id)).map((id) => lines.get(id));
  (back ? undone : done).push({ ...entry, typed: null });
  const after = new Map([...then].map(([id, line]) => [id, line ? snapshot(lines.get(id)) : null]));
  dispatch(page, back ? "undo" : "redo", before, after, entry.ordered);
  const shown = [...then].find(([, line]) => line)?.[0] ?? page.lines[0]?.id ?? null;
  state.selected = shown;
  emit("lines");
  emit("history");
  return null;
}
