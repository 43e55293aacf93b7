// Copy buttons: <button data-copy="id of the text" hidden>. They appear only where the browser can copy.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    const text = button.querySelector("[data-copy-text]");
    const words = text.textContent;
    text.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        text.textContent = "已复制";
      } catch {
        text.textContent = "无法复制，请手动选择";
      }
      setTimeout(() => { text.textContent = words; }, 2500);
    });
  }
}
