import { byId, send } from "./dom.js";

export function start(doAction) {
  byId("settings-open").onclick = () => byId("settings").show();
  byId("settings-close").onclick = () => byId("settings").close();
  byId("settings").addEventListener("keydown", (event) => { if (event.key === "Escape") byId("settings").close(); });
  byId("unfollow").onclick = () => { byId("settings").close(); doAction("unfollow"); };
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.onclick = () => send("/sandbox/clock", { advance: Number(button.dataset.advance) });
  }
  document.querySelector("[data-clock-reset]").onclick = () => send("/sandbox/clock", { reset: true });
  for (const box of document.querySelectorAll("[data-fault]")) {
    box.onchange = () => send("/sandbox/faults", { name: box.dataset.fault }, box.checked ? "POST" : "DELETE");
  }
  byId("snapshot").onchange = (event) => send("/sandbox/switches", { snapshot: event.target.checked });
  byId("verify").onclick = async () => {
    const answer = await send("/sandbox/verify");
    if (answer) byId("verified").textContent = answer.ok ? "验证成功" : `验证失败：${answer.why}`;
  };
}

export function draw(news) {
  byId("now").textContent = news.now;
  const on = new Set(news.faults.map((fault) => fault.name));
  for (const box of document.querySelectorAll("[data-fault]")) box.checked = on.has(box.dataset.fault);
  if ("snapshot" in news) byId("snapshot").checked = news.snapshot;
}
