// form[data-upload]: sends with XMLHttpRequest to show the percentage; the answer is shown as the browser would have shown it.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const box = form.querySelector("[data-upload-progress]");
  if (!box || !("upload" in XMLHttpRequest.prototype)) continue;
  const meter = box.querySelector("progress");
  const text = box.querySelector("[data-upload-text]");
  let sending = false;

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    box.hidden = false;
    meter.value = 0;
    text.textContent = "正在上传…";

    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (step) => {
      if (!step.lengthComputable) return;
      const share = Math.floor((step.loaded / step.total) * 100);
      meter.value = share;
      text.textContent = share < 100 ? `已上传 ${share}%` : "上传完成，正在检查内容…";
    });
    request.addEventListener("load", () => {
      if (request.responseURL && request.responseURL.split("#")[0] !== new URL(form.action, location.href).href) {
        location.assign(request.responseURL); // the server redirected: go there
        return;
      }
      document.open(); // same address: show the answer, for example the form with its problems
      document.write(request.responseText);
      document.close();
    });
    request.addEventListener("error", () => {
      sending = false;
      text.textContent = "网络中断，没有上传成功。请检查网络后再提交一次。";
    });
    request.open("POST", form.action);
    const data = new FormData(form);
    if (event.submitter && event.submitter.name) data.append(event.submitter.name, event.submitter.value);
    request.send(data);
  });
}
