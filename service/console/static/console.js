// Adds to pages that work without it: GOV.UK's components, live counts, keys, a clock for undo.
import { initAll } from "/assets/govuk-frontend.min.js";

initAll();

// Live counts: a list with data-live="/queue/counts" is replaced whenever the server sends new ones.
const live = document.querySelector("[data-live]");
if (live) {
  const source = new EventSource(live.dataset.live);
  source.addEventListener("counts", (event) => {
    for (const [name, count] of Object.entries(JSON.parse(event.data))) {
      const place = live.querySelector(`[data-count="${name}"]`);
      if (place) place.textContent = count;
    }
  });
  addEventListener("pagehide", () => source.close());
}

// Keys: whatever has data-key is pressed, or focused, by that key, outside of fields.
addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (field || event.ctrlKey || event.altKey || event.metaKey) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  if (wanted.matches("a, button, input[type=radio], input[type=checkbox], summary")) wanted.click();
});

// A countdown in seconds, as for undo: data-until holds the moment in ISO 8601.
for (const clock of document.querySelectorAll("[data-until]")) {
  const end = Date.parse(clock.dataset.until);
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    clock.textContent = `${left} second${left === 1 ? "" : "s"}`;
    if (left) setTimeout(tick, 1000);
  };
  tick();
}
