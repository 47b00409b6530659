/** Builds an element; text is never parsed as HTML. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter((child) => child != null && child !== ""));
  return made;
}

export const byId = (id) => document.getElementById(id);

let hiding;
export function toast(text) {
  const line = byId("toast");
  line.textContent = text;
  line.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { line.hidden = true; }, 2500);
}

export async function send(url, data, method = "POST") {
  try {
    const response = await fetch(url, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(data ?? {}) });
    const answer = await response.json();
    if (!response.ok) toast(answer.error ?? "操作失败");
    return response.ok ? answer : null;
  } catch {
    toast("模拟器没有响应");
    return null;
  }
}
