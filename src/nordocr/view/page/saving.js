// Edits go to the server one after the other, each only once, and are tried again until they are acknowledged.
import { emit, fresh, lineOf, place, recount, snapshot, state } from "./model.js";
import { Refused, post } from "./server.js";

const waiting = [];
let running = false;

export const pendingOn = (page) => waiting.some((task) => task.page === page);
export const pending = () => waiting.length;

/**
 * Send a change of a page that the page here shows already.
 * `change`: kind, lines (snapshots of those that are new or changed), remove (names), order (names, where it changes).
 * A text that is still being typed is sent once for all keystrokes that came while the one before was on its way.
 */
export function send(page, change) {
  const last = waiting[waiting.length - 1];
  const typed = (one) => (one.kind === "text" && one.lines.length === 1 ? one.lines[0].id : null);
  if (last && !last.edit && last.page === page && typed(change) && typed(change) === typed(last.change)) {
    last.change = change;
  } else {
    waiting.push({ page, change, edit: null, document: state.document });
  }
  emit("saved");
  run();
}

/** The edit as it is sent: what it changes as it was then, with the revisions that the server has told since. */
function edited({ page, change }) {
  const put = change.lines.map(({ revision, ...line }) => ({ ...line, expect: page.known.get(line.id) ?? revision }));
  const remove = change.remove.map((id) => ({ id, expect: page.known.get(id) ?? 0 }));
  const edit = { id: fresh("e"), kind: change.kind, page_index: page.page_index, put, remove, who: state.who };
  if (change.order) Object.assign(edit, { order: change.order, expect_order: page.order });
  return edit;
}

async function run() {
  if (running) return;
  running = true;
  while (waiting.length) {
    const task = waiting[0];
    task.edit ??= edited(task);
    try {
      const answer = await post("edits", task.edit, task.document);
      for (const line of answer.lines) {
        task.page.known.set(line.id, line.revision);
        const held = lineOf(task.page, line.id);
        if (held) Object.assign(held, { revision: line.revision, who: line.who, when: line.when });
      }
      task.page.order = answer.order;
      if (task.document === state.document && answer.edits === state.edits + 1) state.edits = answer.edits;
      waiting.shift();
      emit("saved");
    } catch (error) {
      if (error instanceof Refused && error.status < 500) refused(task, error);
      else {
        emit("saved", { failed: error instanceof Refused ? error.message : "" });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
    }
  }
  running = false;
}

/** Show what the server has, and what of the person's is not in it. */
function refused(task, error) {
  const mine = task.change.kind === "text" ? snapshot(lineOf(task.page, task.change.lines[0].id)) : null;
  for (let at = waiting.length - 1; at >= 0; at -= 1) if (waiting[at].page === task.page) waiting.splice(at, 1);
  if (task.document === state.document) {
    emit("refused", { page: task.page, mine, conflict: error.status === 409, server: error.answer.page, message: error.message });
  }
  emit("saved");
}

/** Replace what is held of a page by what the server has. */
export function adopt(page, server) {
  Object.assign(page, server);
  page.known = new Map(page.lines.map((line) => [line.id, line.revision]));
  recount(page);
  if (page === state.page) {
    if (state.selected && place(page, state.selected) < 0) state.selected = page.lines[0]?.id ?? null;
    emit("lines");
  }
}

window.addEventListener("beforeunload", (event) => { if (waiting.length) event.preventDefault(); });
