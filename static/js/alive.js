// Typing is activity: the server hears of it. A form sent after the session ended stays as typed until one signed in again;
// so does one whose part was asked for (htmx) when nobody was signed in any more.
const rest = 300000, ended = document.getElementById("ended");
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
const tell = (fresh, place) => {
  ended.hidden = fresh;
  if (fresh) return;
  heard = 0;
  (place || document.querySelector("main")).prepend(ended);
};
addEventListener("input", () => late() && ask());
addEventListener("submit", async (event) => {
  const { target: form, submitter } = event, token = form.elements.csrfmiddlewaretoken;
  if (event.defaultPrevented || !token || !late()) return;
  event.preventDefault();
  const fresh = await ask().catch(() => token.value);
  tell(fresh, form);
  if (fresh) form.requestSubmit(submitter);
});
addEventListener("htmx:responseError", ({ target, detail }) => {
  if (detail.xhr.status === 401 || detail.xhr.status === 403) tell(false, target.closest("form"));
});
addEventListener("htmx:confirm", async (event) => {
  if (!late()) return;
  event.preventDefault();
  const fresh = await ask().catch(() => true);
  tell(fresh, event.target.closest("form"));
  if (fresh) event.detail.issueRequest(true);
});
