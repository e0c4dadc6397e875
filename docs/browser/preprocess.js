// From pen strokes to the 28x28 picture that the network sees: what hwr/ink/rendering.py (fitted_picture) and hwr/pictures/character.py
// (character) do in Python with OpenCV, for drawings alone: their paper is plain and white. A test compares the two.
//
// A picture is {width, height, data}, rows one after the other.

const PAD = 320; // units, and pixels, of the pad's sides
const EXTENT = 220; // of the longer side of a fitted drawing
const PEN = 33.7; // units: what OpenCV makes of a width of 34
export const SIZE = 28;
const WORKING = 6; // pixels to a pixel of the result
const [BOX_AT_ZERO, BOX_SLOPE, BLUR] = [25.1, 0.92, 0.15];
const [THINNEST, WIDEST] = [2.2, 4.2]; // strokes, in pixels of the result
const INKED = 0.4;

/** Strokes, lists of [x, y, ...] in any unit, to what the network sees: Uint8Array of 28 * 28, ink 255 on 0. */
export function fromStrokes(strokes) {
  return character(picture(fit(strokes)));
}

function fit(strokes) {
  const xs = strokes.flat().map((point) => point[0]);
  const ys = strokes.flat().map((point) => point[1]);
  const least = (values) => values.reduce((a, b) => Math.min(a, b));
  const most = (values) => values.reduce((a, b) => Math.max(a, b));
  const [left, right, top, bottom] = [least(xs), most(xs), least(ys), most(ys)];
  const longer = Math.max(right - left, bottom - top);
  const scale = longer > 0 ? EXTENT / longer : 1;
  const place = ([x, y]) => [(x - (left + right) / 2) * scale + PAD / 2, (y - (top + bottom) / 2) * scale + PAD / 2];
  return strokes.map((stroke) => stroke.map(place));
}

/** How much of each pixel the ink covers, 0 to 255. */
function picture(strokes) {
  const pen = new OffscreenCanvas(PAD, PAD).getContext("2d", { willReadFrequently: true });
  pen.translate(0.25, 0.25); // in OpenCV, supersampled by 2, the middle of the first pixel is there
  pen.lineWidth = PEN;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.arc(...stroke[0], PEN / 2, 0, 2 * Math.PI); // a canvas draws no line of length zero, which a tap is
    pen.fill();
    pen.beginPath();
    for (const point of stroke) pen.lineTo(...point);
    pen.stroke();
  }
  const colours = pen.getImageData(0, 0, PAD, PAD).data;
  const data = new Uint8Array(PAD * PAD);
  for (let i = 0; i < data.length; i++) data[i] = colours[4 * i + 3];
  return { width: PAD, height: PAD, data };
}

/** A drawing, ink 255 on paper 0, to what the network sees. */
export function character(drawing) {
  let shape = mask(findInk(drawing), 0.8 * SIZE * WORKING);
  const longer = Math.max(shape.width, shape.height);
  const width = strokeWidth(shape);
  const wanted = Math.min(Math.max(((width / longer) * BOX_AT_ZERO) / (1 + (BOX_SLOPE * width) / longer), THINNEST), WIDEST);
  const box = BOX_AT_ZERO - BOX_SLOPE * wanted;
  const ratio = wanted / box;
  const offset = (ratio * longer - width) / (2 * (1 - ratio));
  if (Math.abs(offset) > 0.25) shape = moved(shape, offset);
  const canvas = centred(mask(shape, box * WORKING), SIZE * WORKING);
  const weights = blurWeights(canvas.width, BLUR * wanted * WORKING);
  return Uint8Array.from(weighted(canvas, weights, weights).data, (value) => half(value * 255));
}

/** How much ink each pixel has, 0 to 1, cropped to the ink; specks are no ink. */
function findInk({ width, height, data }) {
  const counts = new Uint32Array(256);
  for (let i = 0; i < data.length; i++) if (data[i] > 127) counts[data[i]]++;
  const level = median(counts, 1) / 255;
  if (!level) throw new Error("There is no ink.");
  const full = Float32Array.from(counts, (_, value) => Math.min(Math.max((value / 255 - 0.2 * level) / (0.8 * level), 0), 1));
  const ink = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) ink[i] = full[data[i]];
  const found = cropped({ width, height, data: ink });
  const { labels, parts } = components(dilated(found));
  const largest = Math.max(...parts.map((part) => part.area));
  const kept = parts.filter((part) => part.area >= 0.03 * largest);
  if (kept.length === parts.length) return found;
  const names = new Set(kept.map((part) => part.label));
  const rest = found.data.map((value, i) => (names.has(labels[i]) ? value : 0));
  return cropped({ ...found, data: rest });
}

