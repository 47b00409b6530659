import { element } from "./dom.js";

const NAMES = { voice: "语音", video: "视频", music: "音乐" };

function link(url, open, ...children) {
  // A real address for long presses and robots; a tap opens it inside the phone.
  const made = element("a", { href: url }, ...children);
  made.addEventListener("click", (event) => { event.preventDefault(); open(url); });
  return made;
}

function text(bubble, { open }) {
  const parts = bubble.parts ?? [{ text: bubble.text }];
  return element("div", { className: "bubble" }, ...parts.map((part) => (part.url ? link(part.url, open, part.text) : part.text)));
}

function news({ article }, { open }) {
  const card = link(article.url, open,
    element("b", { textContent: article.title }),
    element("p", { textContent: article.description }));
  card.className = "tile";
  // Pictures come from the site itself; WeChat's own hosts are not reached from here.
  if (article.picurl) card.prepend(element("img", { src: article.picurl, alt: "", onerror() { this.remove(); } }));
  return card;
}

function template(bubble, { open }) {
  const rows = element("dl", {}, ...bubble.rows.flatMap(([name, value]) => [
    element("dt", { textContent: value === undefined ? "" : name }), element("dd", { textContent: value ?? name })]));
  const card = bubble.url ? link(bubble.url, open) : element("div");
  card.className = "tile";
  card.append(element("b", { textContent: bubble.title }), rows);
  if (bubble.url) card.append(element("span", { className: "more" }, element("span", { textContent: "详情" }), element("span", { textContent: "›" })));
  return card;
}

function options(bubble, { choose }) {
  return element("div", { className: "bubble" }, bubble.head,
    ...bubble.options.map((item) => element("button", { className: "option", textContent: item.content, onclick: () => choose(item) })), bubble.tail);
}

function picture(bubble) {
  return element("div", { className: "bubble" }, element("img", { src: `/sandbox/files/${encodeURIComponent(bubble.media_id)}`, alt: "图片" }));
}

function other(bubble) {
  return element("div", { className: "bubble", textContent: `[${NAMES[bubble.type] ?? bubble.type}] ${bubble.title ?? ""}` });
}

const KINDS = { text, news, template, msgmenu: options, image: picture };

/** One bubble with its face; grey lines stand alone. */
export function line(bubble, person, account, doing) {
  if (bubble.type === "grey") return element("p", { className: "grey", textContent: bubble.text });
  const mine = bubble.from === "me";
  const face = element("span", { className: mine ? "face" : "logo", textContent: (mine ? person.at(-1) : account[0]) });
  face.setAttribute("aria-hidden", "true");
  const made = element("div", { className: mine ? "line me" : "line" }, face, (KINDS[bubble.type] ?? other)(bubble, doing));
  made.dataset.from = bubble.from;
  return made;
}

/** The whole chat, with the time wherever five minutes passed. */
export function chat(bubbles, person, account, doing) {
  let last = -Infinity;
  return bubbles.flatMap((bubble) => {
    const lines = bubble.at - last > 300 || bubble.at < last ? [element("time", { className: "when", textContent: bubble.time })] : [];
    last = bubble.at;
    return [...lines, line(bubble, person, account, doing)];
  });
}
