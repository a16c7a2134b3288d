// Talks to the server that sent the page, and to nobody else.
import { state } from "./model.js";

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.error ?? `HTTP ${status}`);
    this.status = status;
    this.answer = answer;
  }
}

async function answerOf(reply) {
  let answer = {};
  try { answer = await reply.json(); } catch { /* a refusal may be plain text */ }
  if (!reply.ok) throw new Refused(reply.status, answer);
  return answer;
}

export async function get(path, query = {}, document = state.document) {
  const asked = new URLSearchParams(query).toString();
  return answerOf(await fetch(`api/${document}/${path}${asked ? `?${asked}` : ""}`, { cache: "no-store" }));
}

export const documents = async () => answerOf(await fetch("api/documents", { cache: "no-store" }));

export async function post(path, value, document = state.document) {
  const body = JSON.stringify(value);
  return answerOf(await fetch(`api/${document}/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: body.length < 60000,
  }));
}

export const imageAddress = (index, document = state.document) => `api/${document}/pages/${index}/image`;
