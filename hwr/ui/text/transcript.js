// The transcript's buttons: body of function (element, trigger, ...), see gr.HTML's js_on_load. The text itself stands in the data-text attribute.
element.addEventListener("click", async (event) => {
  const action = event.target.closest("button[data-action]")?.dataset.action;
  if (!action) return;
  const text = element.querySelector("[data-text]").dataset.text;
  const status = element.querySelector(".hwr-actions [role=status]");
  if (action === "download") hwr.download(`${text}\n`, "text/plain;charset=utf-8", `${element.querySelector("[data-name]").dataset.name}.txt`);
  else status.textContent = (await hwr.copyText(text)) ? "Copied." : "Copying is not allowed here: select the text instead.";
});
