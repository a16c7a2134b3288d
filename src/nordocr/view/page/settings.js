// Language, colours and name; kept by the browser where it keeps anything.
import { state } from "./model.js";
import * as words from "./words.js";

const at = (id) => document.getElementById(id);

function colour(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export async function begin() {
  colour(words.remembered("theme"));
  await words.choose(words.preferred());
}

/** Take the server's name for the person where the browser knows none. */
export function name(given) {
  state.who = words.remembered("who") || given;
  at("who").value = state.who;
}

export function start(onLanguage) {
  at("language").replaceChildren(...Object.entries(words.LANGUAGES).map(([key, shown]) => {
    const option = new Option(shown, key, false, key === words.language);
    option.lang = key;
    return option;
  }));
  at("language").addEventListener("change", async () => {
    words.remember("language", at("language").value);
    await words.choose(at("language").value);
    onLanguage();
  });
  at("theme").value = words.remembered("theme");
  at("theme").addEventListener("change", () => { words.remember("theme", at("theme").value); colour(at("theme").value); });
  at("who").addEventListener("change", () => { state.who = at("who").value.trim(); words.remember("who", state.who); });
  at("settings").addEventListener("click", () => at("settingsbox").showModal());
}
