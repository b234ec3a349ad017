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
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
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

function show(fresh) {
  const open = [...document.querySelectorAll("details[open]")].map((one) => one.id);
  const here = document.activeElement;
  const link = here?.closest("main a[href]")?.getAttribute("href");
  const turn = here?.closest("main details")?.id;
  document.querySelector("main").replaceWith(fresh.querySelector("main"));
  document.title = fresh.title;
  document.body.dataset.position = fresh.body.dataset.position;
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const again = turn ? `#${CSS.escape(turn)} summary` : `main a[href="${CSS.escape(link ?? "")}"]`;
  if (turn || link) document.querySelector(again)?.focus({ preventScroll: true });
}

const events = new EventSource(`/events?after=${wanted}`);
events.addEventListener("open", () => say("live", "live"));
events.addEventListener("error", () => say("still", "not live"));
events.addEventListener("moved", (moved) => {
  wanted = Math.max(wanted, Number(moved.data));
  refresh();
});
addEventListener("pagehide", () => events.close());
