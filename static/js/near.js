// “用我的位置”: asked on tap only, rounded to three decimals (about 100 m), put into the form, kept nowhere.
const part = document.querySelector("[data-near]");
const select = document.querySelector("#id_near");
if (part && select && navigator.geolocation) {
  const says = part.querySelector("[data-near-text]");
  part.hidden = false;
  part.querySelector("[data-near-button]").addEventListener("click", () => {
    says.textContent = "正在读取位置…";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const near = `${coords.latitude.toFixed(3)},${coords.longitude.toFixed(3)}`;
        const own = [...select.options].find((option) => option.text === "我的位置") ?? select.appendChild(new Option("我的位置"));
        own.value = near;
        select.value = near;
        document.querySelector("[data-near-ordering]").value = "distance";
        says.textContent = "已填入您的位置，正在按距离查询。位置会写在网址里，转发网址前请先去掉。";
        select.form.requestSubmit();
      },
      () => { says.textContent = "没有取得位置，请在上面选择镇（街道）。"; },
      { timeout: 10000, maximumAge: 0 },
    );
  });
}
