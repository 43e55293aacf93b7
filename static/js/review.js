// Keys: 1–4 verdict, n reason, j k item, F6 pane, g n next case, g q queue; off with the others.
const on = () => { try { return localStorage.getItem("keyboard") !== "off"; } catch { return true; } };
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const panes = all("[data-pane]");
let pending = "", last = null;

const itemHere = () => document.activeElement?.closest("[data-item]") || (last && document.getElementById(last));
const enter = (item) => { if (!item) return; item.open = true; last = item.id; item.querySelector("summary").focus(); item.scrollIntoView({ block: "start" }); };

document.addEventListener("focusin", (event) => { const item = event.target.closest("[data-item]"); if (item) last = item.id; });
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (!on() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing) return;
  const key = event.key, items = all("[data-item]"), item = itemHere();
  if (pending === "g") {
    pending = "";
    if (key === "n") document.querySelector("[data-take-next]")?.requestSubmit();
    if (key === "q") document.querySelector(".breadcrumbs a")?.click();
    return;
  }
  if (key === "g") pending = "g";
  else if (key === "F6" && panes.length) {
    event.preventDefault();
    panes[(panes.findIndex((pane) => pane.contains(document.activeElement)) + 1) % panes.length].focus();
  } else if (!items.length) return;
  else if (key === "j" || key === "k") enter(items[Math.min(Math.max(items.indexOf(item) + (key === "j" ? 1 : -1), 0), items.length - 1)]);
  else if (key === "?") { const help = document.querySelector("[data-keyboard-help]"); if (help) help.open = !help.open; }
  else if (item && "1234".includes(key)) {
    const radio = all("[name=verdict]", item)[key - 1];
    if (!radio) return;
    event.preventDefault();
    item.open = true;
    radio.checked = true;
    if (key === "2" || key === "3") item.querySelector("[name=reason]").focus();
    else radio.form.requestSubmit();
  } else if (item && key === "n") { event.preventDefault(); item.querySelector("[name=reason]")?.focus(); }
});

document.addEventListener("change", (event) => {
  const chosen = event.target.matches("[data-phrase]") && event.target.selectedOptions[0];
  if (!chosen || !chosen.value) return;
  const { form } = event.target, data = chosen.dataset;
  form.reason.value = chosen.text;
  form.clause.value = data.clause;
  form.how_to_fix.value = data.fix;
  form.rule_id.value = data.rule;
  const radio = all("[name=verdict]", form).find((one) => one.value === data.verdict);
  if (radio) radio.checked = true;
});

// A refusal is shown in its place; an answer of another page (signed out) leaves what is typed.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.matches("[data-item]") && !detail.xhr.responseText.includes("data-item")) {
    detail.shouldSwap = false;
    const said = detail.target.querySelector("[data-judge-status]");
    said.textContent = "没有保存，填写的内容还在。请稍后再保存一次。";
    said.hidden = false;
  } else if ([409, 422].includes(detail.xhr.status)) { detail.shouldSwap = true; detail.isError = false; }
});
document.addEventListener("htmx:afterSettle", () => { const item = last && document.getElementById(last); if (item && document.activeElement === document.body) item.querySelector("summary").focus({ preventScroll: true }); });

for (const link of all("[data-jump]")) link.addEventListener("click", () => document.querySelector(link.hash)?.focus());
// A browser without a viewer of its own, or without scripts, keeps the link: a frame would stay empty, or download the file.
if (navigator.pdfViewerEnabled) for (const kept of all("template[data-framed]")) kept.replaceWith(kept.content);
for (const figure of all(".sheet")) {
  const view = figure.querySelector("[data-sheet]"), zoom = figure.querySelector("[data-zoom]"), turn = figure.querySelector("[data-turn]");
  zoom.hidden = turn.hidden = false;
  zoom.addEventListener("click", () => zoom.setAttribute("aria-pressed", view.classList.toggle("is-large")));
  turn.addEventListener("click", () => { view.dataset.turn = (Number(view.dataset.turn || 0) + 1) % 4; });
}
if (!document.querySelector("table[data-keyboard]")) {
  for (const button of all("[data-keyboard-off]")) {
    const label = () => { button.textContent = on() ? "关闭快捷键" : "打开快捷键"; };
    button.hidden = false;
    label();
    button.addEventListener("click", () => { try { localStorage.setItem("keyboard", on() ? "off" : "on"); } catch { /* private window */ } label(); });
  }
}
