// form[data-upload]: sends as a whole and shows the percentage; the answer is shown as the browser would have shown it.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const box = form.querySelector("[data-upload-progress]");
  if (!box) continue;
  const meter = box.querySelector("progress");
  const text = box.querySelector("[data-upload-text]");
  let sending = false;

  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    box.hidden = false;
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
        location.assign(request.responseURL);
        return;
      }
      document.open(); // same address: the form with its problems
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
    rows = [...form.querySelectorAll("[type=file]")].flatMap((input) => [...input.files]).map(row);
    list.replaceChildren(...rows.map((one) => one.item));
    list.hidden = !rows.length;
    status.textContent = `已选 ${rows.length} 个文件`;
  });
  form.addEventListener("submit", (event) => {
    if (!rows.length) return; // nothing chosen: the server says so
    event.preventDefault();
    sendAll();
  });

  function row(file) {
    const one = {
      file,
      item: make("li"),
      word: make("span"),
      meter: make("progress", { max: 100, value: 0, ariaLabel: file.name }),
      retry: make("button", { type: "button", className: "button button--secondary button--small", textContent: "重试", hidden: true, onclick: sendAll }),
    };
    one.item.append(make("strong", { textContent: file.name }), one.meter, one.word, one.retry);
    createImageBitmap(file, { resizeWidth: 96 }).then((picture) => {
      const canvas = make("canvas", { width: 96, height: picture.height });
      canvas.getContext("2d").drawImage(picture, 0, 0);
      one.item.prepend(canvas);
    }, () => {}); // no picture, no preview
    return one;
  }

  async function sendAll() {
    if (busy) return;
    busy = true;
    for (const one of rows) if (!one.answer) await send(one);
    busy = false;
    const kept = rows.filter((one) => one.answer === 200).length;
    if (kept === rows.length) return location.assign(location.pathname);
    status.textContent = `已收下 ${kept} 个，${rows.length - kept} 个没有收下。`;
    status.append(make("a", { href: location.pathname, textContent: "刷新页面" }));
  }

  // answer: 0 = ask again, 200 = kept, else refused for good
  function send(one) {
    return new Promise((done) => {
      const end = (answer, text) => {
        one.answer = answer;
        one.word.textContent = text;
        one.retry.hidden = answer > 0;
        done();
      };
      if (one.file.size > form.dataset.max) return end(413, "文件超过 20 MB，请压缩或拆分后再上传。（FILE-002）");
      status.textContent = `正在上传：${one.file.name}`;
      const request = new XMLHttpRequest();
      request.upload.onprogress = (step) => (one.meter.value = (step.loaded / step.total) * 100);
      request.onerror = () => end(0, "网络中断，没有上传成功。");
      request.onload = () => {
        const said = request.response;
        if (said) end(request.status, said.message + (said.code ? `（${said.code}）` : ""));
        else end(0, "没有上传成功，请刷新页面后再试。");
      };
      request.open("POST", location.pathname);
      request.responseType = "json";
      request.setRequestHeader("X-Upload", "1");
      const data = new FormData(form);
      data.delete("camera");
      data.set("files", one.file);
      request.send(data);
    });
  }
}
