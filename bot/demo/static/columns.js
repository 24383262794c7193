// The chats: the list at the side, the columns, and on a phone the one in sight with its switcher.

import { avatar, byId, fill, h } from "./dom.js";
import { bubble } from "./bubbles.js";
import { Composer } from "./composer.js";
import { chatOf, model, post } from "./model.js";
import { choosePerson } from "./sheets.js";

const MOST_SIDE_BY_SIDE = 3;
const phone = matchMedia("(max-width: 820px)");
const columns = new Map(); // chat id → Column
const touched = []; // chats as the story and the user came to them, the latest last
let openCase = () => {};

class Column {
  constructor(chat) {
    this.chat = chat;
    const { title, about, who } = chatOf(chat);
    this.composer = new Composer(chat, () => this.redraw());
    this.messages = h("div", { class: "messages", role: "log", "aria-label": title });
    const close = h("button", { class: "close", type: "button", "aria-label": `关闭${title}`, title: "关闭", onclick: () => closeChat(chat) }, "×");
    this.element = h("article", { class: "column", data: { chat } },
      h("header", {}, avatar(who), h("div", {}, h("h2", {}, title), h("p", {}, about)), close), this.messages, this.composer.element);
    this.day = "";
    this.redraw();
  }

  redraw() {
    this.day = "";
    const entries = model.entries.filter((entry) => entry.chat === this.chat);
    const empty = chatOf(this.chat).isGroup ? "群里还没有消息" : "还没有消息。机器人有事会私聊他，您也可以替他说话。";
    fill(this.messages, entries.length ? [] : h("p", { class: "empty" }, empty));
    for (const entry of entries) this.append(entry, false);
    this.toEnd();
  }

  append(entry, isNew = true) {
    this.messages.querySelector(".empty")?.remove();
    const isNear = this.messages.scrollHeight - this.messages.scrollTop - this.messages.clientHeight < 160;
    if (entry.day !== this.day) this.messages.append(h("p", { class: "day" }, entry.day));
    this.day = entry.day;
    const row = this.row(entry);
    if (isNew) row.classList.add("new");
    this.messages.append(row);
    if (isNear || !isNew) this.toEnd(row);
  }

  row(entry) {
    return bubble(entry, Boolean(entry.sender) && entry.sender === this.composer.sender, {
      quote: (one) => this.composer.quoteOf(one),
      answer: (digit) => this.composer.send(digit, true),
      tap: (one, key) => post("/api/tap", { number: one.number, sender: this.composer.sender, key }),
      openCase,
    });
  }

  toEnd(row = this.messages.lastElementChild) {
    // a long announcement is read from its beginning, everything else from its end
    const isLong = row && row.offsetHeight > this.messages.clientHeight;
    this.messages.scrollTop = isLong ? row.offsetTop - this.messages.offsetTop - 8 : this.messages.scrollHeight;
  }
}

const inSight = (chat) => (phone.matches ? model.view === "chat" && model.active === chat : model.open.includes(chat));

/** Draw everything anew. */
export function drawChats(caseOpener) {
  openCase = caseOpener ?? openCase;
  columns.clear();
  for (const chat of model.open) columns.set(chat, new Column(chat));
  fill(byId("columns"), [...columns.values()].map((column) => column.element));
  for (const column of columns.values()) column.toEnd();
  show(model.active);
}

/** Redraw the composers, when the platform changes. */
export function drawComposers() {
  for (const column of columns.values()) column.composer.draw();
}

/** Add a bubble that has just come. */
export function arrived(entry) {
  model.entries.push(entry);
  columns.get(entry.chat)?.append(entry);
  if (!inSight(entry.chat)) model.unread[entry.chat] = (model.unread[entry.chat] ?? 0) + 1;
  drawLists();
}

/** Show a card's new face in its bubble. */
export function turned({ number, card: face }) {
  const entry = model.entries[number - 1];
  if (!entry) return;
  entry.card = face;
  const column = columns.get(entry.chat);
  const row = column?.messages.querySelector(`[data-number="${number}"]`);
  row?.replaceWith(column.row(entry));
}

/** Open a chat (if need be in place of the one longest untouched) and look at it. */
export function look(chat, { replace = false } = {}) {
  if (!model.open.includes(chat)) {
    if (replace && model.open.length >= MOST_SIDE_BY_SIDE) {
      const oldest = [...model.open].sort((a, b) => touched.lastIndexOf(a) - touched.lastIndexOf(b))[0];
      model.open.splice(model.open.indexOf(oldest), 1, chat);
      columns.get(oldest).element.remove();
      columns.delete(oldest);
    } else model.open.push(chat);
    const column = new Column(chat);
    columns.set(chat, column);
    const next = columns.get(model.open[model.open.indexOf(chat) + 1]);
    byId("columns").insertBefore(column.element, next ? next.element : null);
    column.toEnd();
  }
  touched.push(chat);
  show(chat);
}

function show(chat) {
  model.active = chat;
  for (const [id, column] of columns) {
    column.element.classList.toggle("active", id === chat);
    column.element.classList.toggle("focus", id === chat);
    if (inSight(id)) delete model.unread[id];
  }
  const column = columns.get(chat);
  if (column && !phone.matches) column.element.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (column && phone.matches) column.toEnd();
  drawLists();
}

/** Take notice that another part of the page is looked at. */
export function viewed() {
  show(model.active);
}

function closeChat(chat) {
  if (model.open.length === 1) return;
  columns.get(chat).element.remove();
  columns.delete(chat);
  model.open.splice(model.open.indexOf(chat), 1);
  show(model.open.includes(model.active) ? model.active : model.open[0]);
}

const addChat = () => choosePerson("打开会话", { groups: true }, (id) => look(id));

/** Draw the list at the side and the phone's switcher. */
export function drawLists() {
  const latest = new Map();
  for (const entry of model.entries) latest.set(entry.chat, entry);
  const talking = model.people.filter((one) => one.first || latest.has(one.id));
  const row = (id, title, about) => {
    const entry = latest.get(id);
    const preview = entry ? entry.text.split("\n")[0] || (entry.files?.length ? `[文件] ${entry.files[0].title}` : "[照片]") : about;
    return h("button", { type: "button", class: `item${model.open.includes(id) ? " open" : ""}`, data: { chat: id }, onclick: () => look(id) },
      avatar(chatOf(id).who), h("span", { class: "who" }, h("b", {}, title), h("small", {}, preview)), badge(id));
  };
  fill(byId("list"), h("h2", {}, "群"), model.chats.map((room) => row(room.id, room.name, room.about)),
    h("h2", {}, "人员"), talking.map((one) => row(one.id, one.name, `${one.role}${one.about ? ` · ${one.about}` : ""}`)),
    h("button", { class: "more", type: "button", onclick: addChat }, "＋ 其他人员…"));
  const waiting = [...model.chats.map((room) => room.id), ...talking.map((one) => one.id)].filter((id) => model.unread[id] && !model.open.includes(id));
  const chip = (id) => h("button", { type: "button", data: { chat: id }, "aria-current": String(id === model.active), onclick: () => look(id) },
    avatar(chatOf(id).who, true), chatOf(id).title, badge(id));
  fill(byId("switcher"), [...model.open, ...waiting].map(chip), h("button", { class: "add", type: "button", onclick: addChat }, "＋"));
  byId("switcher").querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function badge(id) {
  return model.unread[id] ? h("span", { class: "badge" }, String(model.unread[id])) : null;
}

phone.addEventListener("change", () => show(model.active));
