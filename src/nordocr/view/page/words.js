// The interface's texts: one catalogue a language, fetched when it is chosen.
export const LANGUAGES = {
  en: "English", sv: "Svenska", nb: "Norsk bokmål", da: "Dansk", fi: "Suomi", is: "Íslenska",
};

let catalogue = {};
export let language = "en";

/** Return a text with its places filled: t("pageOf", {count: 3}). */
export function t(key, values = {}) {
  const text = catalogue[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return the language that the browser asks for, as far as there is a catalogue. */
export function preferred() {
  const stored = remembered("language");
  if (stored in LANGUAGES) return stored;
  for (const tag of navigator.languages ?? []) {
    const short = tag.toLowerCase().split("-")[0];
    const known = { no: "nb", nn: "nb" }[short] ?? short;
    if (known in LANGUAGES) return known;
  }
  return "en";
}

export async function choose(name) {
  catalogue = await (await fetch(`words/${name}.json`)).json();
  language = name;
  document.documentElement.lang = name;
  translate(document);
}

/** Put texts and labels into all elements that ask for one. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-hint]")) element.placeholder = t(element.dataset.hint);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  for (const element of root.querySelectorAll("[data-key]")) {
    const name = element.dataset.label ? t(element.dataset.label) : element.textContent;
    element.title = `${name} (${element.dataset.key})`;
    element.setAttribute("aria-keyshortcuts", element.dataset.key.replace(/Ctrl/g, "Control").replace(/ /g, ""));
  }
}

export const percent = (value) => new Intl.NumberFormat(language, { style: "percent" }).format(value);
export const count = (value) => new Intl.NumberFormat(language).format(value);

/** Settings of this browser; a browser that keeps none is no reason to fail. */
export function remembered(key) {
  try { return localStorage.getItem(`nordocr.${key}`) ?? ""; } catch { return ""; }
}

export function remember(key, value) {
  try { localStorage.setItem(`nordocr.${key}`, value); } catch { /* private windows keep nothing */ }
}
