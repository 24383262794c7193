// What slides over the page: choosing a person or a chat, choosing pictures.

import { avatar, byId, fill, h, toast } from "./dom.js";
import { model, post } from "./model.js";

const MOST_PHOTOS = 12;
const MOST_SHOWN = 60;

function openSheet(title, ...content) {
  const sheet = byId("sheet");
  const close = h("button", { class: "plain", type: "button", "aria-label": "关闭", onclick: () => sheet.close() }, "✕");
  fill(sheet, h("header", {}, h("h2", {}, title), close), ...content);
  if (!sheet.open) sheet.showModal();
  return sheet;
}

byId("sheet").addEventListener("click", (event) => {
  if (event.target === byId("sheet")) byId("sheet").close();
});

/** Let the user choose a person; `groups` adds the groups, `near` puts a township's people first. */
export function choosePerson(title, { groups = false, near = "" }, chosen) {
  const body = h("div", { class: "body" });
  const search = h("input", { class: "search", type: "search", placeholder: "姓名、职务、单位或路名", "aria-label": "查找" });
  const take = (id) => { byId("sheet").close(); chosen(id); };
  const draw = () => fill(body, ...rows(search.value.trim(), groups, near, take));
  search.addEventListener("input", draw);
  openSheet(title, search, body);
  draw();
}

function rows(words, groups, near, take) {
  const rooms = groups ? model.chats.filter((room) => room.name.includes(words)) : [];
  const found = model.people.filter((one) => `${one.name}${one.role}${one.about}${one.townships.join("")}`.includes(words));
  const local = (one) => near && one.townships.includes(near);
  const first = found.filter((one) => one.first || local(one)).sort((a, b) => Number(b.first) - Number(a.first));
  const rest = found.filter((one) => !first.includes(one));
  const shown = [...first, ...rest].slice(0, MOST_SHOWN);
  const hidden = found.length - shown.length;
  return [
    rooms.length ? h("h3", {}, "群") : null,
    ...rooms.map((room) => item({ group: true }, room.name, room.about, () => take(room.id))),
    shown.length ? h("h3", {}, "人员") : null,
    ...shown.map((one) => item(one, one.name, `${one.role}${one.about ? ` · ${one.about}` : ""}`, () => take(one.id))),
    hidden > 0 ? h("h3", {}, `还有${hidden}人，请输入姓名或路名查找`) : null,
    !rooms.length && !shown.length ? h("h3", {}, "没有找到") : null,
  ];
}

function item(who, name, about, onclick) {
  return h("button", { class: "item", type: "button", onclick }, avatar(who), h("span", {}, name, h("small", {}, about)));
}

/** Let the user choose pictures, several as an album; `chosen` gets [{name, url}]. */
export function choosePhotos(chosen) {
  const picked = [];
  const count = h("span", {}, "可选多张，作为一组发送");
  const take = h("button", { class: "primary", type: "button", disabled: true, onclick: () => { byId("sheet").close(); chosen(picked); } }, "选好了");
  const tiles = h("div", { class: "gallery" });
  const update = () => {
    take.disabled = !picked.length;
    count.textContent = picked.length ? `已选${picked.length}张` : "可选多张，作为一组发送";
    for (const tile of tiles.children) {
      const order = picked.findIndex((one) => one.name === tile.dataset.name);
      tile.setAttribute("aria-pressed", String(order >= 0));
      tile.dataset.order = String(order + 1);
    }
  };
  const toggle = (one) => {
    const at = picked.findIndex((other) => other.name === one.name);
    if (at >= 0) picked.splice(at, 1);
    else if (picked.length < MOST_PHOTOS) picked.push(one);
    else toast(`一次最多${MOST_PHOTOS}张。`);
    update();
  };
  for (const scene of model.gallery) {
    const one = { name: `scene:${scene.key}`, url: `/api/gallery/${scene.key}` };
    tiles.append(h("button", { type: "button", data: { name: one.name }, onclick: () => toggle(one) },
      h("img", { src: one.url, alt: "" }), h("span", {}, scene.title, h("small", {}, scene.place))));
  }
  const own = h("input", { type: "file", accept: "image/*", multiple: true, hidden: true, "aria-label": "上传照片" });
  own.addEventListener("change", async () => {
    for (const file of own.files) {
      const taken = await post("/api/photo", file);
      if (taken) picked.push(taken);
    }
    if (picked.length) { byId("sheet").close(); chosen(picked.slice(0, MOST_PHOTOS)); }
  });
  const upload = h("button", { class: "plain", type: "button", onclick: () => own.click() }, "上传自己的照片");
  openSheet("选择照片", h("div", { class: "body" }, tiles), h("footer", {}, count, own, upload, take));
  update();
}
