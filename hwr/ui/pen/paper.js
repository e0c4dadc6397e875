// The paper: hwr.paper(element, trigger, props, watch); see gr.HTML's js_on_load for its arguments.
//
// props.value is JSON text from hwr/ui/pen/paper.py: a page, as what stands before its strokes, those that are not on the paper yet, and what
// stands behind them. New ink is written before the visitor's eyes. A change that doesn't fit what is shown is answered with "select": once more.

const SPEED = 15; // core heights a second
const QUICK = 0.3; // seconds that a few letters take at most, while somebody types
const LONG = 4; // and a page
const SVG = "http://www.w3.org/2000/svg";

hwr.paper = function (element, trigger, props, watch) {
  const sheet = element.querySelector(".paper-sheet");
  const status = element.querySelector("[role=status]");
  const buttons = [...element.querySelectorAll("button[data-action]")];
  let [head, paths, tail, name, core] = ["", [], "", "handwriting", 24];
  let [number, base, kept, busy, last] = [0, 0, 0, 0, ""];

  const ink = () => sheet.querySelector("svg > g:last-of-type");

  /** How much of a path was there already: while a word is typed, its strokes grow at their ends. */
  function known(now, before) {
    if (!before) return 0;
    let same = 0;
    while (same < Math.min(now.length, before.length) && now[same] === before[same]) same++;
    return same / now.length;
  }

  function written(path, share, start) {
    const length = path.getTotalLength();
    const seconds = Math.max(0.01, ((1 - share) * length) / (SPEED * core));
    path.setAttribute("pathLength", 1);
    path.classList.add("paper-new");
    path.style.setProperty("--from", 1.01 - share);
    return { path, start, seconds };
  }

  function animate(changed, most) {
    if (hwr.calm() || !changed.length) return;
    const filled = ink().getAttribute("fill") !== "none";
    const now = performance.now() / 1000;
    let at = 0;
    const steps = changed.map(([path, share]) => {
      const step = filled ? { path, start: at, seconds: 0.15 } : written(path, share, at);
      if (filled) path.classList.add("paper-fresh");
      at += step.seconds + 0.03;
      return step;
    });
    const wait = Math.max(0, busy - now);
    const pace = Math.min(1, most / at);
    for (const { path, start, seconds } of steps) {
      path.style.animationDelay = `${(wait + start * pace).toFixed(3)}s`;
      path.style.animationDuration = `${(seconds * pace).toFixed(3)}s`;
      path.addEventListener("animationend", () => settle(path), { once: true });
    }
    busy = now + wait + at * pace;
  }

  function settle(path) {
    path.classList.remove("paper-new", "paper-fresh");
    path.removeAttribute("pathLength");
    path.removeAttribute("style");
  }

  /** Brings what is around the ink up to date. The ink stays where it is: what is moved would be written again. */
  function lay() {
    const fresh = document.createElement("div");
    fresh.innerHTML = head + tail;
    const [svg, group] = [fresh.querySelector("svg"), fresh.querySelector("svg > g:last-of-type")];
    if (!ink()) return sheet.replaceChildren(svg);
    const now = sheet.querySelector("svg");
    for (const { name, value } of svg.attributes) now.setAttribute(name, value);
    for (const name of ink().getAttributeNames()) ink().removeAttribute(name);
    for (const { name, value } of group.attributes) ink().setAttribute(name, value);
    for (const old of [...now.children]) if (old !== ink()) old.remove();
    ink().before(...[...svg.children].filter((child) => child !== group));
  }

  function show(update) {
    const fits = update.base === 0 || update.base === number || (update.base === base && update.keep <= kept);
    if (!fits) return trigger("select", {});
    const [before, around] = [paths, head + tail];
    // Who writes in their own hand below it must not have the pad move under the pen.
    const held = document.activeElement?.closest("#pen-own") ? `${sheet.offsetHeight}px` : "";
    if (update.keep < before.length) busy = 0; // another text, not more of the same
    paths = [...before.slice(0, update.keep), ...update.paths];
    [head, tail, name, core] = [update.head, update.tail, update.name, update.core];
    [number, base, kept] = [update.number, update.base, update.keep];
    if (around !== head + tail) lay();
    const group = ink();
    const there = Math.min(update.keep, group.children.length);
    while (group.children.length > there) group.lastChild.remove();
    const changed = [];
    for (const [index, data] of paths.entries()) {
      if (index < there) continue;
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("d", data);
      group.append(path);
      if (data !== before[index]) changed.push([path, known(data, before[index])]);
    }
    sheet.style.minHeight = held;
    const typed = changed.length < 16 && before.length > 0;
    animate(changed, typed ? QUICK : LONG);
    const title = sheet.querySelector("title")?.textContent ?? "";
    sheet.setAttribute("aria-label", paths.length ? `Handwriting: ${title.slice(0, 300)}` : "Paper. Type a text, and it is written here.");
    for (const button of buttons) button.disabled = !paths.length;
    element.dataset.number = number;
  }

  const whole = () => head + paths.map((data) => `<path d="${data}"/>`).join("\n") + tail;

  /** The page as a picture, two pixels to one of its own. */
  async function picture() {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(whole())}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2 * image.width, 2 * image.height];
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  const field = (id) => document.querySelector(`#${id} textarea, #${id} input[type=number], #${id} input:checked`)?.value;

  const actions = {
    svg: () => hwr.download(whole(), "image/svg+xml", `${name}.svg`),
    "copy-svg": async () => ((await hwr.copyText(whole())) ? "SVG copied." : "Copying is not allowed here: download it instead."),
    "copy-png": async () => {
      try {
        await navigator.clipboard.write([new ClipboardItem({ "image/png": picture() })]);
        return "Picture copied.";
      } catch {
        hwr.download(await picture(), "image/png", `${name}.png`);
        return "Copying is not allowed here: the picture was downloaded instead.";
      }
    },
    link: () =>
      hwr.links.copy("write/pen", { text: field("pen-text"), hand: field("pen-style"), seed: field("pen-seed"), paper: field("pen-paper") }),
    watch: () => {
      busy = 0;
      const all = [...ink().children];
      for (const path of all) settle(path);
      void sheet.offsetWidth; // so that what was animated begins anew
      animate(
        all.map((path) => [path, 0]),
        3 * LONG,
      );
    },
  };

  element.addEventListener("click", async (event) => {
    const action = event.target.closest("button[data-action]")?.dataset.action;
    if (action) status.textContent = (await actions[action]()) ?? "";
  });

  function take() {
    if (props.value === last) return;
    last = props.value;
    try {
      show(JSON.parse(last));
    } catch (error) {
      console.error(error);
    }
  }
  watch("value", take);
  take();
};
