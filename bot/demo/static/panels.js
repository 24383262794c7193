// The panels beside the chats: the story, the case board, the trace.

import { byId, enlarge, fill, h, toast } from "./dom.js";
import { chatOf, model, post } from "./model.js";

const PACES = [[7, "从容"], [4, "标准"], [0.6, "快速"]];
const MOST_LINES = 120;
const IN_HAND = ["assigned", "acknowledged", "rework", "unlocated", "returned", "shelved"];
const ROLES = { before: "整改前", after: "整改后", other: "其他" };
let pace = 4;
let tale = ""; // the story that stands chosen; until somebody chooses, the one told last
let opened = "";

/** Show one of the panels. */
export function showTab(tab) {
  model.tab = tab;
  document.querySelector(".panel").dataset.tab = tab;
  for (const button of byId("tabs").children) button.setAttribute("aria-selected", String(button.dataset.tab === tab));
}

export const begin = () => post("/api/story", { action: "start", pace, tale });

/** Draw the story: what is done, what runs, what went wrong. */
export function drawStory(lookAt) {
  const { status, problem, steps } = model.story;
  const act = (action) => () => post("/api/story", { action });
  const isOn = status === "running" || status === "paused";
  const buttons = isOn
    ? [status === "running" ? h("button", { class: "primary", type: "button", onclick: act("pause") }, "暂停") : h("button", { class: "primary", type: "button", onclick: act("resume") }, "继续"),
      h("button", { class: "plain", type: "button", onclick: act("stop") }, "停止")]
    : [h("button", { class: "primary", type: "button", onclick: begin }, status === "idle" ? "开始演示" : "重新演示")];
  const speeds = h("div", { class: "switch", role: "radiogroup", "aria-label": "快慢" }, PACES.map(([seconds, name]) =>
    h("button", { type: "button", role: "radio", disabled: isOn, "aria-checked": String(pace === seconds), onclick: () => { pace = seconds; drawStory(lookAt); } }, name)));
  if (isOn || !tale) tale = model.story.tale;
  const chosen = model.tales.find((one) => one.key === tale) ?? model.tales[0];
  const choose = (key) => () => { tale = key; drawStory(lookAt); };
  const tales = h("div", { class: "switch", role: "radiogroup", "aria-label": "故事" }, model.tales.map((one) =>
    h("button", { type: "button", role: "radio", disabled: isOn, "aria-checked": String(tale === one.key), data: { tale: one.key }, onclick: choose(one.key) }, one.title)));
  const told = model.tales.find((one) => one.key === model.story.tale) ?? chosen;
  const notes = {
    done: ["ok", `故事演完，共${steps.length}步。`, told.ending],
    failed: ["bad", problem, null],
    stopped: ["warn", "演示已停止，可以接着自己操作，或重新演示。", null],
    paused: ["warn", "已暂停，当前一步完成后停住。", null],
  };
  const [tone, text, link] = notes[status] ?? [];
  fill(byId("pane-story"),
    h("p", { class: "lead" }, `每一步都是真实消息，经模拟平台进入系统；机器人的话都由系统自己说。开始时环境会重置到${chosen.start}早上。`),
    model.tales.length > 1 ? tales : null,
    h("div", { class: "controls" }, buttons, speeds),
    text ? h("div", { class: `note ${tone}`, role: "status", data: { status } }, text, link ? h("button", { type: "button", onclick: () => lookAt(link[1]) }, link[0]) : null) : null,
    h("ol", { class: "steps" }, steps.map((step) => h("li", { class: step.state }, h("h3", {}, step.title), h("p", {}, step.note)))));
  const running = byId("pane-story").querySelector(".running");
  if (running) running.scrollIntoView({ block: "nearest" });
  else if (!isOn) byId("pane-story").scrollTop = 0;
  narrate(status, problem, steps, act);
}

/** Say in one line beside the clock where the story stands. */
function narrate(status, problem, steps, act) {
  const at = Math.max(steps.findIndex((step) => step.state === "running"), steps.findLastIndex((step) => step.state === "done"));
  const isOn = status === "running" || status === "paused";
  byId("narration").hidden = !(isOn || status === "failed") || at < 0;
  if (byId("narration").hidden) return;
  const text = status === "failed" ? problem : `${steps[at].title}：${steps[at].note}`;
  const hold = status === "paused" ? h("button", { type: "button", onclick: act("resume") }, "继续") : h("button", { type: "button", onclick: act("pause") }, "暂停");
  fill(byId("narration"), h("b", {}, `${at + 1}/${steps.length}`), h("span", { title: text }, text), isOn ? hold : null);
}

