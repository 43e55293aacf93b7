// Results: at most four ticks, and the button says how many. Without scripts the server answers a fifth with what to do.
const form = document.querySelector("form[data-most]");

if (form) {
  const most = Number(form.dataset.most);
  const boxes = [...form.querySelectorAll('input[type="checkbox"][name="uscc"]')];
  const told = form.querySelector("[data-chosen]");
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.disabled = chosen >= most && !box.checked;
    told.textContent = chosen ? `已选 ${chosen} 家${chosen >= most ? "，最多选这么多；去掉一家才能再选" : ""}` : "";
  };
  form.addEventListener("change", count);
  addEventListener("pageshow", count);
}
