// What is taken for what: a map of all classes, and for one of them after the other what it is read as.

const WORST = 10;
const SHOWN = 5;

hwr.how.confusions = function (root) {
  const { choices, map, truth, bars } = hwr.how.parts(root);
  const { classes, counts, right, wrong } = JSON.parse(map.dataset.value);
  const cells = new Map([...map.querySelectorAll("rect[data-pair]")].map((cell) => [cell.dataset.pair, cell]));
  const cross = [...map.querySelectorAll(".how-cross")];

  /** What a class is read as, the commonest first: [[class, count], ...]. */
  function readings(char) {
    const found = wrong.filter(([said]) => said === char).map(([, read, count]) => [read, count]);
    return [[char, right[classes.indexOf(char)]], ...found].sort((one, two) => two[1] - one[1]).slice(0, SHOWN);
  }

  function mark(char, read) {
    cells.forEach((cell, pair) => cell.classList.toggle("how-now", pair === char + read));
    const [row, column] = [classes.indexOf(char), classes.indexOf(read)];
    cross[0].setAttribute("y", row);
    cross[1].setAttribute("x", column);
    truth.textContent = char;
    const total = counts[classes.indexOf(char)];
    bars.replaceChildren(
      ...readings(char).map(([other, count]) => {
        const line = hwr.how.element("div", { class: `how-bar${other === read ? " how-best" : ""}${other === char ? " how-right" : ""}` });
        const track = hwr.how.element("i");
        const bar = hwr.how.element("b");
        bar.style.width = `${(100 * count) / total}%`;
        track.append(bar);
        line.append(hwr.how.element("span", {}, other), track, hwr.how.element("em", {}, String(count)));
        return line;
      })
    );
  }

  function scene(pairs) {
    const at = (position) => pairs[Math.min(pairs.length - 1, Math.floor(position))];
    return {
      length: pairs.length - 1,
      pace: 2600,
      still: 0,
      draw: (position) => mark(...at(position)),
      words(position) {
        const [char, read, count] = at(position);
        const total = counts[classes.indexOf(char)];
        return char === read ? `${char}: ${count} of ${total} read right.` : `${char} taken for ${read}: ${count} of ${total}.`;
      },
    };
  }

  const tour = [...wrong].sort((one, two) => two[2] / counts[classes.indexOf(two[0])] - one[2] / counts[classes.indexOf(one[0])]).slice(0, WORST);
  const begin = hwr.how.player(root, scene(tour));
  choices.addEventListener("change", () => {
    const char = choices.value;
    begin(scene(char ? readings(char).map(([read, count]) => [char, read, count]) : tour));
  });
  map.addEventListener("click", (event) => {
    const pair = event.target.dataset?.pair;
    if (!pair) return;
    choices.value = pair[0];
    const found = readings(pair[0]).map(([read, count]) => [pair[0], read, count]);
    begin(scene([found.find(([, read]) => read === pair[1]) ?? [pair[0], pair[1], wrong.find(([a, b]) => a + b === pair)?.[2] ?? 0], ...found]));
  });
};
