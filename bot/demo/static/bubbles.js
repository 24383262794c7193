// One bubble: who, when, words, pictures, the bot's choices, and what a real platform would have withheld.

import { avatar, h, thumbnail } from "./dom.js";
import { chatOf, model, person } from "./model.js";

const MARKS = /(【?\d{4}-\d{4,}】?|（红旗）|（黑旗）|红旗\d+[名个]|黑旗\d+[名个])/;

/** The words with case numbers that can be opened and flags in their colours. */
export function words(text, openCase) {
  return text.split(MARKS).map((part) => {
    const number = part.match(/\d{4}-\d{4,}/);
    if (number && MARKS.test(part)) {
      const open = (event) => { event.stopPropagation(); openCase(number[0]); };
      return h("button", { type: "button", class: "case", title: "查看案件", onclick: open }, part);
    }
    if (MARKS.test(part)) return h("span", { class: part.includes("红旗") ? "red" : "black" }, part);
    return part;
  });
}

function photos(urls) {
  const shape = urls.length === 1 ? " one" : urls.length === 2 || urls.length === 4 ? " two" : "";
  return h("div", { class: `photos${shape}` }, urls.slice(0, 9).map((url) => thumbnail(url)));
}

const size = (bytes) => (bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

/** The documents that a post brought, to be opened. */
function files(list) {
  return h("div", { class: "files" }, list.map((file) =>
    h("a", { href: file.url, download: file.title, title: "打开文件", onclick: (event) => event.stopPropagation() },
      h("b", { class: file.title.endsWith(".xlsx") ? "sheet" : "letter" }, file.title.endsWith(".xlsx") ? "表" : "文"),
      h("span", {}, file.title), h("small", {}, size(file.size)))));
}

function quoted(number) {
  const entry = model.entries[number - 1];
  if (!entry) return null;
  const who = entry.sender ? person(entry.sender).name : model.bot;
  return h("span", { class: "quoted" }, `${who}：${entry.text || (entry.files?.length ? "[文件]" : "[照片]")}`);
}

/** A case's card as the worn platform draws it; `tap` takes a button's key. */
export function card({ title, note, rows, hint, buttons, over }, tap, openCase) {
  return h("div", { class: `card${over ? " over" : ""}` },
    h("p", { class: "title" }, words(title, openCase)),
    note ? h("p", { class: "sub" }, words(note, openCase)) : null,
    h("dl", {}, rows.flatMap(([key, value]) => [h("dt", {}, key), h("dd", {}, value)])),
    hint ? h("p", { class: "hint" }, hint) : null,
    h("div", { class: "buttons" }, buttons.map(({ key, label }, index) =>
      h("button", { type: "button", class: index || over ? "" : "main", data: { key }, onclick: (event) => { event.stopPropagation(); tap(key); } }, label))));
}

/** A bubble. `mine` = said by who is spoken as; `on` = {quote, answer, tap, openCase}. */
export function bubble(entry, mine, on) {
  const isBot = !entry.sender;
  const isGroup = chatOf(entry.chat).isGroup;
  const who = isBot ? null : person(entry.sender);
  const called = entry.called.length && isGroup ? h("span", { class: "at" }, entry.called.map((name) => `@${name}`).join(" ")) : null;
  const at = entry.mentions ? h("span", { class: "at" }, `@${model.bot}`) : called;
  const hasWords = Boolean(entry.text || at);
  const acts = h("div", { class: "acts", hidden: true },
    h("button", { type: "button", onclick: () => on.quote(entry) }, "引用"),
    h("button", { type: "button", onclick: () => navigator.clipboard?.writeText(entry.text) }, "复制"));
  const toggle = () => { acts.hidden = !acts.hidden; };
  const body = h("div", { class: `bubble${hasWords || entry.quote ? "" : " only-photos"}`, onclick: toggle, title: "点按可引用", tabindex: "0", onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) toggle(); } },
    entry.quote ? quoted(entry.quote) : null,
    entry.card ? [at, card(entry.card, (key) => on.tap(entry, key), on.openCase)]
      : hasWords ? h("span", { class: "text" }, at, words(entry.text, on.openCase)) : null,
    entry.photos.length ? photos(entry.photos) : null,
    entry.files.length ? files(entry.files) : null);
  const choices = entry.choices.length
    ? h("div", { class: "choices" }, entry.choices.map((label, index) =>
        h("button", { type: "button", "aria-label": `${index + 1} ${label}`, onclick: () => on.answer(String(index + 1)) }, h("b", {}, String(index + 1)), label)))
    : null;
  return h("div", { class: `row${mine ? " mine" : ""}${entry.withheld ? " withheld" : ""}`, data: { number: String(entry.number), sender: entry.sender || "bot" } },
    avatar(who),
    h("div", { class: "said" },
      h("p", { class: "by" }, isBot ? model.bot : `${who.name}${isGroup ? ` · ${who.role}` : ""}`, h("time", {}, entry.time)),
      body, choices,
      entry.withheld ? h("p", { class: "why" }, `机器人收不到：${entry.withheld}`) : null,
      acts));
}
