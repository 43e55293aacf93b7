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

// form[data-upload-each]: the chosen files go one after another, each with its own progress, reason and retry.
for (const form of document.querySelectorAll("form[data-upload-each]")) {
  const list = form.querySelector("[data-upload-list]");
  const status = form.querySelector("[data-upload-status]");
  const make = (tag, props) => Object.assign(document.createElement(tag), props);
  let rows = [];
  let busy = false;

  form.addEventListener("change", () => {
    rows = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]).map(row);
    list.replaceChildren(...rows.map((one) => one.item));
    list.hidden = !rows.length;
    status.textContent = rows.length ? `已选 ${rows.length} 个文件，点「上传」开始。` : "";
  });
  form.addEventListener("submit", (event) => {
    if (!rows.length && !busy) return; // nothing chosen: the server says so
    event.preventDefault();
    sendAll();
  });

  function row(file) {
    const one = { file, state: "", item: make("li", {}), word: make("span", {}), meter: make("progress", { max: 100, value: 0 }) };
    one.meter.setAttribute("aria-label", `${file.name} 上传进度`);
    one.retry = make("button", { type: "button", className: "button button--secondary button--small", textContent: "重试", hidden: true });
    one.retry.addEventListener("click", sendAll);
    one.item.append(make("strong", { textContent: file.name }), one.meter, one.word, one.retry);
    if (file.type.startsWith("image/") && window.createImageBitmap) {
      createImageBitmap(file, { resizeWidth: 96 }).then((picture) => {
        const canvas = make("canvas", { width: picture.width, height: picture.height });
        canvas.getContext("2d").drawImage(picture, 0, 0);
        one.item.prepend(canvas);
      }, () => {}); // no preview: the server will say what is wrong with it
    }
    return one;
  }

  async function sendAll() {
    if (busy) return;
    busy = true;
    for (const one of rows.filter((each) => each.state !== "kept" && each.state !== "refused")) await send(one);
    busy = false;
    const kept = rows.filter((one) => one.state === "kept").length;
    if (kept === rows.length) return location.assign(location.pathname);
    status.textContent = `已收下 ${kept} 个，${rows.length - kept} 个没有收下，原因见上。`;
    if (kept) status.append(make("a", { href: location.pathname, textContent: "刷新查看已上传的文件" }));
  }

  function send(one) {
    return new Promise((done) => {
      const end = (state, text) => {
        Object.assign(one, { state });
        one.word.textContent = text;
        one.retry.hidden = state !== "lost";
        done();
      };
      if (one.file.size > Number(form.dataset.max)) return end("refused", "文件超过 20 MB。请压缩或拆分后再上传。（FILE-002）");
      status.textContent = `正在上传：${one.file.name}`;
      const request = new XMLHttpRequest();
      request.upload.addEventListener("progress", (step) => {
        one.meter.value = (step.loaded / step.total) * 100;
        one.word.textContent = step.loaded < step.total ? `${Math.floor(one.meter.value)}%` : "正在检查内容…";
      });
      request.addEventListener("error", () => end("lost", "网络中断，没有上传成功。"));
      request.addEventListener("load", () => {
        const said = request.response;
        if (!said) return end("lost", "没有上传成功，可能登录已过期。请刷新页面后再试。");
        end(request.status === 200 ? "kept" : "refused", said.code ? `${said.message}（${said.code}）` : said.message);
      });
      request.open("POST", location.pathname);
      request.responseType = "json";
      request.setRequestHeader("X-Upload", "1");
      const data = new FormData();
      data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.append("files", one.file);
      request.send(data);
    });
  }
}
