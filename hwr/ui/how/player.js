// A moving picture with its controls: hwr.how.player(root, scene) plays a scene in [data-player] again and again while it is in sight.
//
// A scene is {length, pace, still, draw(position), words(position)}: positions run from 0 to length, a step taking so many milliseconds.
// Who asks the system for less motion gets the picture at the position "still", and moves through the others by hand.

const how = (hwr.how = {});
const REST = 2600; // milliseconds that the last picture stays
const calm = (how.calm = matchMedia("(prefers-reduced-motion: reduce)"));

how.bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** The elements of a part by their data-part. */
how.parts = (root) => Object.fromEntries([...root.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));

/** A canvas as sharp as the screen, cleared; its units are those of the page. Null while it isn't shown. */
how.sheet = function (canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return null;
  const ratio = Math.min(3, devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
};

how.colour = (element, name) => getComputedStyle(element).getPropertyValue(name).trim();

how.element = function (kind, attributes = {}, text = "") {
  const made = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
};

/** Buttons of which one is chosen. */
how.choices = function (root, names, choose) {
  const buttons = names.map((name, index) => {
    const button = how.element("button", { type: "button", "aria-pressed": String(index === 0) }, name);
    button.addEventListener("click", () => {
      buttons.forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
      choose(index);
    });
    return button;
  });
  root.replaceChildren(...buttons);
};

how.player = function (root, first) {
  const { play, slider, words } = how.parts(root);
  let scene = first;
  let [position, playing, visible, before, waited, frame] = [0, !calm.matches, false, 0, 0, 0];

  function show() {
    scene.draw(position);
    const told = scene.words(position);
    if (words.textContent !== told) {
      words.textContent = told;
      slider.setAttribute("aria-valuetext", told);
    }
    slider.value = position;
  }

  function tick(now) {
    frame = 0;
    if (!playing || !visible || !root.isConnected) {
      before = 0;
      return;
    }
    const passed = before ? Math.min(100, now - before) : 0;
    before = now;
    if (position < scene.length) position = Math.min(scene.length, position + passed / scene.pace);
    else if ((waited += passed) > REST) [position, waited] = [0, 0];
    show();
    frame = requestAnimationFrame(tick);
  }

  function go(on) {
    playing = on;
    play.setAttribute("aria-label", on ? "Pause" : "Play");
    play.dataset.playing = on;
    if (on && visible) frame ||= requestAnimationFrame(tick);
  }

  function begin(next) {
    scene = next;
    slider.max = scene.length;
    [position, waited] = [calm.matches ? scene.still : 0, 0];
    show();
  }

  play.addEventListener("click", () => {
    if (!playing && position >= scene.length) position = 0;
    go(!playing);
  });
  slider.addEventListener("input", () => {
    go(false);
    position = Number(slider.value);
    show();
  });
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    if (visible) show();
    go(playing);
  }).observe(root);
  new ResizeObserver(() => show()).observe(root);
  new MutationObserver(() => show()).observe(document.body, { attributes: true, attributeFilter: ["class"] }); // light or dark
  go(playing);
  begin(first);
  return begin;
};
