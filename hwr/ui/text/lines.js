// The lines on the picture of a page: body of function (element, trigger, props, server, upload, watch), see gr.HTML's js_on_load.
//
// A box under a line says how it was read while it is pointed at or has the focus; a click, a tap or Enter keeps it open, and then the
// reading can be corrected in it. Python is told of all corrections so far: "select" with {lines: {number: text}}.
let corrections = {};
let open = null; // the polygon whose box was opened to stay

const transcript = document.getElementById("transcript");
const box = () => element.querySelector(".hwr-line-box");
const field = () => box().querySelector("input");
const lines = () => [...element.querySelectorAll("polygon")];
const inTranscript = (line) => transcript.querySelector(`[data-line="${line.dataset.line}"]`);

function mark(line, on) {
  line.classList.toggle("hwr-on", on);
  inTranscript(line)?.classList.toggle("hwr-on", on);
}

function show(line) {
  const frame = line.closest(".hwr-frame");
  frame.append(box());
  box().hidden = false;
  const [outer, inner] = [frame.getBoundingClientRect(), line.getBoundingClientRect()];
  const width = Math.min(outer.width, Math.max(inner.width + 16, 288));
  box().style.width = `${width}px`;
  box().style.left = `${Math.max(0, Math.min(inner.left - outer.left - 8, outer.width - width))}px`;
  box().style.top = `${inner.bottom - outer.top + 6}px`;
  box().querySelector("span").textContent = `Line ${Number(line.dataset.line) + 1}`;
  field().value = line.dataset.text;
  field().readOnly = line !== open;
  for (const other of lines()) mark(other, other === line);
}

function hide() {
  open = null;
  box().hidden = true;
  for (const line of lines()) mark(line, false);
}

function keep() {
  if (!open) return;
  const [line, text] = [open, field().value.trim().replace(/\s+/g, " ")];
  if (text === line.dataset.text) return;
  line.dataset.text = text;
  line.setAttribute("aria-label", `Line ${Number(line.dataset.line) + 1}: ${text}. Correct it.`);
  corrections[line.dataset.line] = text;
  trigger("select", { lines: corrections });
}

function edit(line, focus) {
  keep();
  open = line;
  show(line);
  if (!focus) return;
  field().focus({ preventScroll: true });
  field().select();
}

const lineOf = (event) => event.target.closest?.("polygon");

element.addEventListener("pointerover", (event) => {
  const line = lineOf(event);
  if (open || event.pointerType === "touch") return;
  if (line) show(line);
  else if (!event.target.closest(".hwr-line-box")) hide();
});
element.addEventListener("pointerleave", () => open || box() && hide());
element.addEventListener("focusin", (event) => {
  const line = lineOf(event);
  if (line && !open) show(line);
});
element.addEventListener("focusout", (event) => {
  if (event.relatedTarget && !element.contains(event.relatedTarget) && box()) {
    keep();
    hide();
  }
});
element.addEventListener("click", (event) => {
  const line = lineOf(event);
  // On a touch screen the reading is looked at first: the keyboard comes when the field is touched.
  if (line) edit(line, event.pointerType !== "touch");
  else if (open && !event.target.closest(".hwr-line-box")) {
    keep();
    hide();
  }
});
element.addEventListener("keydown", (event) => {
  const line = lineOf(event);
  if (line && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    edit(line, true);
  } else if (event.key === "Escape" && box() && !box().hidden) {
    open?.focus({ preventScroll: true });
    hide();
  }
});
element.addEventListener("submit", (event) => {
  event.preventDefault(); // Enter: on to the next line
  const next = lines()[lines().indexOf(open) + 1];
  if (next) {
    edit(next, true);
    next.scrollIntoView({ block: "nearest" });
  } else {
    keep();
    hide();
  }
});
transcript.addEventListener("pointerover", (event) => {
  const number = event.target.closest("[data-line]")?.dataset.line;
  for (const line of lines()) line.classList.toggle("hwr-on", line === open || line.dataset.line === number);
});
watch("value", () => {
  corrections = {};
  open = null;
});
