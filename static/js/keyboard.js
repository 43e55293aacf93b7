// Lists marked data-keyboard: j / k next and previous row, Enter opens it, / goes to the search box, ? explains.
// Can be turned off (WCAG 2.1.4): a link with data-keyboard-off, remembered in this browser.
const table = document.querySelector("table[data-keyboard]");
const typing = (node) => node.closest("input, select, textarea, [contenteditable]");
const stored = () => { try { return localStorage.getItem("keyboard"); } catch { return null; } };

if (table) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const help = document.querySelector("[data-keyboard-help]");
  let current = -1;
  let on = stored() !== "off";

  const show = (index) => {
    if (index < 0 || index >= rows.length) return;
    rows[current]?.classList.remove("is-current");
    current = index;
    rows[current].classList.add("is-current");
    const link = rows[current].querySelector("a[href], button");
    if (link) link.focus();
    rows[current].scrollIntoView({ block: "nearest" });
  };

  for (const button of document.querySelectorAll("[data-keyboard-off]")) {
    const label = () => { button.textContent = on ? "关闭快捷键" : "打开快捷键"; };
    button.hidden = false;
    label();
    button.addEventListener("click", () => {
      on = !on;
      try { localStorage.setItem("keyboard", on ? "on" : "off"); } catch { /* private window: lasts for this page */ }
      label();
    });
  }

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (event.key === "j") show(current + 1);
    else if (event.key === "k") show(current - 1);
    else if (event.key === "/") { event.preventDefault(); document.querySelector("[type=search], [name=q]")?.focus(); }
    else if (event.key === "?" && help) help.open = !help.open;
  });
}
