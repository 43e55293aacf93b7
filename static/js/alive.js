// Typing is activity: the server hears of it. What is sent (or asked for by htmx) after the session ended, or is refused,
// stays as typed, until one signed in again.
const rest = 300000, ended = document.getElementById("ended"), refused = document.getElementById("refused");
let heard = Date.now();
const late = () => Date.now() - heard > rest;
const ask = async () => {
  heard = Date.now();
  const answer = await fetch("/desk/messages/", { redirect: "manual" });
  const fresh = answer.ok && /csrfmiddlewaretoken" value="(\w+)/.exec(await answer.text())?.[1];
  if (fresh) {
    for (const box of document.getElementsByName("csrfmiddlewaretoken")) box.value = fresh;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": fresh }));
  }
  return fresh;
};
const say = (words, place) => { words.hidden = false; (place || document.querySelector("main")).prepend(words); };
const tell = (fresh, place) => {
  ended.hidden = fresh;
  if (fresh) return;
  heard = 0;
  say(ended, place);
};
const look = (place) => ask().then((fresh) => tell(fresh, place)).catch(() => { heard = 0; });
addEventListener("input", ({ target }) => late() && look(target.form));
addEventListener("focus", () => ended.hidden || look(ended.closest("form")));
addEventListener("submit", async (event) => {
  const { target: form, submitter } = event, token = form.elements.csrfmiddlewaretoken;
  if (event.defaultPrevented || !token || !late()) return;
  event.preventDefault();
  const fresh = await ask().catch(() => token.value);
  tell(fresh, form);
  if (fresh) form.requestSubmit(submitter);
});
addEventListener("htmx:beforeRequest", () => { refused.hidden = true; });
addEventListener("htmx:responseError", async ({ target, detail }) => {
  const place = target.closest("form"), { status } = detail.xhr;
  if (status === 401) tell(false, place);
  // Refused though signed in: a page from before the last sign-in (its token is fresh now), or no right to do this.
  if (status === 403) (await ask().catch(() => true)) ? say(refused, place) : tell(false, place);
});
addEventListener("htmx:confirm", async (event) => {
  if (!late()) return;
  event.preventDefault();
  const fresh = await ask().catch(() => true);
  tell(fresh, event.target.closest("form"));
  if (fresh) event.detail.issueRequest(true);
});
