// Where a message is written: who speaks, words, pictures, quote, @, and what the worn platform would withhold.

import { avatar, fill, h, toast } from "./dom.js";
import { chatOf, group, kindOf, model, person, post, refusal, worn } from "./model.js";
import { choosePerson, choosePhotos } from "./sheets.js";

const KINDS = [["text", "文字"], ["mixed", "图文"], ["photo", "单图"], ["voice", "语音"], ["location", "位置"], ["file", "文件"], ["video", "视频"]];
const CAMERA = "M4 8h3l2-3h6l2 3h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1Zm8 9a4 4 0 1 0 0-8 4 4 0 0 0 0 8Z";

function firstSpeaker(chat) {
  const room = group(chat);
  if (!room) return chat;
  const near = model.people.find((one) => one.first && room.township && one.townships.includes(room.township));
  if (room.about === "指挥席") return model.people.find((one) => one.role === "指挥席" && one.townships.includes(room.township)).id;
  if (room.about === "领导") return model.people.find((one) => one.role === "领导").id;
  if (room.about === "市路长办") return model.people.find((one) => one.role === "市路长办").id;
  return near ? near.id : model.people[0].id;
}

function icon() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", CAMERA);
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "1.7"]]) path.setAttribute(name, value);
  svg.append(path);
  return svg;
}

/** The composer of one chat. `changed` is called when somebody else speaks. */
export class Composer {
  constructor(chat, changed) {
    this.chat = chat;
    this.changed = changed;
    this.isGroup = chatOf(chat).isGroup;
    this.sender = firstSpeaker(chat);
    this.mentions = true;
    this.photos = [];
    this.quote = null;
    this.isSending = false;
    this.text = h("textarea", { rows: "1", placeholder: "位置＋问题", "aria-label": "消息" });
    this.text.addEventListener("input", () => { this.grow(); this.judge(); });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    });
    this.kinds = h("div", { class: "kinds" });
    this.as = h("div", { class: "as" });
    this.quoting = h("div", { class: "quoting", hidden: true });
    this.attached = h("div", { class: "attached", hidden: true });
    this.refused = h("p", { class: "refused", role: "note", hidden: true });
    const pic = h("button", { class: "pic", type: "button", "aria-label": "照片", title: "照片", onclick: () => choosePhotos((found) => this.attach(found)) }, icon());
    this.button = h("button", { class: "send", type: "button", onclick: () => this.send() }, "发送");
    this.element = h("footer", { class: "composer" }, this.kinds, this.as, this.quoting, this.attached, this.refused, h("div", { class: "line" }, pic, this.text, this.button));
    this.draw();
  }

  get mentioned() { return this.mentions || this.text.value.includes(`@${model.bot}`); }

  grow() {
    this.text.style.height = "36px";
    if (this.text.scrollHeight > 38) this.text.style.height = `${Math.min(110, this.text.scrollHeight + 2)}px`;
  }

  draw() {
    this.kinds.setAttribute("aria-label", `${worn().title}${this.isGroup ? "群内" : "私聊"}能送达机器人的消息`);
    fill(this.kinds, KINDS.map(([kind, name]) => {
      const why = refusal(kind, this.isGroup, true);
      const tell = () => toast(why || `${worn().title}${this.isGroup ? "群内" : "私聊"}的${name}可以送达机器人。`);
      return h("button", { type: "button", class: why ? "no" : "", data: { kind }, title: why || "可以送达", onclick: tell }, name);
    }));
    const who = person(this.sender);
    const change = () => choosePerson("以谁的身份发言", { near: group(this.chat)?.township ?? "" }, (id) => { this.speakAs(id); });
    const persona = h("button", { class: "persona", type: "button", title: "换一个人", disabled: !this.isGroup, onclick: change },
      avatar(who, true), h("b", {}, who.name), h("small", {}, this.isGroup ? `${who.role} ▾` : who.role));
    const flip = () => { this.mentions = !this.mentions; this.draw(); };
    const mention = h("button", { class: "mention", type: "button", "aria-pressed": String(this.mentions), title: "是否@机器人", onclick: flip }, `@${model.bot}`);
    if (this.isGroup) fill(this.as, persona, mention);
    this.as.hidden = !this.isGroup;
    this.drawQuote();
    this.drawPhotos();
    this.judge();
  }

  drawQuote() {
    this.quoting.hidden = !this.quote;
    if (!this.quote) return;
    const what = this.quote.text.split("\n")[0] || "[照片]";
    fill(this.quoting, h("span", {}, `引用：${what}`), h("button", { type: "button", "aria-label": "取消引用", onclick: () => { this.quote = null; this.draw(); } }, "×"));
  }

  drawPhotos() {
    this.attached.hidden = !this.photos.length;
    fill(this.attached, this.photos.map((one, index) =>
      h("button", { type: "button", "aria-label": "去掉这张", onclick: () => { this.photos.splice(index, 1); this.draw(); } }, h("img", { src: one.url, alt: "" }))));
  }

  /** Grey the composer when the draft would not reach the bot, and say why. */
  judge() {
    const isEmpty = !this.text.value.trim() && !this.photos.length;
    const kind = kindOf(this.text.value, this.photos);
    const why = isEmpty && this.mentioned ? "" : refusal(kind, this.isGroup, this.mentioned);
    const lost = !why && this.quote?.photos.length && !worn().quote_brings_photo ? `${worn().title}的引用不一定带上原图，请另发照片。` : "";
    this.element.classList.toggle("grey", Boolean(why));
    this.refused.hidden = !(why || lost);
    this.refused.textContent = why ? `机器人收不到：${why}` : lost;
    this.button.textContent = why ? "仅发到群里" : "发送";
    this.button.disabled = this.isSending || isEmpty;
    this.text.placeholder = this.isGroup ? "位置＋问题" : "文字或照片";
  }

  speakAs(id) { this.sender = id; this.draw(); this.changed(); }

  attach(found) { this.photos = [...this.photos, ...found].slice(0, 12); this.draw(); }

  quoteOf(entry) { this.quote = entry; this.draw(); this.text.focus(); }

  async send(text = this.text.value, answer = false) {
    if (this.isSending || (!text.trim() && !this.photos.length)) return;
    this.isSending = true;
    this.judge();
    const draft = answer ? { photos: [], quote: null } : { photos: this.photos, quote: this.quote };
    const sent = await post("/api/say", {
      chat: this.chat, sender: this.sender, text, mentions: answer || this.mentioned,
      photos: draft.photos.map((one) => one.name), quote: draft.quote ? draft.quote.number : 0,
    });
    this.isSending = false;
    if (sent && !answer) { this.text.value = ""; this.photos = []; this.quote = null; this.grow(); }
    this.draw();
  }
}
