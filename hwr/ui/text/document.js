// Upload of a document, or of a photograph fresh from a phone's camera: body of function (element, trigger, props, ...), see gr.HTML's js_on_load.
// props.value receives {path, orig_name} as JSON text, followed by an "input" event; Python empties it.
let known = props.value;

const say = (text) => {
  element.querySelector("[role=status]").textContent = text;
};

element.addEventListener("change", async (event) => {
  const input = event.target.closest("input[type=file]");
  const file = input?.files[0];
  if (!file) return;
  say(`Uploading ${file.name} …`);
  try {
    const { path } = await upload(file);
    props.value = known = JSON.stringify({ path, orig_name: file.name });
    say(file.name);
    trigger("input");
  } catch {
    say(`${file.name} could not be uploaded. It may be too large.`);
  }
  input.value = ""; // so that the same file can be chosen again
});

watch("value", () => {
  if (props.value === known) return;
  known = props.value;
  say("");
});
