"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { engines, classes, documents } = data;
  const $ = (id) => document.getElementById(id);
  const lines = data.lines.map((r) => ({
    id: r[0], doc: r[1], page: r[2], width: r[3], box: r[4], ref: r[5], texts: r[6], kinds: r[7], edits: r[8],
    conf: r[9], verdict: r[10], doubt: r[11], pieces: r[12], refs: r[13], img: r[14],
  }));
  const anyRef = lines.some((l) => l.ref !== null);
  const rowHeight = 36 + 20 * (engines.length + (anyRef ? 1 : 0)) + 22;
  document.documentElement.style.setProperty("--row", rowHeight + "px");
  const view = $("view"), space = $("space"), detail = $("detail");
  let shown = [], picked = -1, descending = false;

  // Theme: what the system says, until the reader says otherwise.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const paint = (theme) => { document.documentElement.dataset.theme = theme; };
  paint(dark.matches ? "dark" : "light");
  dark.addEventListener("change", (e) => paint(e.matches ? "dark" : "light"));
  $("theme").addEventListener("click", () => paint(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));

  const el = (tag, kind, text) => {
    const node = document.createElement(tag);
    if (kind) node.className = kind;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const normal = (text) => text.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
  // What an edit counts: a letter with the marks that no composed character holds.
  const units = (text) => text.match(/\P{M}\p{M}*|\p{M}+/gu) || [];
  const visible = (text) => text.replace(/ /g, "␣");

  // A shortest edit path between two texts as runs [kind, text], kind "=" same, "-" missing, "+" added.
  const diff = (reference, text) => {
    const a = units(normal(reference)), b = units(normal(text));
    let start = 0, enda = a.length, endb = b.length;
    while (start < enda && start < endb && a[start] === b[start]) start++;
    while (enda > start && endb > start && a[enda - 1] === b[endb - 1]) { enda--; endb--; }
    const n = enda - start, m = endb - start, runs = [];
    let gone = "", came = "";
    // Of neighbouring edits first all that was not read, then all that was read instead.
    const flush = () => {
      if (gone) runs.push(["-", gone]);
      if (came) runs.push(["+", came]);
      gone = came = "";
    };
    const push = (kind, unit) => {
      if (kind === "-") gone += unit;
      else if (kind === "+") came += unit;
      else if (!gone && !came && runs.length) runs[runs.length - 1][1] += unit;
      else { flush(); runs.push(["=", unit]); }
    };
    for (let i = 0; i < start; i++) push("=", a[i]);
    if (n * m > 4e6) {
      for (let i = start; i < enda; i++) push("-", a[i]);
      for (let j = start; j < endb; j++) push("+", b[j]);
    } else {
      const w = m + 1, cost = new Uint16Array((n + 1) * w);
      for (let i = n; i >= 0; i--) for (let j = m; j >= 0; j--) {
        if (i === n) cost[i * w + j] = m - j;
        else if (j === m) cost[i * w + j] = n - i;
        else if (a[start + i] === b[start + j]) cost[i * w + j] = cost[(i + 1) * w + j + 1];
        else cost[i * w + j] = 1 + Math.min(cost[(i + 1) * w + j + 1], cost[(i + 1) * w + j], cost[i * w + j + 1]);
      }
      let i = 0, j = 0;
      while (i < n || j < m) {
        const here = cost[i * w + j];
        if (i < n && j < m && a[start + i] === b[start + j] && cost[(i + 1) * w + j + 1] === here) { push("=", a[start + i]); i++; j++; }
        else if (i < n && j < m && cost[(i + 1) * w + j + 1] + 1 === here) { push("-", a[start + i++]); push("+", b[start + j++]); }
        else if (i < n && cost[(i + 1) * w + j] + 1 === here) push("-", a[start + i++]);
        else push("+", b[start + j++]);
      }
    }
    for (let i = enda; i < a.length; i++) push("=", a[i]);
    flush();
    return runs;
  };

  const textLine = (line, engine) => {
    const node = el("div", "text " + (engine < 0 ? "ref" : "c" + (engine % 6)));
    node.dataset.who = engine < 0 ? "reference" : engines[engine];
    node.append(el("i"));
    const text = engine < 0 ? line.ref : line.texts[engine];
    if (text === null || text === undefined) node.append(el("span", "none", engine < 0 ? "no reference" : "no line here"));
    else if (engine < 0 || line.ref === null) node.append(text || "∅");
    else {
      if (!text) node.append(el("span", "none", "∅ "));
      for (const [kind, run] of diff(line.ref, text)) {
        if (kind === "=") node.append(run);
        else node.append(el(kind === "-" ? "del" : "ins", "", visible(run)));
      }
    }
    return node;
  };
  const pageName = (line) => "page " + (line.page + 1) + (documents.length > 1 ? ", " + documents[line.doc] : "");
  const image = (line) => {
    if (!line.img) return el("div", "noimg", "no image");
    const node = el("img");
    node.src = line.img; node.alt = "line " + (line.id + 1); node.decoding = "async";
    return node;
  };
  const sure = (value) => (value === null ? "" : " · " + value.toFixed(2));
  const what = (line, e) => (line.kinds.length ? classes[line.kinds[e]].replace(/_/g, " ") + (line.edits[e] ? " · " + line.edits[e] : "") : "");

  const build = (line, position) => {
    const row = el("div", "row");
    row.dataset.id = line.id; row.dataset.at = position;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", position === picked);
    const meta = el("div", "meta");
    meta.append(el("b", "", "#" + (line.id + 1)), Object.assign(el("div", "cut", pageName(line)), { title: pageName(line) }), el("div", "", line.width + " px"));
    meta.append(el("div", "cut", engines.includes(line.verdict) ? line.verdict + " best" : line.verdict || "no reference"));
    if (line.doubt) meta.append(el("div", "", "reference alone"));
    const middle = el("div");
    middle.append(image(line));
    if (anyRef) middle.append(textLine(line, -1));
    engines.forEach((_, e) => middle.append(textLine(line, e)));
    const chips = el("div", "chips");
    if (anyRef) chips.append(el("div", "", " "));
    engines.forEach((_, e) => chips.append(el("div", line.kinds.length && classes[line.kinds[e]] === "exact" ? "exact" : "", (what(line, e) + sure(line.conf[e])) || " ")));
    row.append(meta, middle, chips);
    return row;
  };

  const render = () => {
    const first = Math.max(0, Math.floor(view.scrollTop / rowHeight) - 3);
    const last = Math.min(shown.length, Math.ceil((view.scrollTop + view.clientHeight) / rowHeight) + 3);
    const fresh = document.createDocumentFragment();
    for (let at = first; at < last; at++) {
      const row = build(shown[at], at);
      row.style.top = at * rowHeight + "px";
      fresh.append(row);
    }
    space.replaceChildren(fresh);
  };

  const showDetail = () => {
    detail.classList.toggle("open", picked >= 0);
    if (picked < 0) return;
    const line = shown[picked];
    detail.dataset.id = line.id;
    const head = el("div", "meta", `#${line.id + 1} · ${documents[line.doc]}, page ${line.page + 1} · box ${line.box.join(", ")} · ${line.width} px at height 32`);
    if (line.refs > 1) head.append(` · ${line.refs} lines of the reference`);
    const parts = [head, image(line)];
    for (let e = anyRef ? -1 : 0; e < engines.length; e++) {
      const node = textLine(line, e);
      const notes = e < 0 ? "" : [what(line, e), line.conf[e] === null ? "" : "confidence " + line.conf[e].toFixed(3), line.pieces[e] > 1 ? line.pieces[e] + " pieces" : ""].filter(Boolean).join(" · ");
      if (notes) node.append(el("small", "", "   " + notes));
      parts.push(node);
    }
    detail.replaceChildren(...parts);
  };

  // The details lie over the end of the list: so many pixels of it cannot be seen.
  const covered = () => {
    if (picked < 0) return 0;
    const hidden = view.getBoundingClientRect().bottom - detail.getBoundingClientRect().top;
    return Math.max(0, Math.min(hidden, view.clientHeight - rowHeight));
  };
  const pick = (at, scroll) => {
    picked = Math.max(-1, Math.min(shown.length - 1, at));
    showDetail();
    if (picked >= 0 && scroll) {
      const place = view.getBoundingClientRect();
      if (place.top < 0 || place.top > window.innerHeight / 2) $("lines").scrollIntoView();
      const top = picked * rowHeight, hidden = covered();
      space.style.height = shown.length * rowHeight + hidden + "px"; // the last line, too, can come out from under them
      if (top < view.scrollTop) view.scrollTop = top;
      else if (top + rowHeight > view.scrollTop + view.clientHeight - hidden) view.scrollTop = top + rowHeight - view.clientHeight + hidden;
    }
    render();
  };

  const worst = (values, best) => values.reduce((a, b) => (b === null ? a : best(a, b)), best === Math.max ? -1 : 2);
  const keys = {
    "reading order": (l) => l.id,
    "page": (l) => l.doc * 1e6 + l.page,
    "width": (l) => l.width,
    "most edits": (l) => worst(l.edits, Math.max),
    "difference in edits": (l) => (l.edits.length ? Math.max(...l.edits) - Math.min(...l.edits) : -1),
    "lowest confidence": (l) => worst(l.conf, Math.min),
    "length": (l) => (l.ref ?? l.texts.find((t) => t !== null) ?? "").length,
    "text": (l) => l.ref ?? l.texts.find((t) => t !== null) ?? "",
  };
  const haystack = new Map();
  const searched = (line) => {
    if (!haystack.has(line)) haystack.set(line, [line.ref || "", ...line.texts.map((t) => t || "")].join("\n").toLowerCase());
    return haystack.get(line);
  };
  const verdicts = {
    "": () => true,
    "not all right": (l) => l.verdict !== data.all && l.kinds.length > 0,
    "none right": (l) => l.kinds.length > 0 && !l.kinds.includes(classes.indexOf("exact")),
    "reference alone": (l) => !!l.doubt,
    "no reference": (l) => l.ref === null && l.verdict === "",
    "no line of some engine": (l) => l.texts.includes(null),
  };
  const update = () => {
    const find = normal($("search").value).toLowerCase(), verdict = $("f-verdict").value;
    const kind = $("f-class").value, engine = $("f-engine").value, page = $("f-page").value, key = keys[$("sort").value];
    const chosen = picked >= 0 && shown[picked] ? shown[picked].id : -1;
    const wanted = verdicts[verdict] || ((l) => l.verdict === verdict);
    shown = lines.filter((l) => {
      if (!wanted(l)) return false;
      if (page && page !== l.doc + ":" + l.page) return false;
      if (kind !== "") {
        const k = Number(kind);
        if (engine === "" ? !l.kinds.includes(k) : l.kinds[Number(engine)] !== k) return false;
      }
      return !find || searched(l).includes(find);
    });
    const sign = descending ? -1 : 1;
    shown.sort((a, b) => {
      const x = key(a), y = key(b);
      return (x < y ? -1 : x > y ? 1 : 0) * sign || a.id - b.id;
    });
    $("count").textContent = `${shown.length} of ${lines.length}`;
    space.style.height = shown.length * rowHeight + "px";
    picked = shown.findIndex((l) => l.id === chosen);
    view.scrollTop = picked >= 0 ? Math.max(0, picked * rowHeight - view.clientHeight / 2) : 0;
    render(); showDetail();
  };

  const fill = (id, options) => $(id).append(...options.map(([value, label]) => Object.assign(el("option", "", label), { value })));
  const present = new Set(lines.flatMap((l) => l.kinds));
  fill("f-verdict", [["", "every verdict"], ...Object.keys(verdicts).slice(1).map((v) => [v, v]), [data.all, data.all], [data.tie, data.tie], ...engines.map((e) => [e, e + " best"]), ["spurious", "spurious"]]);
  fill("f-class", [["", "every error class"], ...classes.map((c, i) => [i, c.replace(/_/g, " ")]).filter(([i]) => present.has(i))]);
  fill("f-engine", [["", "of any engine"], ...engines.map((e, i) => [i, "of " + e])]);
  const pages = new Map(lines.map((l) => [l.doc + ":" + l.page, (documents.length > 1 ? documents[l.doc] + ", " : "") + "page " + (l.page + 1)]));
  fill("f-page", [["", "every page"], ...pages]);
  fill("sort", Object.keys(keys).map((k) => [k, "by " + k]));
  const falling = new Set(["width", "most edits", "difference in edits", "length"]);
  const arrow = () => { $("direction").textContent = descending ? "↓" : "↑"; };
  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(update, 80); });
  for (const id of ["f-verdict", "f-class", "f-engine", "f-page"]) $(id).addEventListener("change", update);
  $("sort").addEventListener("change", () => { descending = falling.has($("sort").value); arrow(); update(); });
  $("direction").addEventListener("click", () => { descending = !descending; arrow(); update(); });
  let asked = false;
  view.addEventListener("scroll", () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; render(); });
  });
  space.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (row) { view.focus({ preventScroll: true }); pick(Number(row.dataset.at), false); }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-page]");
    if (!link) return;
    const split = link.dataset.page.lastIndexOf(":");
    $("f-page").value = documents.indexOf(link.dataset.page.slice(0, split)) + link.dataset.page.slice(split);
    update();
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape") {
      for (const id of ["search", "f-verdict", "f-class", "f-engine", "f-page"]) $(id).value = "";
      event.target.blur(); update();
    } else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (event.key === "j" || event.key === "ArrowDown") { event.preventDefault(); pick(picked + 1, true); }
    else if (event.key === "k" || event.key === "ArrowUp") { event.preventDefault(); pick(Math.max(0, picked - 1), true); }
    else if (event.key === "/") { event.preventDefault(); $("search").focus(); }
  });
  window.addEventListener("resize", render);
  // Paper has no scrolling: the first lines of what is chosen, as many as somebody may read.
  window.addEventListener("beforeprint", () => {
    const some = shown.slice(0, 300).map((line, at) => build(line, at));
    $("paper").replaceChildren(el("p", "quiet", `${some.length} of ${shown.length} chosen lines`), ...some);
    for (const node of document.querySelectorAll("details")) node.open = true;
  });
  window.addEventListener("afterprint", () => $("paper").replaceChildren());
  update();
  window.nordocrReady = performance.now();
})();
