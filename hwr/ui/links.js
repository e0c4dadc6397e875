// Links that bring back what somebody saw: #recognize/text?ink=..., #write/pen?text=...&hand=17&seed=3&paper=ruled, #evaluate.
//
// Everything stands behind the #, which browsers keep to themselves: the server never sees a text or a drawing that was shared.

const LONGEST = 8000; // characters of an address that all browsers and messengers carry

const links = (hwr.links = {});

function parsed() {
  const [path, query = ""] = location.hash.slice(1).split("?");
  return { tabs: path.split("/").filter(Boolean), values: new URLSearchParams(query) };
}

const wanted = parsed();

/** What the address says for a mode such as "write/pen", once: {name: text}; null if it is about something else. */
links.take = function (mode) {
  if (wanted.tabs.join("/") !== mode || ![...wanted.values].length) return null;
  const values = Object.fromEntries(wanted.values);
  wanted.values = new URLSearchParams();
  return values;
};

/** What components shall say, those that the address names and those that it doesn't. */
links.restore = function (mode, names, now) {
  const said = links.take(mode) ?? {};
  return now.map((value, index) => {
    const wish = said[names[index]];
    if (wish === undefined) return value;
    return typeof value === "number" ? Number(wish) || 0 : wish;
  });
};

links.address = function (mode, values = {}) {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== "" && value != null)).toString();
  return `${location.origin}${location.pathname}#${mode}${query ? `?${query}` : ""}`;
};

/** Copies a link, and says how that went. */
links.copy = async function (mode, values) {
  const address = links.address(mode, values);
  if (address.length > LONGEST) return "Too much for a link. Save it as a file instead.";
  history.replaceState(null, "", address);
  return (await hwr.copyText(address)) ? "Link copied." : "The link stands in the address bar.";
};

hwr.copyText = async function (text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // no permission, or a page without https: the old way still works
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
};

hwr.download = function (content, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

hwr.calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// ---------------------------------------------------------------- ink in an address

/** Strokes as text: whole units, each point as its way from the one before, in bytes of seven bits. */
links.packInk = function (strokes) {
  const bytes = [];
  const put = (number) => {
    for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
    bytes.push(number);
  };
  let [x, y] = [0, 0];
  for (const stroke of strokes.map(thinned)) {
    put(stroke.length);
    for (const [px, py] of stroke) {
      for (const step of [px - x, py - y]) put(step < 0 ? -2 * step - 1 : 2 * step);
      [x, y] = [px, py];
    }
  }
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

function thinned(stroke) {
  const kept = [];
  for (const [index, point] of stroke.entries()) {
    const [x, y] = [Math.round(point[0]), Math.round(point[1])];
    const last = kept.at(-1);
    if (!last || index === stroke.length - 1 || Math.hypot(x - last[0], y - last[1]) >= 3) kept.push([x, y]);
  }
  return kept;
}

/** Strokes out of text, with the times of an even pen; none if it is no such text, or more than `most` points. */
links.unpackInk = function (text, most) {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
    let [at, x, y, time, points] = [0, 0, 0, 0, 0];
    const take = () => {
      let [number, shift] = [0, 0];
      do {
        if (at >= bytes.length || shift > 21) throw new RangeError();
        number |= (bytes[at] & 127) << shift;
        shift += 7;
      } while (bytes[at++] > 127);
      return number;
    };
    const step = () => {
      const number = take();
      return number & 1 ? -(number + 1) / 2 : number / 2;
    };
    const strokes = [];
    while (at < bytes.length) {
      const count = take();
      if (count < 1 || (points += count) > most) return [];
      strokes.push(
        Array.from({ length: count }, () => {
          const way = [step(), step()];
          [x, y] = [x + way[0], y + way[1]];
          time += Math.max(1, Math.round(Math.hypot(...way)));
          return [x, y, time];
        }),
      );
      time += 200;
    }
    return strokes;
  } catch {
    return [];
  }
};

// ---------------------------------------------------------------- tabs

/** Opens the tabs of the address, one inside the other, as soon as they are there. */
function open(tabs) {
  if (!tabs.length) return;
  const find = () => document.querySelector(`button[role=tab][data-tab-id="${CSS.escape(tabs[0])}"]`);
  const go = (button) => {
    button.click();
    open(tabs.slice(1));
  };
  if (find()) return go(find());
  const observer = new MutationObserver(() => {
    if (!find()) return;
    observer.disconnect();
    go(find());
  });
  observer.observe(document.documentElement, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), 30_000);
}
open(wanted.tabs);

// The address follows the tabs, so that going back to the page, or sending its address, opens the same one.
document.addEventListener("click", (event) => {
  const tab = event.isTrusted && event.target.closest?.("button[role=tab][data-tab-id]");
  if (!tab) return;
  requestAnimationFrame(() => {
    const shown = [...document.querySelectorAll("button[role=tab][aria-selected=true][data-tab-id]")].filter((one) => one.offsetParent);
    history.replaceState(null, "", `#${shown.map((one) => one.dataset.tabId).join("/")}`);
  });
});

// Who has chosen light or dark keeps it on the other page.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='./']");
  const theme = new URLSearchParams(location.search).get("__theme");
  if (!link || !theme) return;
  const there = new URL(link.href);
  there.searchParams.set("__theme", theme);
  link.href = there;
});
