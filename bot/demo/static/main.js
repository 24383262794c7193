// The page: loads what is there, then follows the stream of changes.

import { byId, fill, h, toast } from "./dom.js";
import { arrived, drawChats, drawComposers, drawLists, look, turned, viewed } from "./columns.js";
import { listen, load, model, post } from "./model.js";
import { begin, drawCases, drawStory, drawTrace, showCase, showTab } from "./panels.js";

const JUMPS = [["10m", "+10分"], ["1h", "+1小时"], ["next", "到下一提醒"], ["off", "到下班"], ["month", "到月末"], ["publication", "到月通报"]];
const WEEKDAYS = "一二三四五六日";
const waiting = new Set(); // what must be drawn at the next frame
const isPhone = () => matchMedia("(max-width: 820px)").matches;

const isTelling = () => model.story && (model.story.status === "running" || model.story.status === "paused");

function drawClock() {
  const { date, time, weekday, moving } = model.clock;
  const [year, month, day] = date.split("-").map(Number);
  byId("time").textContent = time;
  byId("date").textContent = isPhone() ? `${month}月${day}日 周${WEEKDAYS[weekday]}` : `${year}年${month}月${day}日 周${WEEKDAYS[weekday]}`;
  const isMoving = moving !== null;
  byId("progress").hidden = !isMoving;
  byId("progress").firstElementChild.style.transform = `scaleX(${moving ?? 0})`;
  for (const button of byId("jumps").children) {
    if (button.dataset.to === "stop") button.hidden = !isMoving || isTelling();
    else button.disabled = isMoving || isTelling();
  }
  byId("clock").dataset.moving = String(isMoving);
}

function drawPlatforms() {
  fill(byId("platforms"), model.platforms.map((one) => h("button", {
    type: "button", role: "radio", "aria-checked": String(one.platform === model.platform), data: { platform: one.platform },
    title: `按${one.title}的规则决定什么能送达`, onclick: () => post("/api/platform", { platform: one.platform }),
  }, one.title)));
}

function drawTell() {
  const isOn = isTelling();
  byId("tell").textContent = isOn ? "演示中…" : isPhone() ? "演示故事" : "演示完整故事";
  byId("tell").setAttribute("aria-label", "演示完整故事");
}

function view(name) {
  model.view = name;
  document.body.dataset.view = name;
  for (const button of byId("bottom").children) button.setAttribute("aria-current", String(button.dataset.view === name));
  if (name !== "chat") showTab(name);
  viewed();
}

function openCase(number) {
  if (isPhone()) view("cases");
  else showTab("cases");
  showCase(number);
}

function lookAt(chat) {
  if (isPhone()) view("chat");
  look(chat);
}

function drawAll() {
  drawPlatforms();
  drawClock();
  drawChats(openCase);
  drawStory(lookAt);
  drawCases();
  drawTrace();
  drawTell();
}

const DRAW = { clock: drawClock, cases: drawCases, trace: drawTrace, story: () => { drawStory(lookAt); drawTell(); drawClock(); }, lists: drawLists };

/** Draw a part once at the next frame, however often it changed. */
function soon(part) {
  if (!waiting.size) requestAnimationFrame(() => { const parts = [...waiting]; waiting.clear(); for (const one of parts) DRAW[one](); });
  waiting.add(part);
}

let loading = null;
let missed = []; // changes that came while everything was being loaded

async function reload() {
  missed = [];
  loading = load();
  try {
    await loading;
  } catch (error) {
    toast(error.message || "没有连上模拟环境。");
    return;
  } finally {
    loading = null;
  }
  drawAll();
  const last = model.entries.length;
  for (const [kind, data] of missed.splice(0)) if (kind !== "entry" || data.number > last) take(kind, data);
}

const TAKE = {
  hello: (data) => { if (data.entries !== model.entries.length) return reload(); },
  entry: (data) => {
    if (data.number > model.entries.length + 1) reload();
    else if (data.number > model.entries.length) arrived(data);
  },
  card: (data) => turned(data),
  clock: (data) => { model.clock = data; soon("clock"); },
  cases: (data) => { model.cases = data; soon("cases"); },
  trace: (data) => { model.trace.push(data); soon("trace"); },
  story: (data) => { model.story = data; soon("story"); },
  platform: (data) => { model.platform = data; drawPlatforms(); drawComposers(); },
  focus: (data) => look(data, { replace: true }),
  reset: () => reload(),
};

function take(kind, data) {
  if (loading && kind !== "reset") missed.push([kind, data]);
  else TAKE[kind]?.(data);
}

function start() {
  fill(byId("jumps"), JUMPS.map(([to, name]) => h("button", { type: "button", data: { to }, onclick: () => post("/api/clock", { to }) }, name)),
    h("button", { type: "button", class: "halt", data: { to: "stop" }, hidden: true, onclick: () => post("/api/clock", { to: "stop" }) }, "停"));
  byId("tell").addEventListener("click", () => {
    if (isTelling()) { if (isPhone()) view("story"); showTab("story"); return; }
    showTab("story");
    begin();
  });
  byId("reset").addEventListener("click", () => post("/api/reset"));
  for (const button of byId("tabs").children) button.addEventListener("click", () => showTab(button.dataset.tab));
  for (const button of byId("bottom").children) button.addEventListener("click", () => view(button.dataset.view));
  showTab("story");
  view("chat");
  matchMedia("(max-width: 820px)").addEventListener("change", drawAll);
}

await load();
start();
drawAll();
listen(take);
document.body.dataset.ready = "true";
