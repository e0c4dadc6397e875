// A word, written move by move: before each, the clouds from which it is drawn, over the whole word and under a lens.

const LENS = 1.15; // core heights from the middle of the lens to its edge
const INK = 0.13; // core heights
const CLOUD = 0.3; // of a step the cloud is looked at, then the pen moves

hwr.how.pens = function (root, examples) {
  const { choices, paper, lens, text } = hwr.how.parts(root);

  function bounds(example) {
    const points = example.moves.flatMap((move) => [move.from, move.to]);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    return { left: Math.min(...xs) - 0.8, right: Math.max(...xs) + 1, top: Math.min(-3.2, ...ys) - 0.7, bottom: Math.max(...ys) + 0.7 };
  }

  function place(move, share) {
    return [0, 1].map((axis) => move.from[axis] + share * (move.to[axis] - move.from[axis]));
  }

  /** A curve through points (Catmull and Rom 1974), as the page draws ink. */
  function curve(pen, points) {
    pen.moveTo(...points[0]);
    if (points.length === 1) pen.lineTo(...points[0]);
    for (let index = 1; index < points.length; index++) {
      const [p0, p1, p2, p3] = [-2, -1, 0, 1].map((step) => points[Math.max(0, Math.min(points.length - 1, index + step))]);
      pen.bezierCurveTo(...[0, 1].map((k) => p1[k] + (p2[k] - p0[k]) / 6), ...[0, 1].map((k) => p2[k] - (p3[k] - p1[k]) / 6), ...p2);
    }
  }

  function ink(pen, example, position) {
    const last = Math.min(example.moves.length, Math.floor(position));
    const strokes = [];
    for (const { draws, from, to } of example.moves.slice(0, last)) {
      if (!draws) strokes.push([to]);
      else if (strokes.length && strokes.at(-1).at(-1).every((value, axis) => value === from[axis])) strokes.at(-1).push(to);
      else strokes.push([from, to]);
    }
    const move = example.moves[last];
    if (move?.draws && moved(position) > 0) strokes.push([move.from, place(move, moved(position))]);
    pen.beginPath();
    strokes.forEach((points) => curve(pen, points));
    pen.lineWidth = INK;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = hwr.how.colour(paper, "--hwr-ink");
    pen.stroke();
    return strokes.flat();
  }

  /** Where the pen was after each move. */
  function dots(pen, points) {
    pen.fillStyle = hwr.how.colour(paper, "--block-background-fill");
    for (const point of points) {
      pen.beginPath();
      pen.arc(...point, 0.2 * INK, 0, 7);
      pen.fill();
    }
  }

  const moved = (position) => Math.max(0, Math.min(1, ((position % 1) - CLOUD - 0.15) / (1 - CLOUD - 0.15)));

  /** Each Gaussian as a spot whose darkness falls off as its density does. */
  function clouds(pen, move, strength) {
    const colour = hwr.how.colour(paper, "--how-cloud");
    for (const [weight, x, y, sx, sy, rho] of move.clouds) {
      pen.save();
      // Of the covariance matrix the Cholesky factor: it takes the unit circle to the ellipse.
      pen.transform(sx, rho * sy, 0, sy * Math.sqrt(1 - rho * rho), x, y);
      const spot = pen.createRadialGradient(0, 0, 0, 0, 0, 2.6);
      for (let step = 0; step <= 8; step++) {
        const radius = (2.6 * step) / 8;
        const density = (Math.exp(-radius * radius / 2) - Math.exp(-2.6 * 2.6 / 2)) * strength * Math.min(0.95, 0.12 + 1.3 * Math.sqrt(weight));
        spot.addColorStop(step / 8, `rgb(${colour} / ${Math.max(0, density)})`);
      }
      pen.fillStyle = spot;
      pen.beginPath();
      pen.arc(0, 0, 2.6, 0, 7);
      pen.fill();
      pen.restore();
    }
  }

  function paint(canvas, example, position, view) {
    const sheet = hwr.how.sheet(canvas);
    if (!sheet) return;
    const { pen, width, height } = sheet;
    const scale = Math.min(width / (view.right - view.left), height / (view.bottom - view.top));
    pen.translate(width / 2, height / 2);
    pen.scale(scale, scale);
    pen.translate(-(view.left + view.right) / 2, -(view.top + view.bottom) / 2);
    pen.strokeStyle = hwr.how.colour(paper, "--hwr-line");
    pen.lineWidth = 1 / scale;
    pen.beginPath();
    pen.moveTo(-50, 0);
    pen.lineTo(50, 0);
    pen.stroke();
    const points = ink(pen, example, position);
    if (canvas === lens) dots(pen, points);
    const move = example.moves[Math.floor(position)];
    if (!move) return;
    const within = position % 1;
    clouds(pen, move, Math.min(1, within / 0.12) * (within < 0.8 ? 1 : (1 - within) / 0.2));
    if (within > CLOUD) {
      pen.beginPath();
      pen.arc(...move.to, 4.5 / scale, 0, 7);
      pen.lineWidth = 1.6 / scale;
      pen.strokeStyle = hwr.how.colour(paper, "--hwr-red");
      pen.stroke();
    }
    pen.beginPath();
    pen.arc(...place(move, moved(position)), 3.2 / scale, 0, 7);
    pen.fillStyle = hwr.how.colour(paper, "--hwr-red");
    pen.fill();
  }

  /** Where the lens is: at the pen, or, if that is in the air, first where it may come down. */
  function around(example, position) {
    const move = example.moves[Math.min(example.moves.length - 1, Math.floor(position))];
    const within = position >= example.moves.length ? 1 : position % 1;
    const middle = move.draws ? move.from : [1, 2].map((axis) => sum(move.clouds, (cloud) => cloud[0] * cloud[axis]) / sum(move.clouds, ([weight]) => weight));
    const there = eased(Math.min(1, within / CLOUD));
    const then = eased(within === 1 ? 1 : moved(within));
    const [x, y] = [0, 1].map((axis) => {
      const seen = move.from[axis] + there * (middle[axis] - move.from[axis]);
      return seen + then * (move.to[axis] - seen);
    });
    return { left: x - LENS, right: x + LENS, top: y - LENS, bottom: y + LENS };
  }

  const sum = (values, of) => values.reduce((total, value) => total + of(value), 0);
  const eased = (share) => share * share * (3 - 2 * share);

  function scene(example) {
    const whole = bounds(example);
    paper.style.aspectRatio = `${whole.right - whole.left} / ${whole.bottom - whole.top}`;
    text.replaceChildren(...[...example.text].map((char) => hwr.how.element("span", {}, char)));
    const { length } = example.moves;
    return {
      length,
      pace: 420,
      still: example.moves.findLastIndex((move) => !move.draws) + CLOUD,
      draw(position) {
        paint(paper, example, position, whole);
        paint(lens, example, position, around(example, position));
        const letter = position < length ? example.moves[Math.floor(position)].letter : -1;
        [...text.children].forEach((each, index) => each.classList.toggle("how-now", index === letter));
      },
      words(position) {
        if (position >= length) return `Done, after ${length} moves. Rolled again, it would look different.`;
        const move = example.moves[Math.floor(position)];
        const count = move.clouds.length;
        const what = move.draws ? "drawing" : "through the air";
        return `Move ${Math.floor(position) + 1} of ${length}, ${what}: ${count === 1 ? "one cloud" : `${count} clouds`} to choose from.`;
      },
    };
  }

  const begin = hwr.how.player(root, scene(examples[0]));
  hwr.how.choices(choices, examples.map((each) => each.name), (index) => begin(scene(examples[index])));
};
