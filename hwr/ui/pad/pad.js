// The drawing pad: hwr.pad(element, trigger, props, watch) is run once for every mounted pad; see gr.HTML's js_on_load for its arguments.
//
// Strokes live here, in logical units (props.pad_width x props.pad_height) that don't depend on the size on screen. props.value receives them as
// JSON text, [[[x, y, t], ...], ...], whenever the drawing has changed, followed by an "input" event; a value set from Python is drawn. It is text
// because the page wraps every array of a value in a proxy, which costs seconds with some thousand points. Points of a pen that feels how hard
// it is pressed have a fourth number, 0 to 1, and are as broad as that.

hwr.pad = function (element, trigger, props, watch) {
const [WIDTH, PEN] = [props.pad_width, props.pen_width];
let HEIGHT = props.pad_height; // of narrow pads on phones more: see resize()
const PEN_REST_MS = 1500; // touches this soon after the pen are the palm
const MIN_STEP = 0.7; // logical units; closer samples add nothing to see

const pad = element.querySelector(".pad");
const canvas = pad.querySelector("canvas");
const status = pad.querySelector(".pad-status");
const buttons = Object.fromEntries([...pad.querySelectorAll("button")].map((button) => [button.dataset.action, button]));
const screen = canvas.getContext("2d");
const finished = document.createElement("canvas").getContext("2d", { alpha: true }); // the strokes that are done: a long drawing stays quick

let history = [parse(props.value)]; // every state of the drawing, so that undo also brings back what was cleared or replaced
let position = 0;
let active = null; // the stroke under the pen: {id, type, points}
let started = 0; // time stamp that counts as t = 0
let penSeen = -Infinity;
let shown = props.value; // the value that belongs to what is drawn
let greeting = null;

const strokes = () => history[position];

function parse(value) {
  try {
    return JSON.parse(value || "[]").filter((stroke) => stroke.length > 0);
  } catch {
    return [];
  }
}

function countPoints(drawing) {
  return drawing.reduce((sum, stroke) => sum + stroke.length, 0);
}

// ---------------------------------------------------------------- drawing

const breadth = (point) => PEN * (point.length > 3 ? 0.35 + 1.3 * point[3] : 1);

function line(context, points, from = 0) {
  const [x, y] = points[from];
  context.beginPath();
  context.arc(x, y, breadth(points[from]) / 2, 0, 2 * Math.PI); // a canvas draws no line of length zero, which a tap is
  context.fill();
  if (points[from].length > 3) {
    for (let i = from + 1; i < points.length; i++) {
      context.lineWidth = (breadth(points[i - 1]) + breadth(points[i])) / 2;
      context.beginPath();
      context.moveTo(points[i - 1][0], points[i - 1][1]);
      context.lineTo(points[i][0], points[i][1]);
      context.stroke();
    }
    context.lineWidth = PEN;
    return;
  }
  context.beginPath();
  context.moveTo(x, y);
  for (let i = from + 1; i < points.length; i++) context.lineTo(points[i][0], points[i][1]);
  context.stroke();
}

function wipe(context) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
}

function setPen(context) {
  context.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / HEIGHT, 0, 0);
  context.lineWidth = PEN;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
}

function show() {
  wipe(screen);
  screen.drawImage(finished.canvas, 0, 0);
  setPen(screen);
  if (active) line(screen, active.points);
}

function redraw() {
  [finished.canvas.width, finished.canvas.height] = [canvas.width, canvas.height];
  setPen(finished);
  for (const stroke of strokes()) line(finished, stroke);
  show();
}

function resize() {
  const box = canvas.getBoundingClientRect();
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  if (!width || !height || (canvas.width === width && canvas.height === height)) return;
  [canvas.width, canvas.height] = [width, height];
  HEIGHT = (WIDTH * box.height) / box.width;
  redraw();
}

function refresh() {
  const count = strokes().length;
  pad.classList.toggle("pad-empty", count === 0 && !active);
  buttons.undo.disabled = position === 0;
  buttons.redo.disabled = position === history.length - 1;
  buttons.clear.disabled = buttons.link.disabled = count === 0;
  canvas.setAttribute("aria-label", `${props.description} ${count === 0 ? "Empty." : count === 1 ? "1 stroke." : `${count} strokes.`}`);
}

