// Keeps the open page up to date: when the projections move on, the page is fetched anew and what
// it shows is put in the place of what is shown.

const live = document.getElementById("live");
let wanted = Number(document.body.dataset.position);
let fetching = false;

function say(state, words) {
  live.dataset.state = state;
  live.textContent = words;
}

async function refresh() {
  if (fetching) return;
  fetching = true;
  try {
    for (let shown = -1; shown < wanted; ) {
      shown = wanted;
      // A page that refreshes itself keeps no session alive, and says so.
      const headers = { Accept: "text/html", "X-Parley-Refresh": "1" };
      const answer = await fetch(location.href, { headers });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    }
    say("live", "live");
  } catch {
    say("still", "not live: reload to look again");
  } finally {
    fetching = false;
  }
}

// What somebody has begun to type or has opened is theirs: it stays as it is.
function show(fresh) {
  const open = [...document.querySelectorAll("main details[open]")].map((one) => one.id);
  const typed = [...document.querySelectorAll("main :is(input, textarea, select)[id]")]
    .filter((one) => one.type !== "hidden" && one.type !== "range")
    .map((one) => [one.id, one.value, one.selectionStart, one.selectionEnd]);
  const here = document.activeElement;
  const again = place(here);
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  for (const one of fresh.querySelectorAll("[data-fresh]")) {
    document.getElementById(one.id)?.replaceWith(one);
  }
  document.title = fresh.title;
  document.body.dataset.position = fresh.body.dataset.position;
  for (const id of open) if (id) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value] of typed) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  const back = again && document.querySelector(again);
  back?.focus({ preventScroll: true });
  const kept = typed.find(([id]) => id === back?.id);
  if (kept && kept[2] !== null) back.setSelectionRange?.(kept[2], kept[3]);
}

function place(here) {
  if (!here?.closest("main")) return null;
  if (here.id && here.id !== "main") return `#${CSS.escape(here.id)}`;
  const form = here.closest("form[action]")?.getAttribute("action");
  if (form) return `main form[action="${CSS.escape(form)}"] button`;
  const details = here.closest("details")?.id;
  if (details) return `#${CSS.escape(details)} summary`;
  const link = here.closest("a[href]")?.getAttribute("href");
  return link ? `main a[href="${CSS.escape(link)}"]` : null;
}

// Time travel: the slider shows where it stands, and goes there when it is let go.
document.addEventListener("input", (moved) => {
  if (!moved.target.matches("[data-travel]")) return;
  moved.target.form.querySelector("output").value = moved.target.value;
});
document.addEventListener("change", (moved) => {
  if (moved.target.matches("[data-travel]")) moved.target.form.requestSubmit();
});

const events = new EventSource(`/events?after=${wanted}`);
events.addEventListener("open", () => say("live", "live"));
events.addEventListener("error", () => say("still", "not live"));
events.addEventListener("moved", (moved) => {
  wanted = Math.max(wanted, Number(moved.data));
  refresh();
});
addEventListener("pagehide", () => events.close());
