// What the page knows: loaded once from /api/state, then kept up to date by the stream of changes.

import { toast } from "./dom.js";

export const model = {
  bot: "", clock: null, platform: "", platforms: [], chats: [], people: [], gallery: [],
  entries: [], cases: [], trace: [], story: null, tales: [],
  open: [], // ids of the chats that stand side by side, in order
  active: "", // the chat that is looked at on a phone, and where the story is
  unread: {}, // chat id → how many bubbles came while it was not in sight
  tab: "story", view: "chat",
};

const FIRST_OPEN = ["group-xinhualu", "zhaoqiang", "qianning"];

/** Load everything; the open chats stay open. */
export async function load() {
  const answer = await fetch("/api/state");
  const state = await answer.json();
  if (!answer.ok) throw new Error(state.error);
  Object.assign(model, state);
  model.unread = {};
  if (!model.open.length) model.open = [...FIRST_OPEN];
  model.active = model.open.includes(model.active) ? model.active : model.open[0];
}

/** Send a request; a refusal is shown in its own words. Gives null when it was refused. */
export async function post(path, body = {}) {
  const isJson = !(body instanceof Blob);
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": isJson ? "application/json" : "application/octet-stream" },
      body: isJson ? JSON.stringify(body) : body,
    });
    const said = await answer.json();
    if (answer.ok) return said;
    toast(said.error);
  } catch {
    toast("没有连上模拟环境，请看终端里 luzhang demo 是否还在运行。");
  }
  return null;
}

/** Listen to the changes; `changed` is called with each one's kind and data. */
export function listen(changed) {
  const source = new EventSource("/api/events");
  source.onmessage = (event) => {
    const { kind, data } = JSON.parse(event.data);
    changed(kind, data);
  };
}

export const person = (id) => model.people.find((one) => one.id === id);
export const group = (id) => model.chats.find((one) => one.id === id);
export const worn = () => model.platforms.find((one) => one.platform === model.platform);

/** Title and subtitle of a chat, and whom its avatar shows. */
export function chatOf(id) {
  const room = group(id);
  if (room) return { id, title: room.name, about: room.about, who: { group: true }, isGroup: true };
  const one = person(id);
  return { id, title: one.name, about: `私聊路长助手 · ${one.role}${one.about ? ` · ${one.about}` : ""}`, who: one, isGroup: false };
}

/** What a real client makes of a draft. */
export function kindOf(text, photos) {
  if (!photos.length) return "text";
  return text.trim() ? "mixed" : "photo";
}

/** Why the worn platform would not hand a message to the bot, "" when it would. Read from its capabilities alone. */
export function refusal(kind, isGroup, mentions) {
  const rules = worn();
  if (isGroup && rules.mention_needed && !mentions) return rules.unseen.unmentioned;
  const seen = isGroup ? rules.group_inbound : rules.private_inbound;
  return seen.includes(kind) ? "" : rules.unseen[`${isGroup ? "group" : "private"}:${kind}`] || "该平台不向机器人转送这类消息。";
}
