// A greeting on a pad: words of the pen network (props.greeting) are written before the visitor's eyes, and read while they are written, until
// the visitor does anything in the same mode. They lie on a sheet of their own: the pad itself stays empty.
//
// Python is asked "play" with {word, part}: how the word reads when so many of props.greeting_parts parts of it are there.

const PACE = { word: 1500, letter: 900 }; // milliseconds that one takes
const REST = 4200;
const ROUNDS = 2;

hwr.greeting = function ({ pad, canvas, props, trigger }) {
  const words = props.greeting;
  const parts = props.greeting_parts;
  const SVG = "http://www.w3.org/2000/svg";
  const sheet = document.createElementNS(SVG, "svg");
  const ink = sheet.appendChild(document.createElementNS(SVG, "path"));
  sheet.setAttribute("class", "pad-greeting");
  sheet.setAttribute("viewBox", `0 0 ${props.pad_width} ${props.pad_height}`);
  sheet.setAttribute("aria-hidden", "true");
  ink.setAttribute("stroke-width", props.pen_width);
  canvas.after(sheet);
  pad.classList.add("pad-greets");
  let [number, written, begun, told, going, frame, timer] = [0, 0, 0, 0, true, 0, 0];

  const lengths = words.map((word) => word.reduce((sum, flat) => sum + flat.length / 2, 0));

  function draw(points) {
    let line = "";
    for (const flat of words[number]) {
      if (points <= 0) break;
      line += `M${flat[0]} ${flat[1]}l0 0`;
      for (let i = 2; i < Math.min(flat.length, 2 * Math.ceil(points)); i += 2) line += `L${flat[i]} ${flat[i + 1]}`;
      points -= flat.length / 2;
    }
    ink.setAttribute("d", line);
  }

  function tell(part) {
    if (part <= told) return;
    told = part;
    trigger("play", { word: number, part });
  }

  function write(now) {
    if (!going) return;
    frame = requestAnimationFrame(write);
    if (!canvas.offsetParent) return; // another tab is looked at
    if (!begun) begun = now;
    const share = Math.min(1, (now - begun) / (props.greeting_letters ? PACE.letter : PACE.word));
    draw(share * lengths[number]);
    tell(Math.floor(share * parts));
    if (share < 1) return;
    cancelAnimationFrame(frame);
    timer = setTimeout(next, REST);
  }

  function next() {
    if (++written >= ROUNDS * words.length) return; // the last one stays
    sheet.classList.add("pad-fading");
    timer = setTimeout(() => {
      sheet.classList.remove("pad-fading");
      [number, begun, told] = [(number + 1) % words.length, 0, 0];
      frame = requestAnimationFrame(write);
    }, 400);
  }

  function stop() {
    if (!going) return;
    going = false;
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    pad.classList.remove("pad-greets");
    sheet.remove();
    for (const kind of KINDS) room.removeEventListener(kind, left, true);
  }

  // Whatever a visitor does here comes first.
  const KINDS = ["pointerdown", "keydown", "input", "change", "drop", "paste"];
  const room = pad.closest("[role=tabpanel]") ?? pad;
  const left = (event) => {
    if (!event.target.closest?.("[role=tablist]") && event.key !== "Tab" && event.key !== "Shift") stop();
  };
  for (const kind of KINDS) room.addEventListener(kind, left, true);

  if (hwr.calm()) {
    draw(lengths[0]);
    tell(parts);
  } else {
    frame = requestAnimationFrame(write);
  }
  return { stop };
};
