import { byId, element } from "./dom.js";

let drawn = "";

export function closeMenus() {
  for (const sub of byId("menu").querySelectorAll(".sub")) sub.hidden = true;
  for (const top of byId("menu").querySelectorAll("[aria-expanded]")) top.setAttribute("aria-expanded", "false");
}

function button(item, onclick) {
  const made = element("button", { type: "button", textContent: item.label, title: item.name, onclick });
  // The client cuts long names; who listens or searches gets the whole.
  made.setAttribute("aria-label", item.name);
  return made;
}

function top(item, tap) {
  if (!item.sub.length) return element("div", { className: "top" }, button(item, () => { closeMenus(); tap(item); }));
  const sub = element("div", { className: "sub", hidden: true }, ...item.sub.map((each) => button(each, () => { closeMenus(); tap(each); })));
  const opener = button(item, () => {
    const wasOpen = !sub.hidden;
    closeMenus();
    sub.hidden = wasOpen;
    opener.setAttribute("aria-expanded", String(!wasOpen));
  });
  opener.setAttribute("aria-expanded", "false");
  return element("div", { className: "top has-sub" }, opener, sub);
}

/** Draws the menu anew only when it differs: an open sub-menu must not close under a finger. */
export function drawMenu(items, tap) {
  const wanted = JSON.stringify(items);
  if (wanted === drawn) return;
  drawn = wanted;
  byId("menu").replaceChildren(...items.map((item) => top(item, tap)));
}
