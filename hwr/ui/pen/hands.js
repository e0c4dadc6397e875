// The hands of the gallery: body of function (element, trigger, ...), see gr.HTML's js_on_load. Each shows the first word of the visitor's text:
// "input" with {word} asks for them when the visitor rests. A click says "select" with {index}.
const PAUSE = 450; // milliseconds

let shown = element.querySelector("[data-word]")?.dataset.word ?? "";
let timer = 0;

const firstWord = (text) => text.trim().split(/\s+/)[0].slice(0, 14);

document.addEventListener("input", (event) => {
  if (!event.target.matches("#pen-text textarea") || !element.isConnected) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const word = firstWord(event.target.value);
    if (word && word !== shown) trigger("input", { word: (shown = word) });
  }, PAUSE);
});

const hands = () => [...element.querySelectorAll("button[data-index]")];

/** Of a hundred hands the chosen one is reached with Tab, and the others from there with the arrows. */
function mark(hand) {
  for (const button of hands()) button.setAttribute("aria-pressed", button.dataset.index === hand);
  reach(hands().find((button) => button.dataset.index === hand) ?? hands()[0]);
}

function reach(chosen) {
  for (const button of hands()) button.tabIndex = button === chosen ? 0 : -1;
}

element.addEventListener("keydown", (event) => {
  const all = hands();
  const at = all.indexOf(event.target);
  const row = all.filter((button) => button.offsetTop === all[0].offsetTop).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row, Home: -at, End: all.length - 1 - at }[event.key];
  if (at < 0 || step === undefined) return;
  event.preventDefault();
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  reach(next);
  next.focus();
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-index]");
  if (!button) return;
  trigger("select", { index: Number(button.dataset.index) });
  mark(button.dataset.index);
});

watch("value", () => {
  mark(document.querySelector("#pen-style input")?.value);
  const [list, chosen] = [element.querySelector(".hwr-hands"), element.querySelector("[aria-pressed=true]")];
  if (chosen) list.scrollTop = chosen.offsetTop - list.offsetTop - list.clientHeight / 2; // in the list alone, not the page
});
