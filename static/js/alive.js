// Typing is activity: the server hears of it. A form sent after the session ended stays as typed until one signed in again.
const rest = 300000, ended = document.getElementById("ended");
let heard = Date.now();
const late = () => Date.now() - heard > rest;
const ask = async () => {
  heard = Date.now();
  const answer = await fetch("/desk/messages/", { redirect: "manual" });
  return answer.ok && /csrfmiddlewaretoken" value="(\w+)/.exec(await answer.text())[1];
};
addEventListener("input", () => late() && ask());
addEventListener("submit", async (event) => {
  const { target: form, submitter } = event, token = form.elements.csrfmiddlewaretoken;
  if (event.defaultPrevented || !token || !late()) return;
  event.preventDefault();
  const fresh = await ask().catch(() => token.value);
  ended.hidden = fresh;
  if (fresh) {
    token.value = fresh;
    form.requestSubmit(submitter);
  } else {
    heard = 0;
    form.prepend(ended);
  }
});
