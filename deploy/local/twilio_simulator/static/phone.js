"use strict";

// Phones on a page. The server rendered every text up to a position and streams what changed
// after it; a text is drawn by its SID, so hearing of one twice changes nothing.

const GSM = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const GSM_PAIRS = new Set("\f^{}\\[~]|€");

const phones = new Map(
  [...document.querySelectorAll(".phone")].map((phone) => [phone.dataset.number, phone]),
);
const tabs = [...document.querySelectorAll('[role="tab"]')];
const template = document.getElementById("bubble").content;

// How many segments a text is billed as. A character that takes two places stays whole, so a
// segment may end one place early.
function segments(text) {
  const gsm = [...text].every((char) => GSM.has(char) || GSM_PAIRS.has(char));
  const width = gsm ? (char) => (GSM_PAIRS.has(char) ? 2 : 1) : (char) => char.length;
  const [alone, joined] = gsm ? [160, 153] : [70, 67];
  let total = 0;
  let parts = 1;
  let filled = 0;
  for (const char of text) {
    const places = width(char);
    total += places;
    if (filled + places > joined) {
      parts += 1;
      filled = 0;
    }
    filled += places;
  }
  return { gsm, parts: total <= alone ? 1 : parts };
}

function stateOf(text) {
  if (text.from !== "phone") {
    return text.error_code ? `${text.status} · ${text.error_code}` : text.status;
  }
  if (text.webhook === null) return "sent";
  if (text.webhook === 0) return "did not arrive";
  return text.webhook >= 200 && text.webhook < 300 ? "arrived" : `did not arrive · ${text.webhook}`;
}

function fill(item, text) {
  const sides = { phone: "mine", carrier: "carrier", service: "theirs" };
  item.className = `text ${sides[text.from]}`;
  item.dataset.sid = text.sid;
  item.dataset.status = text.status;
  item.toggleAttribute("data-lost", stateOf(text).startsWith("did not arrive"));
  item.querySelector(".body").textContent = text.body;
  item.querySelector(".state").textContent = stateOf(text);
  const time = item.querySelector("time");
  time.dateTime = text.at;
  time.textContent = text.at.slice(11, 16);
  const by = item.querySelector(".by");
  if (by) by.hidden = !text.automatic;
  const media = item.querySelector(".media");
  if (media) {
    media.hidden = text.media === 0;
    media.textContent = `${text.media} attached`;
  }
}

function draw(text) {
  const phone = phones.get(text.number);
  if (!phone) return;
  const thread = phone.querySelector(".thread");
  const following = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  let item = thread.querySelector(`[data-sid="${CSS.escape(text.sid)}"]`);
  if (item) {
    fill(item, text);
  } else {
    item = template.cloneNode(true).firstElementChild;
    fill(item, text);
    thread.append(item);
    if (text.from !== "phone") announce(phone);
  }
  if (following || text.from === "phone") thread.scrollTop = thread.scrollHeight;
}

// A text on a phone whose tab is not open counts on that tab.
function announce(phone) {
  const tab = tabs.find((candidate) => candidate.getAttribute("aria-controls") === phone.id);
  if (phone.classList.contains("is-current")) return;
  const badge = tab.querySelector(".unread");
  badge.textContent = String(Number(badge.textContent) + 1);
  badge.hidden = false;
}

function choose(tab) {
  for (const other of tabs) {
    const chosen = other === tab;
    other.setAttribute("aria-selected", String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    const phone = document.getElementById(other.getAttribute("aria-controls"));
    phone.classList.toggle("is-current", chosen);
    if (chosen) toEnd(phone);
  }
  const badge = tab.querySelector(".unread");
  badge.textContent = "";
  badge.hidden = true;
}

function toEnd(phone) {
  const thread = phone.querySelector(".thread");
  thread.scrollTop = thread.scrollHeight;
}

async function ask(path, method, content) {
  try {
    const response = await fetch(path, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(content),
    });
    const answer = await response.json();
    return response.ok ? { answer } : { error: answer.error };
  } catch {
    return { error: "The simulator does not answer." };
  }
}

async function sendText(phone, body) {
  const error = phone.querySelector(".error");
  error.textContent = "";
  const { answer, error: reason } = await ask(phone.dataset.path, "POST", { body });
  if (reason) {
    error.textContent = `Not sent: ${reason}`;
    return false;
  }
  draw(answer);
  return true;
}

function setUpPhone(phone) {
  const form = phone.querySelector(".compose");
  const box = form.querySelector("textarea");
  const button = form.querySelector("button");
  const count = form.querySelector(".count");

  function recount() {
    button.disabled = box.value.trim() === "";
    const { gsm, parts } = segments(box.value);
    const unit = parts === 1 ? "segment" : "segments";
    const length = [...box.value].length;
    count.textContent = length ? `${length} · ${parts} ${unit}${gsm ? "" : " · Unicode"}` : "";
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = box.value;
    if (body.trim() === "") return;
    box.value = "";
    recount();
    // What could not be sent comes back, unless something else was typed in the meantime.
    if (!(await sendText(phone, body)) && box.value === "") {
      box.value = body;
      recount();
    }
  });
  box.addEventListener("input", recount);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  for (const word of phone.querySelectorAll("[data-word]")) {
    word.addEventListener("click", () => sendText(phone, word.dataset.word));
  }
  recount();
  toEnd(phone);
}

function setUpTabs() {
  const moves = { ArrowRight: 1, ArrowLeft: -1 };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (!(event.key in moves)) return;
      const next = tabs[(index + moves[event.key] + tabs.length) % tabs.length];
      next.focus();
      choose(next);
    });
  }
}

function setUpControls() {
  const clock = document.querySelector(".clock");
  for (const button of clock.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", async () => {
      const advance = { advance_s: Number(button.dataset.advance) };
      const { answer, error } = await ask("/clock", "PUT", advance);
      clock.querySelector(".outcome").textContent = error ?? `Wound by ${button.textContent}.`;
      if (answer) clock.querySelector(".now").textContent = answer.now.slice(0, 16).replace("T", " ");
    });
  }
  const faults = document.querySelector(".faults");
  const outcome = faults.querySelector(".outcome");
  async function setFaults(plan) {
    const { answer, error } = await ask("/faults", "PUT", plan);
    const waiting = answer ? answer.script.length : 0;
    outcome.textContent = error ?? (waiting ? `Set: ${waiting} to come.` : "Set.");
  }
  faults.addEventListener("submit", (event) => {
    event.preventDefault();
    try {
      setFaults(JSON.parse(faults.querySelector("textarea").value));
    } catch {
      outcome.textContent = "That is not JSON.";
    }
  });
  faults.querySelector("[data-clear]").addEventListener("click", () => setFaults({}));
}

function listen(address) {
  const live = document.querySelector(".live");
  const say = (word) => {
    live.textContent = word;
    live.dataset.live = word;
  };
  const source = new EventSource(address);
  let position = null;
  source.addEventListener("open", () => say("live"));
  source.addEventListener("text", (event) => {
    position = event.lastEventId;
    draw(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    say("reconnecting");
    // After an HTTP error the browser gives up: begin again from where we were.
    if (source.readyState === EventSource.CLOSED) {
      const next = new URL(address, location.href);
      if (position !== null) next.searchParams.set("after", position);
      setTimeout(() => listen(next.pathname + next.search), 2000);
    }
  });
}

for (const phone of phones.values()) setUpPhone(phone);
setUpTabs();
setUpControls();
listen(document.body.dataset.events);