function say(text, warning = false) {
  status.textContent = text;
  status.classList.toggle("pad-warning", warning);
}

// ---------------------------------------------------------------- changes

function remember(drawing) {
  history = [...history.slice(Math.max(0, position - 199), position + 1), drawing];
  position = history.length - 1;
}

function publish() {
  greeting?.stop();
  refresh();
  props.value = shown = JSON.stringify(strokes());
  trigger("input");
}

function act(action) {
  if (active || buttons[action].disabled) return;
  if (action === "clear") remember([]);
  else position += action === "undo" ? -1 : 1;
  redraw();
  publish();
  const count = strokes().length;
  say(count === 0 ? "The pad is empty." : `${count} ${count === 1 ? "stroke" : "strokes"} on the pad.`);
}

// ---------------------------------------------------------------- pen, finger, mouse

function sample(event) {
  const box = canvas.getBoundingClientRect();
  // A stroke may leave the pad, but not for far: its numbers stay small.
  const clamp = (value, size) => Math.round(10 * Math.min(Math.max(value, -size / 2), 1.5 * size)) / 10;
  const point = [
    clamp(((event.clientX - box.left) * WIDTH) / box.width, WIDTH),
    clamp(((event.clientY - box.top) * HEIGHT) / box.height, HEIGHT),
    Math.max(0, Math.round(event.timeStamp - started)),
  ];
  if (event.pointerType !== "pen" || !event.pressure) return active?.pressed ? [...point, active.points.at(-1)[3]] : point;
  return [...point, Math.round(100 * event.pressure) / 100];
}

function extend(event) {
  const samples = event.getCoalescedEvents?.() ?? [];
  const from = active.points.length - 1;
  for (const each of samples.length ? samples : [event]) {
    const point = sample(each);
    const last = active.points[active.points.length - 1];
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < MIN_STEP) continue;
    if (active.room-- <= 0) return say("The pad is full. Undo or clear to go on.", true);
    active.points.push(point);
  }
  if (active.points.length - 1 > from) line(screen, active.points, from);
}

function down(event) {
  if (event.pointerType === "pen") penSeen = event.timeStamp;
  else if (event.pointerType === "touch" && event.timeStamp - penSeen < PEN_REST_MS) return;
  if (event.button !== 0) return;
  if (active && !(event.pointerType === "pen" && active.type === "touch")) return; // a second finger; but a pen takes over from the palm
  event.preventDefault();
  const room = props.max_points - countPoints(strokes()) - 1;
  if (room < 0) return say("The pad is full. Undo or clear to go on.", true);
  say("");
  const last = strokes().at(-1)?.at(-1);
  if (!last) started = event.timeStamp;
  else if (!started) started = event.timeStamp - (last[2] ?? 0) - 500; // drawn by Python: this stroke comes half a second later
  canvas.setPointerCapture?.(event.pointerId);
  canvas.focus({ preventScroll: true });
  const first = sample(event);
  active = { id: event.pointerId, type: event.pointerType, pressed: first.length > 3, room, points: [first] };
  pad.classList.remove("pad-empty");
  show();
}

function move(event) {
  if (event.pointerType === "pen") penSeen = event.timeStamp;
  if (active?.id === event.pointerId) extend(event);
}

function up(event) {
  if (active?.id !== event.pointerId) return;
  extend(event);
  const stroke = active.points;
  active = null;
  remember([...strokes(), stroke]);
  line(finished, stroke);
  show();
  publish();
}

function cancel(event) {
  if (active?.id !== event.pointerId) return;
  active = null;
  show();
  refresh();
}

canvas.addEventListener("pointerdown", down);
canvas.addEventListener("pointermove", move);
canvas.addEventListener("pointerup", up);
canvas.addEventListener("pointercancel", cancel);
canvas.addEventListener("contextmenu", (event) => event.preventDefault());
// iOS scrolls and magnifies on touch in spite of touch-action; only the canvas is held still, the page around it scrolls.
canvas.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });

