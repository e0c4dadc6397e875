// The row of examples: body of function (element, trigger, ...), see gr.HTML's js_on_load.
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-index]");
  if (button) trigger("select", { index: Number(button.dataset.index) });
});
