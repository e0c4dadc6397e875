// Reads what is drawn with ONNX Runtime in the browser (https://onnxruntime.ai, MIT licence). Where its files and the network are can be told
// in the address: ?runtime=FOLDER/ and ?model=FOLDER/.

import { SIZE, fromStrokes } from "./preprocess.js";

const RUNTIME = "https://cdn.jsdelivr.net/npm/onnxruntime-web@1.30.0/dist/";
const SHOWN = 5;
const PEN = 16; // of the pad's 320 units
const UNITS = 320;

const asked = new URLSearchParams(location.search);
const folder = (name, otherwise) => new URL(asked.get(name) ?? otherwise, location.href).href;
// In the repository this page is in docs/browser/, in the site in browser/; the weights are beside both.
const MODEL = folder("model", `${location.pathname.includes("/docs/browser/") ? "../../" : "../"}weights/char-best/`);

const element = (id) => document.getElementById(id);
const pad = element("pad");
const pen = pad.getContext("2d");
let strokes = [];
let active = null; // the stroke under the pen
let pointer = null; // its id
let turn = 0; // of the readings: only the last one is shown
let network = null; // {session, classes, Tensor}

async function load() {
  const runtime = folder("runtime", RUNTIME);
  const { default: module, ...names } = await import(`${runtime}ort.wasm.min.mjs`);
  const ort = module ?? names;
  ort.env.wasm.wasmPaths = runtime;
  ort.env.wasm.numThreads = 1; // more need headers that plain servers don't send
  const [config, content] = await Promise.all([fetched("config.json"), fetched("model.onnx")]);
  const { classes } = await config.json();
  const session = await ort.InferenceSession.create(new Uint8Array(await content.arrayBuffer()), { executionProviders: ["wasm"] });
  network = { session, classes, Tensor: ort.Tensor };
  await probabilities(new Uint8Array(SIZE * SIZE)); // the first run takes longer
}

async function fetched(name) {
  const answer = await fetch(new URL(name, MODEL));
  if (!answer.ok) throw new Error(`The network is not at ${MODEL}. Serve the whole repository, or name another folder with ?model=.`);
  return answer;
}

/** What the network says of a picture, Uint8Array of 28 * 28, ink 255 on 0: a probability for each class. */
export async function probabilities(seen) {
  const found = await network.session.run({ images: new network.Tensor("uint8", seen, [1, SIZE, SIZE]) });
  return found.probabilities.data;
}

async function read() {
  const own = ++turn;
  if (!network) return;
  if (!strokes.length) return show([], null);
  const start = performance.now();
  const seen = fromStrokes(strokes);
  const found = await probabilities(seen);
  const took = performance.now() - start;
  if (own !== turn) return;
  const ranked = [...found].map((value, index) => [network.classes[index], value]).sort((a, b) => b[1] - a[1]);
  show(ranked.slice(0, SHOWN), seen, took);
}

function show(ranked, seen, took) {
  element("said").textContent = ranked.length ? ranked[0][0] : "";
  element("candidates").replaceChildren(
    ...ranked.map(([name, value]) => {
      const row = document.createElement("li");
      const bar = document.createElement("i");
      bar.style.width = `${100 * value}%`;
      const percent = document.createElement("span");
      percent.textContent = `${(100 * value).toFixed(1)}%`;
      row.append(Object.assign(document.createElement("b"), { textContent: name }), bar, percent);
      return row;
    }),
  );
  element("time").textContent = ranked.length ? `Read in ${took.toFixed(1)} ms.` : "";
  element("seen").hidden = !seen;
  if (seen) {
    const picture = new ImageData(SIZE, SIZE);
    seen.forEach((value, i) => picture.data.set([255 - value, 255 - value, 255 - value, 255], 4 * i));
    element("seen").querySelector("canvas").getContext("2d").putImageData(picture, 0, 0);
  }
}

function draw() {
  const scale = pad.width / UNITS;
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, UNITS, UNITS);
  pen.strokeStyle = pen.fillStyle = getComputedStyle(pad).color;
  pen.lineWidth = PEN;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of active ? [...strokes, active] : strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    for (const point of stroke) pen.lineTo(...point);
    pen.stroke();
  }
}

function changed() {
  draw();
  element("undo").disabled = element("clear").disabled = !strokes.length;
  const count = strokes.length === 1 ? "1 stroke." : strokes.length ? `${strokes.length} strokes.` : "Empty.";
  pad.setAttribute("aria-label", `Drawing pad for mouse, finger or pen. ${count}`);
  read();
}

function place(event) {
  const box = pad.getBoundingClientRect();
  return [((event.clientX - box.left) * UNITS) / box.width, ((event.clientY - box.top) * UNITS) / box.height];
}

pad.addEventListener("pointerdown", (event) => {
  if (active || event.button) return;
  active = [place(event)];
  pointer = event.pointerId;
  pad.setPointerCapture(event.pointerId);
  draw();
});
pad.addEventListener("pointermove", (event) => {
  if (!active || event.pointerId !== pointer) return;
  const passed = event.getCoalescedEvents?.() ?? [];
  active.push(...(passed.length ? passed : [event]).map(place));
  draw();
});
for (const name of ["pointerup", "pointercancel"])
  pad.addEventListener(name, (event) => {
    if (!active || event.pointerId !== pointer) return;
    if (name === "pointerup") strokes = [...strokes, active];
    active = null;
    changed();
  });
element("undo").addEventListener("click", () => {
  strokes = strokes.slice(0, -1);
  changed();
});
element("clear").addEventListener("click", () => {
  strokes = [];
  changed();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);

load().then(
  () => {
    element("status").textContent = "";
    read();
  },
  (error) => {
    element("status").textContent = `The network could not be loaded. ${error.message}`;
  },
);