// ---------------------------------------------------------------- buttons, keys, the page around

for (const action of ["undo", "redo", "clear"]) buttons[action].addEventListener("click", () => act(action));
buttons.link.hidden = !props.share;
buttons.link.addEventListener("click", async () => {
  const told = await hwr.links.copy(props.share, { ink: hwr.links.packInk(strokes()) });
  say(told);
  buttons.link.querySelector("span").textContent = told;
  setTimeout(() => (buttons.link.querySelector("span").textContent = "Copy link"), 2500);
});

// Without a pointer: arrows carry the pen (by little with Shift), the space bar sets it down and lifts it.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = { id: "keys", type: "keys" };
let cross = [WIDTH / 4, HEIGHT / 2];

function carry(event) {
  const step = event.shiftKey ? 4 : 12;
  const [dx, dy] = ARROWS[event.key];
  cross = [Math.min(Math.max(cross[0] + dx * step, 0), WIDTH), Math.min(Math.max(cross[1] + dy * step, 0), HEIGHT)];
  if (active?.id === KEYS.id && active.room-- > 0) active.points.push([...cross, active.points.at(-1)[2] + 40]);
  show();
  screen.strokeStyle = getComputedStyle(pad).getPropertyValue("--pad-cross");
  screen.lineWidth = 2;
  const [x, y] = cross;
  screen.stroke(new Path2D(`M${x - 14} ${y}h28M${x} ${y - 14}v28`));
}

function setDown() {
  if (active && active.id !== KEYS.id) return;
  if (active) {
    const stroke = active.points;
    active = null;
    remember([...strokes(), stroke]);
    redraw();
    publish();
    return say("The pen is lifted.");
  }
  const room = props.max_points - countPoints(strokes()) - 1;
  if (room < 0) return say("The pad is full. Undo or clear to go on.", true);
  active = { ...KEYS, pressed: false, room, points: [[...cross, (strokes().at(-1)?.at(-1)[2] ?? -300) + 300]] };
  say("The pen is down.");
  pad.classList.remove("pad-empty");
  show();
}

canvas.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in ARROWS) carry(event);
  else if (event.key === " ") setDown();
  else return;
  event.preventDefault();
});

pad.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  const command = event.ctrlKey || event.metaKey;
  let action = null;
  if (command && key === "z") action = event.shiftKey ? "redo" : "undo";
  else if (command && key === "y") action = "redo";
  else if (!command && (key === "delete" || key === "backspace") && event.target === canvas) action = "clear";
  if (!action) return;
  event.preventDefault();
  act(action);
});

watch("value", () => {
  if (props.value === shown) return;
  greeting?.stop();
  active = null;
  started = 0;
  shown = props.value;
  remember(parse(shown));
  say("");
  redraw();
  refresh();
});

const onPage = (handler) => () => {
  if (canvas.isConnected) handler();
};
new ResizeObserver(onPage(resize)).observe(canvas);
window.addEventListener("resize", onPage(resize)); // zooming changes the pixel ratio, not the size
new MutationObserver(onPage(redraw)).observe(document.body, { attributes: true, attributeFilter: ["class"] }); // light and dark
resize();
refresh();

const linked = props.share ? hwr.links.take(props.share)?.ink : null;
if (linked && hwr.links.unpackInk(linked, props.max_points).length) {
  // From a phone, whose pad is higher: made to fit.
  const drawn = hwr.links.unpackInk(linked, props.max_points);
  const scale = Math.min(1, (0.95 * HEIGHT) / Math.max(...drawn.flat().map((point) => point[1]), 1));
  remember(drawn.map((stroke) => stroke.map(([x, y, t]) => [Math.round(10 * x * scale) / 10, Math.round(10 * y * scale) / 10, t])));
  redraw();
  setTimeout(publish); // Python listens once the page stands
} else if (props.greeting?.length && !strokes().length) {
  greeting = hwr.greeting({ pad, canvas, props, trigger });
}
};
