// Everything on the page begins: the moving pictures, and the snippets with their tabs.

hwr.how.start = function (main, pictures) {
  hwr.how.motto(main.querySelector(".how-motto"), pictures.motto);
  const scenes = { rows: pictures.rows, columns: pictures.columns, pens: pictures.pens, confusions: null };
  for (const [name, values] of Object.entries(scenes)) {
    const root = main.querySelector(`[data-player="${name}"]`);
    if (root) hwr.how[name](root, values);
  }
  snippets(main);
  // The page has a <base>, so that a plain "#data" would lead to the first page.
  main.addEventListener("click", (event) => {
    const link = event.target.closest(".how-contents a");
    if (!link) return;
    event.preventDefault();
    jump(link.hash);
    history.replaceState(null, "", location.pathname + location.search + link.hash);
  });
  if (location.hash.length > 1) jump(location.hash);
  main.dataset.ready = "";
};

function jump(hash) {
  const place = document.getElementById(hash.slice(1));
  place?.querySelector("h2").focus({ preventScroll: true });
  place?.scrollIntoView();
}

function snippets(main) {
  const tabs = [...main.querySelectorAll("[role=tab]")];
  const panels = [...main.querySelectorAll("[role=tabpanel]")];
  const choose = (index) => {
    tabs.forEach((tab, number) => {
      tab.setAttribute("aria-selected", String(number === index));
      tab.tabIndex = number === index ? 0 : -1;
      panels[number].hidden = number !== index;
    });
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(index));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = (index + step + tabs.length) % tabs.length;
      choose(next);
      tabs[next].focus();
    });
  });
  panels.forEach((panel) => {
    const code = panel.querySelector("code");
    code.textContent = code.textContent.replaceAll("http://127.0.0.1:7860", location.origin); // of the page that this is
    panel.querySelector("button").addEventListener("click", async (event) => {
      event.target.textContent = (await hwr.copyText(code.textContent)) ? "Copied" : "Copy it by hand";
    });
  });
}