function cropped({ width, height, data }) {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[y * width + x] > INKED) {
        if (x < left) left = x;
        if (x > right) right = x;
        if (y < top) top = y;
        bottom = y;
      }
  const columns = right - left + 1;
  const result = new Float32Array(columns * (bottom - top + 1));
  for (let y = top; y <= bottom; y++) result.set(data.subarray(y * width + left, y * width + right + 1), (y - top) * columns);
  return { width: columns, height: bottom - top + 1, data: result };
}

/** Which pixels are at most 2 from one with ink, in both directions. */
function dilated({ width, height, data }) {
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[y * width + x] > INKED)
        for (let v = Math.max(y - 2, 0); v <= Math.min(y + 2, height - 1); v++)
          result.fill(1, v * width + Math.max(x - 2, 0), v * width + Math.min(x + 2, width - 1) + 1);
  return { width, height, data: result };
}

/** Pieces that hang together, diagonally as well: a label for each pixel, 0 for none, and the pieces' areas. */
function components({ width, height, data }) {
  const labels = new Uint32Array(width * height);
  const parts = [];
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || labels[start]) continue;
    const part = { label: parts.length + 1, area: 0 };
    parts.push(part);
    const open = [start];
    labels[start] = part.label;
    while (open.length) {
      const at = open.pop();
      part.area++;
      const x = at % width;
      const y = Math.floor(at / width);
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++)
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
          const next = v * width + u;
          if (data[next] && !labels[next]) {
            labels[next] = part.label;
            open.push(next);
          }
        }
    }
  }
  return { labels, parts };
}

/** Crop to the ink, and bring the longer side to a length: 0 or 1. */
function mask(ink, longer) {
  const found = cropped(ink);
  const scale = longer / Math.max(found.width, found.height);
  const [width, height] = [found.width, found.height].map((side) => Math.max(1, half(side * scale)));
  const scaled = scale < 1 ? areaResized(found, width, height) : cubicResized(found, width, height);
  return { ...scaled, data: scaled.data.map((value) => (value > 0.5 ? 1 : 0)) };
}

/** Twice the median distance from the ridge to the outline. */
function strokeWidth(shape) {
  const { width, height, data } = padded(shape, 1);
  const distance = distances({ width, height, data });
  const counts = new Map();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const own = distance[y * width + x];
      if (own && isHighest(distance, width, height, x, y, own)) counts.set(own, (counts.get(own) ?? 0) + 1);
    }
  const sorted = [...counts].sort((a, b) => a[0] - b[0]);
  const all = sorted.reduce((sum, [, count]) => sum + count, 0);
  const at = (index) => {
    let seen = 0;
    return sorted.find(([, count]) => (seen += count) > index)[0];
  };
  return all ? (at(Math.floor((all - 1) / 2)) + at(Math.floor(all / 2))) / 65536 : 0;
}

function isHighest(distance, width, height, x, y, own) {
  for (let v = Math.max(y - 2, 0); v <= Math.min(y + 2, height - 1); v++)
    for (let u = Math.max(x - 2, 0); u <= Math.min(x + 2, width - 1); u++) if (distance[v * width + u] > own) return false;
  return true;
}

/** Distance to the nearest 0 by OpenCV's mask of 5 (Borgefors 1986), in 65536ths of a pixel. */
function distances({ width, height, data }) {
  const wide = width + 4; // a border of 2, which is far from everything
  const far = 1 << 29;
  const result = new Int32Array(wide * (height + 4)).fill(far);
  const [straight, diagonal, knight] = [65536, 91750, 143976];
  const [a, b, c, d, e, f, g, h] = [1, wide, wide + 1, wide - 1, 2 * wide + 1, 2 * wide - 1, wide + 2, wide - 2];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (!data[y * width + x]) result[(y + 2) * wide + x + 2] = 0;
  const update = (at, sign) => {
    if (!result[at]) return;
    const one = Math.min(result[at - sign * a], result[at - sign * b]) + straight;
    const two = Math.min(result[at - sign * c], result[at - sign * d]) + diagonal;
    const three = Math.min(result[at - sign * e], result[at - sign * f], result[at - sign * g], result[at - sign * h]) + knight;
    result[at] = Math.min(result[at], one, two, three);
  };
  for (let y = 2; y < height + 2; y++) for (let x = 2; x < width + 2; x++) update(y * wide + x, 1);
  for (let y = height + 1; y > 1; y--) for (let x = width + 1; x > 1; x--) update(y * wide + x, -1);
  const inside = new Int32Array(width * height);
  for (let y = 0; y < height; y++) inside.set(result.subarray((y + 2) * wide + 2, (y + 2) * wide + 2 + width), y * width);
  return inside;
}

