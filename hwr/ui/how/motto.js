// The motto, written once by the pen network's hand when the page is opened; who asks the system for less motion finds it written.

const SECONDS = 3.2;

hwr.how.motto = function (root, { size, strokes }) {
  const sheet = root.querySelector("svg");
  const path = sheet.querySelector("path");
  sheet.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
  const total = strokes.reduce((sum, flat) => sum + flat.length / 2, 0);

  function draw(points) {
    let line = "";
    for (const flat of strokes) {
      if (points <= 0) break;
      line += `M${flat[0]} ${flat[1]}l0 0`;
      for (let i = 2; i < Math.min(flat.length, 2 * Math.ceil(points)); i += 2) line += `L${flat[i]} ${flat[i + 1]}`;
      points -= flat.length / 2;
    }
    path.setAttribute("d", line);
  }

  if (hwr.how.calm.matches) return draw(total);
  const begun = performance.now();
  requestAnimationFrame(function write(now) {
    const share = Math.min(1, (now - begun) / (1000 * SECONDS));
    draw(share * total);
    if (share < 1) requestAnimationFrame(write);
  });
};
