// Warns before the session ends, and keeps what was typed on the page when it has ended.

const WARNED = 120_000; // milliseconds before the end: time enough to read it and to press a button
const dialog = document.querySelector("[data-session]");
if (dialog) {
  const part = (name) => dialog.querySelector(`[data-session-${name}]`);
  const after = (seconds) => Date.now() + seconds * 1_000; // by this clock alone: it may differ from the server's
  let until = after(dialog.dataset.session);
  let timer;

  const say = (title, text) => {
    part("title").textContent = title;
    part("text").textContent = text;
    part("said").textContent = `${title}. ${text}`;
  };
  const open = () => {
    if (!dialog.open) dialog.showModal();
    part("title").focus();
  };
  const ended = () => {
    say("You were signed out", "What you typed on this page is still here. Sign in again in a new tab, come back, and go on.");
    part("again").hidden = false;
    part("stay").textContent = "I have signed in: go on";
    dialog.classList.add("nc-session--ended"); // nothing of the page is seen behind it
    open();
  };
  const warn = () => {
    const left = Math.max(1, Math.round((until - Date.now()) / 60_000));
    say("You will be signed out soon", `In about ${left} minute${left === 1 ? "" : "s"}. What you typed on this page is kept if you stay signed in.`);
    open();
    timer = setTimeout(check, Math.max(0, until - Date.now()) + 1_000);
  };
  const schedule = () => {
    clearTimeout(timer);
    timer = setTimeout(warn, Math.max(0, until - WARNED - Date.now()));
  };
  // Asks, which keeps the session awake; whether there is one. The forms get the token of the session of now.
  const stay = async () => {
    const answer = await fetch("/session", { redirect: "manual", cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return false;
    const found = await answer.json();
    until = after(found.seconds);
    for (const field of document.querySelectorAll("input[name=csrf]")) field.value = found.csrf;
    for (const place of document.querySelectorAll("[data-csrf]")) place.dataset.csrf = found.csrf;
    dialog.classList.remove("nc-session--ended");
    part("again").hidden = true;
    part("stay").textContent = "Stay signed in";
    if (dialog.open) dialog.close();
    schedule();
    return true;
  };
  // At the end: another tab may have kept the session awake. That is asked once; asking keeps it awake no more
  // than that tab did, since a session that is over stays over.
  const check = async () => (await stay()) || ended();

  part("stay").addEventListener("click", check);
  dialog.addEventListener("cancel", (event) => dialog.classList.contains("nc-session--ended") && event.preventDefault());
  addEventListener("submit", (event) => {
    if (event.target.method !== "post" || Date.now() < until) return;
    event.preventDefault(); // it would be lost: the session is over by what this page knows
    stay().then((is) => (is ? event.target.requestSubmit(event.submitter) : ended()));
  });
  schedule();
}
