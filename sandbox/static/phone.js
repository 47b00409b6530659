import { chat } from "./bubbles.js";
import { byId, element, send, toast } from "./dom.js";
import * as drawer from "./drawer.js";
import { drawMenu, closeMenus } from "./menu.js";
import * as webview from "./webview.js";

const person = byId("phone-script").dataset.person;
const base = `/phone/${encodeURIComponent(person)}`;
const account = document.querySelector("h1").textContent;
const personName = document.title.split("的手机")[0];
const TABS = ["chat", "sms", "scan"];
let version = "";
let address = "";
let ticket = null;
let newestSms = null;
let tab = "chat";
// What is drawn already: nothing is drawn twice, so that a link stays under the finger that taps it.
const drawn = {};

function isNew(name, value) {
  const text = JSON.stringify(value);
  if (drawn[name] === text) return false;
  drawn[name] = text;
  return true;
}

async function act(action, data) {
  const answer = await send(`${base}/do/${action}`, data);
  if (answer?.open) open(answer.open);
  refresh();
  return answer;
}

async function open(url) {
  const response = await fetch(`${base}/open?url=${encodeURIComponent(url)}`);
  const meaning = await response.json();
  if (meaning.frame) webview.show(meaning.frame, meaning.url);
  else if (meaning.external) webview.showOutside(meaning.external);
  else if (meaning.ticket) scanTicket(meaning.ticket);
  else toast(`扫到的文字：${meaning.text}`);
}

function scanTicket(scanned) {
  choose("chat");
  webview.close();
  if (byId("friend").hidden) {
    // A stranger who scans sees the account first; following then carries the scene.
    ticket = scanned;
    toast("请点“关注公众号”");
  } else act("scan", { ticket: scanned });
}

function choose(name) {
  tab = name;
  for (const each of TABS) {
    byId(`view-${each}`).hidden = each !== name;
    byId(`tab-${each}`).toggleAttribute("aria-current", each === name);
  }
  if (name === "sms") document.querySelector(".dot").hidden = true;
  if (name === "scan") drawCodes();
  if (name === "chat") byId("chat").scrollTop = byId("chat").scrollHeight;
}

async function drawCodes() {
  const codes = await (await fetch(`${base}/codes`)).json();
  byId("codes").replaceChildren(...(codes.length ? codes.map((code) => element("button", { onclick: () => open(code.url) },
    element("span", { textContent: `场景 ${code.scene}` }), element("small", { textContent: code.url }))) : [element("p", { className: "nothing", textContent: "还没有二维码" })]));
}

function drawChat(news) {
  byId("stranger").hidden = news.following;
  byId("friend").hidden = !news.following;
  byId("unfollow").hidden = !news.following;
  if (news.following) ticket = null;
  if (!isNew("chat", news.chat)) return;
  const log = byId("chat");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const doing = { open, choose: (item) => act("say", { text: item.content, menu_id: item.id }) };
  log.replaceChildren(...chat(news.chat, personName, account, doing));
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function drawSms(rows) {
  if (!isNew("sms", rows)) return;
  const newest = rows[0]?.id ?? 0;
  if (newestSms !== null && newest > newestSms && tab !== "sms") document.querySelector(".dot").hidden = false;
  newestSms = newest;
  byId("sms").replaceChildren(...(rows.length ? rows.map((row) => element("article", {},
    element("time", { textContent: row.time }), element("p", { textContent: row.text || row.code }))) : [element("p", { className: "nothing", textContent: "还没有短信" })]));
}

async function refresh() {
  let news;
  try {
    news = await (await fetch(`${base}/live?version=${version}`)).json();
  } catch {
    return;
  }
  // After a restart of the sandbox pages come from another port, which this page's policy does not know yet.
  if (news.forwarder !== byId("phone-script").dataset.forwarder) location.reload();
  address = news.address;
  webview.describe(news.address, news.title);
  drawer.draw(news);
  if (news.version === version) return;
  version = news.version;
  drawChat(news);
  drawSms(news.sms);
  drawMenu(news.menu, (button) => (button.type.startsWith("scancode") ? choose("scan") : act("tap", { key: button.key, url: button.url, name: button.name })));
}

for (const each of TABS) byId(`tab-${each}`).onclick = () => choose(each);
byId("follow").onclick = () => act("follow", { ticket });
byId("say").onsubmit = async (event) => {
  event.preventDefault();
  const field = byId("say-text");
  const text = field.value;
  if (!text.trim()) return;
  field.value = "";
  if (!await act("say", { text })) field.value = text;
};
byId("scan").onsubmit = (event) => { event.preventDefault(); open(byId("scan-text").value.trim()); };
document.addEventListener("click", (event) => { if (!event.target.closest(".menu")) closeMenus(); });
webview.start(open, () => address);
drawer.start(act);
document.documentElement.dataset.ready = "yes";  // robots are faster than scripts
refresh().then(() => setInterval(refresh, 1000));
