// Fetches the page anew when something happened, and changes it in place.
"use strict";

const APART_MS = 1000;
const live = document.getElementById("live");
let stream = null;
let waiting = null;
let last = 0;

function follow() {
  const after = document.body.dataset.position;
  stream = new EventSource(`/api/v1/stream?after=${after}`);
  stream.addEventListener("open", () => { live.textContent = "live"; });
  stream.addEventListener("error", () => { live.textContent = "not connected"; });
  stream.addEventListener("moved", () => {
    waiting ??= setTimeout(renew, Math.max(0, last + APART_MS - Date.now()));
  });
}

async function renew() {
  last = Date.now();
  try {
    const answer = await fetch(location.href);
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    live.textContent = "not connected";
  } finally {
    waiting = null;
  }
}

function show(fresh) {
  const before = document.getElementById("page");
  const after = fresh.getElementById("page");
  document.body.dataset.position = fresh.body.dataset.position;
  for (const open of before.querySelectorAll("details[open][id]")) {
    after.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
  }
  const focused = path(document.activeElement, before);
  if (!before.isEqualNode(after)) before.replaceChildren(...after.childNodes);
  if (focused) before.querySelector(focused)?.focus({ preventScroll: true });
}

// Where the keyboard is, said so that it is found again: an address, or a turn's own button.
function path(element, page) {
  if (!element || element === page || !page.contains(element)) return null;
  if (element.matches("a[href]")) return `a[href="${CSS.escape(element.getAttribute("href"))}"]`;
  const turn = element.closest("details[id]");
  return turn ? `#${CSS.escape(turn.id)} > summary` : null;
}

document.addEventListener("visibilitychange", () => {
  stream?.close();
  if (!document.hidden) follow();
});
if (!document.hidden) follow();
