// 加入对比、移出、清空 without leaving the page: the server answers with the page as it is afterwards, and every part
// marked data-choice is taken from it. Without scripts the same forms lead back to the same place.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-choose]");
  if (!form || form.dataset.plain) return;
  event.preventDefault();
  const button = event.submitter;
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(form.action, { method: "POST", body, cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-choice]")) {
      const fresh = page.getElementById(part.id);
      if (fresh) part.replaceChildren(...fresh.childNodes);
    }
    (form.querySelector("button") ?? document.querySelector("main h1"))?.focus();
  } catch {
    form.dataset.plain = "1";
    form.requestSubmit(button);
  }
});
