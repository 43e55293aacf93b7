// form[data-autosave="key"]: saves 1.5 s after a change, one at a time; at once when a link is followed, the page is
// hidden or left. Until the server has it, a copy (never personal fields) stays in this browser and is offered when the
// page is opened again. Also hides questions that are not asked.
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const key = `autosave:${form.dataset.autosave}`;
  const [said, offer] = ["said", "offer"].map((name) => form.querySelector(`[data-${name}]`));
  const version = form.elements.record_version;
  let timer, running, stopped, dirty, leaving;

  const copy = (value) => {
    try {
      if (value === undefined) return JSON.parse(localStorage.getItem(key));
      localStorage[value ? "setItem" : "removeItem"](key, JSON.stringify(value));
    } catch { /* private window: no copy */ }
  };
  const boxes = () => [...form.elements].filter((box) => box.matches(".input, .choice input") && !("personal" in box.dataset));
  const typed = () => JSON.stringify(boxes().map((box) => [box.name, box.value, box.checked]));
  const whole = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== version.name));
  const keep = (sent) => copy({ typed: typed(), version: version.value, sent });
  const say = (words, wrong) => {
    said.className = wrong ? "notice notice--danger" : "soft";
    if (said.textContent !== words) said.textContent = words;
    if (wrong) document.activeElement.scrollIntoView({ block: "nearest" }); // the notice must not lie on the field
  };
  const show = () => {
    const answers = new FormData(form);
    for (const row of form.querySelectorAll("[data-asked-of]")) {
      row.hidden = !row.dataset.askedWhen.split(" ").includes(answers.get(row.dataset.askedOf));
    }
  };
  const save = async () => {
    const before = whole();
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Autosave": "1" }, keepalive: true });
      const data = await answer.json(); // a sign-in page is no JSON
      say(data.said, !answer.ok);
      stopped = answer.status === 409;
      if (!answer.ok) return;
      for (const name in data.set) form.elements[name].value = data.set[name];
      for (const name in data.notes) document.getElementById(`id_${name}_notes`).innerHTML = data.notes[name];
      if (whole() === before) {
        dirty = false;
        copy(null);
      }
    } catch { say(form.dataset.failed, true); }
  };
  const push = () => {
    clearTimeout(timer);
    return running ??= save().finally(() => { running = null; });
  };
  const changed = () => {
    dirty = true;
    leaving = false;
    show();
    keep();
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(() => { running ? changed() : push(); }, 1500);
  };
  const flush = () => { if (dirty && !stopped && !running) push(); };

  form.addEventListener("input", changed);
  addEventListener("pagehide", flush);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
  // A link waits for the save. When it fails the page stays and says so; a second click leaves all the same.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const plain = !(event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !plain || !dirty || stopped || leaving || link.target || link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    leaving = true;
    await running;
    if (dirty) await push();
    if (!dirty) location.assign(link.href);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    dirty = false;
    keep(true);
    if (!running) return;
    event.preventDefault();
    running.then(() => form.requestSubmit(event.submitter));
  });
  const last = copy();
  if (last && (last.typed === typed() || (last.sent && last.version !== version.value))) copy(null);
  else if (last) offer.hidden = false;
  offer.addEventListener("click", ({ target }) => {
    if (target.value === "take") {
      const old = JSON.parse(last.typed);
      boxes().forEach((box, at) => { if (old[at]?.[0] === box.name) [, box.value, box.checked] = old[at]; });
      changed();
    } else if (target.value === "drop") copy(null);
    else return;
    offer.hidden = true;
  });
  show();
  // What was typed before this script arrived over a slow line had nobody to hear it.
  const touched = (box) => (box.matches("[type=radio], [type=checkbox]") ? box.checked !== box.defaultChecked : "defaultValue" in box && box.value !== box.defaultValue);
  if (offer.hidden && boxes().some(touched)) changed();
}
