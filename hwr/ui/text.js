// The transcript's buttons: body of function (element, trigger, ...), see pad.js. The text itself stands in the data-text attribute.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no permission, or a page without https: the old way still works
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function download(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text + "\n"], { type: "text/plain;charset=utf-8" }));
  link.download = "handwriting.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

element.addEventListener("click", async (event) => {
  const action = event.target.closest("button[data-action]")?.dataset.action;
  if (!action) return;
  const text = element.querySelector("[data-text]").dataset.text;
  const status = element.querySelector(".hwr-actions [role=status]");
  if (action === "download") download(text);
  else status.textContent = (await copy(text)) ? "Copied." : "Copying is not allowed here: select the text instead.";
});