/** Draw the case board. */
export function drawCases() {
  const count = (test) => model.cases.filter(test).length;
  const late = count((one) => one.late);
  for (const id of ["case-count", "case-count-phone"]) {
    byId(id).hidden = !late;
    byId(id).textContent = String(late);
  }
  const figures = [["在办", count((one) => IN_HAND.includes(one.state)), ""], ["超时", late, late ? "late" : ""],
    ["待复核", count((one) => one.state === "resolved"), ""], ["已办结", count((one) => one.state === "closed"), ""]];
  fill(byId("pane-cases"),
    h("div", { class: "figures" }, figures.map(([name, value, tone]) => h("div", { class: tone }, h("b", {}, String(value)), h("span", {}, name)))),
    model.cases.length ? h("button", { class: "plain paste", type: "button", onclick: paste }, "复制未办结清单（贴到微信群）") : null,
    model.cases.length ? model.cases.map(card) : h("p", { class: "blank" }, "还没有案件。在群里发“位置＋问题＋照片”，或点「演示完整故事」。"));
}

/** Put the list of open cases on the clipboard, and show it for whoever has none. */
async function paste() {
  const answer = await fetch("/api/paste");
  if (!answer.ok) return;
  const { text } = await answer.json();
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  toast(copied ? `已复制：${text.slice(0, 60)}${text.length > 60 ? "…" : ""}` : text);
}

function card(one) {
  const detail = h("div", { class: "detail", hidden: true });
  const toggle = async () => {
    opened = detail.hidden ? one.number : "";
    await expand(one, detail);
  };
  const limit = one.limit ? h("small", { class: one.late ? "late" : "" }, [one.handler, one.limit].filter(Boolean).join(" · ")) : h("small", {}, one.handler);
  const element = h("article", { class: "case-card", data: { number: one.number, state: one.state } },
    h("button", { type: "button", onclick: toggle },
      h("span", { class: "head" }, h("b", {}, one.number), one.hazard ? h("span", { class: "urgent" }, "紧急") : null, h("span", { class: `state ${one.state}` }, one.state_name)),
      h("p", { class: "what" }, `${one.category} · ${one.spot}`),
      h("small", {}, `${one.segment}${one.unit ? ` · ${one.unit}` : ""}`), limit),
    detail);
  if (opened === one.number) expand(one, detail);
  return element;
}

async function expand(one, detail) {
  detail.hidden = opened !== one.number;
  if (detail.hidden) return;
  const answer = await fetch(`/api/case/${encodeURIComponent(one.number)}`);
  if (!answer.ok) return;
  const { events } = await answer.json();
  const pictures = one.photos.map((photo) => h("button", { type: "button", onclick: () => enlarge(photo.url) }, h("img", { src: photo.url, alt: ROLES[photo.role] }), h("i", {}, ROLES[photo.role])));
  const copies = one.photos.map((photo, index) => h("a", { href: photo.url.replace("/api/media/", "/api/public/"), target: "_blank", rel: "noopener" }, `外发副本${index + 1} `));
  fill(detail, pictures.length ? h("div", { class: "pairs" }, pictures) : null,
    copies.length ? h("p", { class: "source" }, copies) : null,
    h("ul", { class: "timeline" }, events.map((event) => h("li", {}, h("time", {}, event.time), h("b", {}, event.name),
      h("p", {}, [...event.people, ...event.facts, ...event.words.map((word) => `“${word}”`)].join(" · "))))),
    h("p", { class: "source" }, "时间线取自台账，每条都入校验链。"));
}

/** Open one case on the board. */
export function showCase(number) {
  opened = number;
  drawCases();
  byId("pane-cases").querySelector(`[data-number="${number}"]`)?.scrollIntoView({ block: "start" });
}

/** Draw the trace, the latest first. */
export function drawTrace() {
  const lines = model.trace.slice(-MOST_LINES).reverse();
  fill(byId("pane-trace"), h("p", { class: "lead" }, "每条消息被理解成什么，每条推送依据哪条规则。"),
    lines.length ? h("ul", { class: "trace" }, lines.map((line) => (line.what === "heard" ? heard(line) : posted(line)))) : h("p", { class: "blank" }, "还没有记录。"));
}

function heard(line) {
  const rows = [
    ["意图", line.intent],
    ["类别", line.category && `${line.category}（${line.candidates.map(([name, share]) => `${name} ${Math.round(share * 100)}%`).join("，")}）`],
    ["程度", line.severity && `${line.severity}${line.hazard ? "，紧急" : ""}`],
    ["依据", line.evidence.length && line.evidence.map((word) => h("span", { class: "chip" }, word))],
    ["路段", line.segment || line.segments.join("；")],
    ["决定", `${line.decision}（把握${Math.round(line.confidence * 100)}%）`],
  ];
  return h("li", { data: { what: "heard" } },
    h("p", { class: "meta" }, h("time", {}, line.time), h("b", {}, `收到 ${line.who}`), `${line.kind}${line.photos ? ` · 照片${line.photos}张` : ""}`),
    h("p", { class: "words" }, line.text || "[照片]"),
    h("dl", {}, rows.filter(([, value]) => value && value.length !== 0).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]).flat()));
}

function posted(line) {
  return h("li", { data: { what: "posted" } },
    h("p", { class: "meta" }, h("time", {}, line.time), h("span", { class: "rule" }, line.rule), `→ ${chatOf(line.to).title}`),
    h("p", { class: "words" }, line.text), h("code", {}, line.key));
}
