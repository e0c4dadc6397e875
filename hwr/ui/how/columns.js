// A word, read column by column: what the network says of each column, and how that becomes text.

const COLOURS = ["--hwr-1", "--hwr-2", "--hwr-3", "--hwr-4", "--hwr-5"];
const LINE_HEIGHT = 40;
const MERGE = 6; // steps that each stage takes after the last column
const DROP = 6;
const JOIN = 8;

const between = (low, high, value) => Math.max(0, Math.min(1, (value - low) / (high - low)));
const colour = (label) => (label ? `var(${COLOURS[(label - 1) % COLOURS.length]})` : "");
const eased = (share) => share * share * (3 - 2 * share);

hwr.how.columns = function (root, examples) {
  const { choices, chart, peaks, picture, signs } = hwr.how.parts(root);
  const SVG = "http://www.w3.org/2000/svg";

  function drawPicture(example, position) {
    const sheet = hwr.how.sheet(picture);
    if (!sheet) return;
    const { pen, width, height } = sheet;
    const dot = width / example.width;
    const read = Math.min(1, position / example.winners.length) * width;
    pen.fillStyle = hwr.how.colour(picture, "--hwr-ink");
    example.ink.forEach((ink, index) => {
      const [x, y] = [(index % example.width) * dot, Math.floor(index / example.width) * dot];
      pen.globalAlpha = (ink / 255) * (x < read ? 1 : 0.25);
      if (ink) pen.fillRect(x, y, dot + 0.3, dot + 0.3);
    });
    if (read >= width) return;
    pen.globalAlpha = 1;
    pen.fillStyle = hwr.how.colour(picture, "--hwr-red");
    pen.fillRect(read - 1, 0, 2, height);
  }

  /** A curve for each class, in a picture one unit a column wide and 100 high. */
  function drawChart(example) {
    const steps = example.winners.length;
    chart.setAttribute("viewBox", `0 0 ${steps} 100`);
    const window_ = document.createElementNS(SVG, "clipPath");
    window_.id = "how-columns-seen";
    window_.append(document.createElementNS(SVG, "rect"));
    window_.firstChild.setAttribute("height", 100);
    const curves = [...example.classes].map((_, label) => {
      const path = document.createElementNS(SVG, "path");
      const points = example.shares.map((shares, step) => `${step + 0.5} ${102 - 1.02 * shares[label]}`);
      path.setAttribute("d", `M0 102L${points.join("L")}L${steps} 102${label ? "Z" : ""}`);
      path.setAttribute("class", label ? "how-curve" : "how-blank");
      path.style.color = colour(label);
      path.setAttribute("clip-path", "url(#how-columns-seen)");
      return path;
    });
    chart.replaceChildren(window_, ...curves);
    peaks.replaceChildren(
      ...example.plan
        .filter((each) => each.kept)
        .map(({ label, step }) => {
          const peak = hwr.how.element("span", {}, example.classes[label]);
          peak.style.color = colour(label);
          peak.style.left = `${(100 * (step + 0.5)) / steps}%`;
          peak.dataset.step = step;
          return peak;
        })
    );
  }

  /** What was said of each column, and where that ends up: a sign that is one too many goes to its like, those that are left go together. */
  function plan(example) {
    const said = example.winners.map((label, step) => ({ label, step, target: step, kept: label > 0 }));
    for (let step = 1; step < said.length; step++) {
      if (said[step].label === said[step - 1].label) Object.assign(said[step], { target: said[step - 1].target, kept: false, repeats: true });
    }
    const left = said.filter((each) => each.kept);
    left.forEach((each, index) => (each.place = said.length / 2 + (index - (left.length - 1) / 2) * 1.05 - 0.5));
    return said;
  }

  function drawSigns(example, position) {
    const steps = example.winners.length;
    const merging = eased(between(steps, steps + MERGE, position));
    const dropping = eased(between(steps + MERGE, steps + MERGE + DROP, position));
    const joining = eased(between(steps + MERGE + DROP, steps + MERGE + DROP + JOIN, position));
    example.plan.forEach(({ step, target, kept, repeats, place }, index) => {
      const sign = signs.children[index];
      const x = kept ? step + joining * (place - step) : step + merging * (target - step);
      sign.style.left = `${(100 * (x + 0.5)) / steps}%`;
      const gone = kept ? 0 : repeats ? merging : dropping;
      sign.style.opacity = position < step + 0.5 ? 0 : 1 - gone;
      sign.style.fontSize = kept ? `${1 + 0.9 * joining}em` : "";
    });
  }

  function scene(example) {
    example.ink ??= hwr.how.bytes(example.picture);
    example.plan ??= plan(example);
    const steps = example.winners.length;
    const text = example.plan.filter((each) => each.kept).map((each) => example.classes[each.label]).join("");
    picture.style.aspectRatio = `${example.width} / ${LINE_HEIGHT}`;
    drawChart(example);
    signs.replaceChildren(
      ...example.plan.map(({ label }) => {
        const sign = hwr.how.element("span", { class: label ? "" : "how-nothing" }, example.classes[label]);
        sign.style.color = colour(label);
        return sign;
      })
    );
    const window_ = chart.querySelector("rect");
    return {
      length: steps + MERGE + DROP + JOIN,
      pace: 300,
      still: steps,
      draw(position) {
        window_.setAttribute("width", Math.min(steps, position));
        for (const peak of peaks.children) peak.style.opacity = between(0, 0.6, position - peak.dataset.step - 0.4);
        drawPicture(example, position);
        drawSigns(example, position);
      },
      words(position) {
        if (position < 1) return "Nothing read yet.";
        if (position < steps + 0.5) {
          const step = Math.min(steps, Math.floor(position)) - 1;
          const [label, share] = [example.winners[step], Math.round(Math.max(...example.shares[step]))];
          const what = label ? `the letter ${example.classes[label]}` : "nothing new";
          return `Column ${step + 1} of ${steps}: ${what}, ${share < 100 ? share : ">99"} % sure.`;
        }
        if (position < steps + MERGE) return "Rule 1: neighbours that are the same become one.";
        if (position < steps + MERGE + DROP) return "Rule 2: the dots go.";
        return text === example.word ? `It reads “${text}”.` : slip(example, text);
      },
    };
  }

  /** What to say of a word that is read wrong. */
  function slip(example, text) {
    const sure = ({ label, step }) => example.shares[step][label];
    const least = example.plan.filter((each) => each.kept).reduce((one, two) => (sure(one) <= sure(two) ? one : two));
    const helped = example.helped === example.word ? ` The language model helps: “${example.helped}”.` : "";
    return `It reads “${text}”, but was only ${Math.round(sure(least))} % sure of the ${example.classes[least.label]}.${helped}`;
  }

  const begin = hwr.how.player(root, scene(examples[0]));
  hwr.how.choices(choices, examples.map((each) => each.word), (index) => begin(scene(examples[index])));
};
