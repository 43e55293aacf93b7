// 加入对比、移出、清空 without leaving the page: what is marked data-choice comes from the page as it is afterwards.
addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches("[data-choose]")) return;
  event.preventDefault();
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await fetch(form.action, { method: "POST", body, cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-choice]")) {
      part.replaceChildren(...page.getElementById(part.id).childNodes);
    }
    form.querySelector("button")?.focus();
  } catch {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
    form.submit();
  }
});
