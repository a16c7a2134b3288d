// What is open: documents, pages as far as they were fetched, the page and line that are shown. Views listen to events.
export const state = {
  documents: [], document: 0, pages: new Map(), index: 0, page: null, selected: null, edits: 0, who: "", progress: new Map(),
};

const events = new EventTarget();

/** Call `act` with the event's detail whenever `name` happens: page, lines, line, select, progress, saved. */
export const on = (name, act) => events.addEventListener(name, (event) => act(event.detail));
export const emit = (name, detail = null) => events.dispatchEvent(new CustomEvent(name, { detail }));

export const lineOf = (page, id) => page?.lines.find((line) => line.id === id) ?? null;
export const selectedLine = () => lineOf(state.page, state.selected);
export const place = (page, id) => page.lines.findIndex((line) => line.id === id);

/** A name for a new line or edit. */
export function fresh(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return prefix + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What an edit changes of a line, as it is now. */
export function snapshot(line) {
  if (!line) return null;
  const { id, text, state: said, bbox, moved, read, confidence, char_confidences, revision } = line;
  return { id, text, state: said, bbox: { ...bbox }, moved, read, confidence, char_confidences, revision };
}

export function alike(one, other) {
  if (!one || !other) return one === other;
  const box = ["x", "y", "width", "height"].every((key) => one.bbox[key] === other.bbox[key]);
  return box && one.text === other.text && one.state === other.state && one.moved === other.moved;
}

export function select(id, { focus = true } = {}) {
  const before = state.selected;
  state.selected = id;
  emit("select", { before, focus });
}

/** Characters that the recogniser was not sure of, as [position, level]; none where a person has vouched for the line. */
export function doubts(line, below) {
  if (line.state !== "untouched" || line.text !== line.read) return [];
  const middle = Math.max(below, 0.95);
  const found = [];
  [...line.text].forEach((_, number) => {
    const sure = line.char_confidences.length ? line.char_confidences[number] ?? 1 : line.confidence;
    if (sure < below) found.push([number, "low"]);
    else if (sure < middle) found.push([number, "middle"]);
  });
  return found;
}

/** The uncertain characters of a line, each named once: a row of dots need not be read out dot by dot. */
export function uncertain(line, below) {
  const letters = [...line.text];
  return [...new Set(doubts(line, below).filter(([, level]) => level === "low").map(([where]) => letters[where]))];
}

/** Count a page's lines and those that a person has said something of. */
export function recount(page) {
  const done = page.lines.filter((line) => line.state !== "untouched").length;
  state.progress.set(page.page_index, [page.lines.length, done]);
  emit("progress");
}
