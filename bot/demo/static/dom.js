// Small pieces of the page: elements, avatars, messages that fade, pictures in full size.

/** Make an element; a property `on…` is a listener, `data` fills the data attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Replace what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

function tint(id) {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `t${sum % 6}`;
}

/** The square with a name's last character; a group shows 群, the bot 路. */
export function avatar(who, small = false) {
  const size = small ? " small" : "";
  if (!who) return h("span", { class: `avatar bot${size}`, "aria-hidden": "true" }, "路");
  if (who.group) return h("span", { class: `avatar g${size}`, "aria-hidden": "true" }, "群");
  return h("span", { class: `avatar ${tint(who.id)}${size}`, "aria-hidden": "true" }, who.name.slice(-1));
}

let fading = 0;

/** Say something briefly at the foot of the page. */
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(fading);
  fading = setTimeout(() => { box.hidden = true; }, 4200);
}

/** Show a picture in full size. */
export function enlarge(url) {
  const box = byId("lightbox");
  box.querySelector("img").src = url;
  box.showModal();
}

byId("lightbox").addEventListener("click", () => byId("lightbox").close());

/** A thumbnail that opens in full size. */
export function thumbnail(url, label = "照片，点按放大") {
  const open = (event) => { event.stopPropagation(); enlarge(url); };
  return h("button", { type: "button", "aria-label": label, onclick: open }, h("img", { src: url, alt: "", loading: "lazy" }));
}
