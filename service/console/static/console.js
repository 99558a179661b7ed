// Adds to pages that work without it: GOV.UK's components, live counts, keys, a clock for undo.
import { initAll } from "/assets/govuk-frontend.min.js";
import "/assets/session.js";

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
// Nothing of this where somebody turned single keys off (on the page of help).
const hasKeys = !document.body.classList.contains("nc-keyless");
addEventListener("keydown", (event) => {
  // A key that is held down does not press again: with Enter on "Next", letters would go by unseen.
  if (event.repeat && event.target.closest("button, a")) event.preventDefault();
  const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (!hasKeys || event.repeat || field || event.ctrlKey || event.altKey || event.metaKey) return;
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!wanted) return;
  event.preventDefault();
  wanted.focus();
  if (wanted.matches("a, button, input[type=radio], input[type=checkbox], summary")) wanted.click();
});

// Reasons that go with another decision than the one that is chosen are out of the way.
const reasons = document.querySelector("[data-reasons]");
if (reasons) {
  const narrow = () => {
    const chosen = document.querySelector("[data-outcomes] input:checked")?.value;
    for (const group of reasons.querySelectorAll("optgroup")) group.disabled = group.hidden = Boolean(chosen) && group.dataset.outcome !== chosen;
    if (reasons.selectedOptions[0]?.closest("optgroup")?.disabled) reasons.value = "";
  };
  document.querySelector("[data-outcomes]").addEventListener("change", narrow);
  narrow();
}

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

// What is on the page, on paper.
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

// The scanning station. Ctrl+Enter in a field asks again, Escape leaves it for the keys.
addEventListener("keydown", (event) => {
  const field = event.target.closest("[data-ask]");
  if (!field) return;
  if (event.key === "Escape") field.blur();
  if (event.key === "Enter" && event.ctrlKey) field.form.requestSubmit();
});

// Pictures of files or of a camera, one after another, into the tray; then on to what is to be looked at.
const scan = document.querySelector("[data-scan]");
if (scan) {
  const said = scan.querySelector("[data-said]");
  const send = async (pictures) => {
    let done = 0;
    for (const picture of pictures) {
      said.textContent = `Reading ${++done} of ${pictures.length}`;
      const name = (picture.name ?? "").replace(/[^ -~]|%|^ | $/gu, encodeURIComponent).slice(-255);
      const headers = { "x-csrf-token": scan.dataset.csrf, "content-type": "application/octet-stream", "x-file-name": name };
      const answer = await fetch(scan.dataset.scan, { method: "POST", body: picture, headers }).catch(() => null);
      if (!answer?.ok) {
        said.textContent = `Picture ${done} was not taken (${answer ? answer.status : "no answer"}). Scan it again.`;
        return;
      }
    }
    location.assign(scan.dataset.then);
  };
  scan.querySelector("input").addEventListener("change", (event) => send([...event.target.files]));
  const button = scan.querySelector("[data-camera]");
  let video;
  button.addEventListener("click", async () => {
    if (!video) {
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1920 } } });
        video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true, playsInline: true });
        video.className = "nc-station__picture";
        scan.append(video);
        await video.play();
        said.textContent = "Lay the letter under the camera, and press the key once more.";
      } catch {
        video = undefined;
        said.textContent = "There is no camera, or it may not be used.";
      }
      return;
    }
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((picture) => send([picture]), "image/jpeg", 0.92);
  });
}

// A sound for each answer, if the officer wants one: low twice for stop, middle for hold, high for post.
const sound = document.querySelector("[data-sound-on]");
if (sound) {
  sound.checked = localStorage.getItem("sound") === "on";
  sound.addEventListener("change", () => localStorage.setItem("sound", sound.checked ? "on" : "off"));
  const tones = { block: [220, 220], flag: [440], allow: [880] }[document.querySelector("[data-sound]").dataset.sound];
  if (sound.checked) {
    const audio = new AudioContext();
    tones.forEach((pitch, place) => {
      const tone = new OscillatorNode(audio, { frequency: pitch });
      tone.connect(new GainNode(audio, { gain: 0.1 })).connect(audio.destination);
      tone.start(audio.currentTime + place * 0.25);
      tone.stop(audio.currentTime + place * 0.25 + 0.18);
    });
  }
}
