// A character, read row by row: the picture, what the network remembers, and what it takes the character for.

const ROWS = 28;
const MEMORY_COLUMNS = 16;
const GUESSED = 15; // percent, below which a guess is none
const STILL = 17; // rows, after which it is still in two minds

hwr.how.rows = function (root, examples) {
  const { choices, picture, memory, guess, bars } = hwr.how.parts(root);

  function drawPicture(example, position) {
    const sheet = hwr.how.sheet(picture);
    if (!sheet) return;
    const { pen, width } = sheet;
    const dot = width / ROWS;
    const read = Math.min(ROWS, position);
    pen.fillStyle = hwr.how.colour(picture, "--hwr-ink");
    example.ink.forEach((ink, index) => {
      const [row, column] = [Math.floor(index / ROWS), index % ROWS];
      pen.globalAlpha = (ink / 255) * (row + 1 <= read ? 1 : 0.13);
      if (ink) pen.fillRect(column * dot, row * dot, dot + 0.3, dot + 0.3);
    });
    if (read >= ROWS) return;
    pen.globalAlpha = 1;
    pen.fillStyle = hwr.how.colour(picture, "--hwr-red");
    pen.fillRect(0, Math.floor(read) * dot - 1, width, 2);
    pen.globalAlpha = 0.16;
    pen.fillRect(0, Math.floor(read) * dot, width, dot);
  }

  function drawMemory(example, position) {
    const sheet = hwr.how.sheet(memory);
    const row = Math.floor(position) - 1;
    if (!sheet) return;
    const { pen, width } = sheet;
    const side = width / MEMORY_COLUMNS;
    const units = example.state.length / ROWS;
    const colours = [hwr.how.colour(memory, "--hwr-red"), hwr.how.colour(memory, "--hwr-1")];
    for (let unit = 0; unit < units; unit++) {
      const value = row < 0 ? 0 : example.state[row * units + unit] / 127;
      const [x, y] = [(unit % MEMORY_COLUMNS) * side, Math.floor(unit / MEMORY_COLUMNS) * side];
      pen.globalAlpha = 0.09 + 0.91 * Math.min(1, Math.abs(value) * 1.15);
      pen.fillStyle = colours[Number(value >= 0)];
      pen.beginPath();
      pen.roundRect(x + 0.08 * side, y + 0.08 * side, 0.84 * side, 0.84 * side, 0.2 * side);
      pen.fill();
    }
  }

  /** Of each class, and of all others, in percent; they reach what the last row made of them while the next one is looked at. */
  function shares(example, position) {
    const [row, within] = [Math.floor(position), position % 1];
    const part = within ? Math.min(1, 2 * within) : 1;
    const [before, now] = [example.shares[row - 2], example.shares[row - 1]];
    const named = [...example.classes].map((_, index) => (1 - part) * (before?.[index] ?? 0) + part * (now?.[index] ?? 0));
    return [...named, row ? Math.max(0, 100 - named.reduce((sum, share) => sum + share, 0)) : 0];
  }

  /** What it is taken for after some rows, and how sure that is, in percent; nothing where all is as likely. */
  function leader(example, position) {
    const row = Math.floor(position) - 1;
    const sure = row < 0 ? 0 : example.sure[row][0];
    return sure < GUESSED ? ["", sure] : [example.leaders[row], sure];
  }

  function scene(example) {
    example.ink ??= hwr.how.bytes(example.picture);
    example.state ??= new Int8Array(hwr.how.bytes(example.memory).buffer);
    bars.replaceChildren(
      ...[...example.classes, "…"].map((name) => {
        const row = hwr.how.element("div", { class: "how-bar" });
        const track = hwr.how.element("i");
        track.append(hwr.how.element("b"));
        row.append(hwr.how.element("span", {}, name), track, hwr.how.element("em"));
        return row;
      })
    );
    return {
      length: ROWS,
      pace: 330,
      still: STILL,
      draw(position) {
        drawPicture(example, position);
        drawMemory(example, position);
        const [best, sure] = leader(example, position);
        guess.textContent = best || "?";
        guess.style.opacity = best ? 0.35 + 0.0065 * sure : 0.35;
        shares(example, position).forEach((share, index) => {
          const row = bars.children[index];
          row.classList.toggle("how-best", example.classes[index] === best);
          row.querySelector("b").style.width = `${share}%`;
          row.querySelector("em").textContent = `${Math.round(share)} %`;
        });
      },
      words(position) {
        const row = Math.floor(position);
        const [best, sure] = leader(example, position);
        if (!best) return row ? `After row ${row} of ${ROWS}: no idea yet.` : "Nothing read yet.";
        return `After row ${row} of ${ROWS}: ${best}, ${sure < 99.5 ? Math.round(sure) : ">99"} % sure.`;
      },
    };
  }

  const begin = hwr.how.player(root, scene(examples[0]));
  hwr.how.choices(choices, examples.map((each) => each.char), (index) => begin(scene(examples[index])));
};
