import { byId } from "./dom.js";

const frame = byId("frame");
let opened = "";

/** Shows a page of the site: `address` is where the forwarder serves it, `url` what WeChat would show. */
export function show(address, url) {
  opened = address;
  frame.hidden = false;
  byId("outside").hidden = true;
  byId("web-title").textContent = "正在打开";
  byId("web-address").textContent = url;
  // A new frame each time: history of an earlier page must not come back.
  frame.src = address;
  byId("webview").hidden = false;
}

export function showOutside(url) {
  frame.hidden = true;
  byId("outside").hidden = false;
  byId("outside-url").textContent = url;
  byId("outside-link").href = url;
  byId("web-title").textContent = "外部网站";
  byId("web-address").textContent = url;
  byId("webview").hidden = false;
}

export function close() {
  byId("webview").hidden = true;
  frame.src = "about:blank";
  opened = "";
}

export const isOpen = () => !byId("webview").hidden && !frame.hidden;

/** What the forwarder saw last; the frame itself may not be looked into. */
export function describe(address, title) {
  if (!isOpen() || !address) return;
  byId("web-title").textContent = title || new URL(address).host;
  byId("web-address").textContent = address;
}

export function start(open, current) {
  byId("web-back").onclick = close;
  byId("web-close").onclick = close;
  byId("web-reload").onclick = () => { if (isOpen()) open(current() || opened); };
  // The page's policy lets the frame show the site alone: whatever else it wanted to open is caught here.
  document.addEventListener("securitypolicyviolation", (event) => {
    if (event.effectiveDirective === "frame-src") open(event.blockedURI);
  });
}
