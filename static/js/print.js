// Print buttons, and the time of printing on the paper (without JavaScript: the time the page was made).
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
addEventListener("beforeprint", () => {
  const now = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" }).format(new Date());
  for (const place of document.querySelectorAll("[data-print-time]")) place.textContent = now;
  for (const details of document.querySelectorAll("main details:not([open])")) details.open = true;
});