/** The outline of a shape, moved outwards by so many pixels, or inwards. */
function moved(shape, offset) {
  const inside = padded(shape, Math.ceil(Math.max(offset, 0)) + 2);
  const within = distances(inside);
  const beyond = distances({ ...inside, data: inside.data.map((value) => 1 - value) });
  const data = inside.data.map((_, i) => ((beyond[i] - within[i]) / 65536 < offset ? 1 : 0));
  return data.includes(1) ? { ...inside, data } : inside;
}

function padded({ width, height, data }, margin) {
  const wide = width + 2 * margin;
  const result = new Float32Array(wide * (height + 2 * margin));
  for (let y = 0; y < height; y++) result.set(data.subarray(y * width, (y + 1) * width), (y + margin) * wide + margin);
  return { width: wide, height: height + 2 * margin, data: result };
}

function centred({ width, height, data }, side) {
  const result = new Float32Array(side * side);
  const [left, top] = [Math.floor((side - width) / 2), Math.floor((side - height) / 2)];
  for (let y = 0; y < height; y++) result.set(data.subarray(y * width, (y + 1) * width), (top + y) * side + left);
  return { width: side, height: side, data: result };
}

/** A Gaussian blur, mirrored beyond the edge, and then the mean of so many pixels as become one. */
function blurWeights(from, deviation) {
  const size = half(8 * deviation + 1) | 1;
  const kernel = Array.from({ length: size }, (_, i) => Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * deviation ** 2)));
  const sum = kernel.reduce((a, b) => a + b);
  const mirrored = (at) => (at < 0 ? -at : at >= from ? 2 * from - 2 - at : at);
  return areaWeights(from, SIZE).map((means) => {
    const found = new Float64Array(from);
    for (const [at, share] of means)
      kernel.forEach((weight, i) => (found[mirrored(at + i - (size - 1) / 2)] += (share * weight) / sum));
    return [...found.entries()].filter(([, weight]) => weight > 0);
  });
}

function areaResized(image, width, height) {
  return weighted(image, areaWeights(image.width, width), areaWeights(image.height, height));
}

function areaWeights(from, to) {
  const scale = from / to;
  return Array.from({ length: to }, (_, at) => {
    const [start, stop] = [at * scale, Math.min((at + 1) * scale, from)];
    const found = [];
    for (let i = Math.floor(start + 1e-9); i < stop - 1e-9; i++)
      found.push([i, (Math.min(i + 1, stop) - Math.max(i, start)) / (stop - start)]);
    return found;
  });
}

function cubicResized(image, width, height) {
  return weighted(image, cubicWeights(image.width, width), cubicWeights(image.height, height));
}

function cubicWeights(from, to) {
  const sharpness = -0.75;
  return Array.from({ length: to }, (_, at) => {
    const place = ((at + 0.5) * from) / to - 0.5;
    const first = Math.floor(place);
    return [-1, 0, 1, 2].map((step) => {
      const d = Math.abs(place - first - step);
      const near = (sharpness + 2) * d ** 3 - (sharpness + 3) * d ** 2 + 1;
      const far = sharpness * (d ** 3 - 5 * d ** 2 + 8 * d - 4);
      return [Math.min(Math.max(first + step, 0), from - 1), d <= 1 ? near : far];
    });
  });
}

/** Each column and row of the result as a weighted sum of the image's. */
function weighted(image, columns, rows) {
  return transposed(summed(transposed(summed(image, columns)), rows));
}

/** Weighted sums within rows: places and weights for each column of the result. */
function summed({ width, height, data }, columns) {
  const result = new Float32Array(columns.length * height);
  for (let x = 0; x < columns.length; x++) {
    const places = Int32Array.from(columns[x], (each) => each[0]);
    const weights = Float64Array.from(columns[x], (each) => each[1]);
    for (let y = 0; y < height; y++) {
      let sum = 0;
      for (let i = 0; i < places.length; i++) sum += weights[i] * data[y * width + places[i]];
      result[y * columns.length + x] = sum;
    }
  }
  return { width: columns.length, height, data: result };
}

function transposed({ width, height, data }) {
  const result = new Float32Array(data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) result[x * height + y] = data[y * width + x];
  return { width: height, height: width, data: result };
}

/** Rounded as Python does: halves to the even number. */
function half(value) {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 ? floor + 1 : floor;
}

/** The middle of values that are counted, from the lowest on. */
function median(counts, from) {
  const all = counts.reduce((a, b) => a + b);
  if (!all) return 0;
  const at = (index) => {
    let seen = 0;
    for (let value = from; value < counts.length; value++) if ((seen += counts[value]) > index) return value;
    return 0;
  };
  return (at(Math.floor((all - 1) / 2)) + at(Math.floor(all / 2))) / 2;
}
