// Names for what Gradio shows without one, or with one too many: screen readers say them.
const LABELS = [
  ["#pixels-picture button:not([aria-label]):has(img)", (button) => button.setAttribute("aria-label", "The handwriting in full size")],
  ["#pixels-picture img:not([alt]), #pixels-animation img:not([alt])", (image) => image.setAttribute("alt", "Handwriting")],
  ["footer img[alt]:not([alt=''])", (image) => image.setAttribute("alt", "")], // the word stands beside it
];

function label() {
  for (const [selector, name] of LABELS) document.querySelectorAll(selector).forEach(name);
}

let asked = 0;
new MutationObserver(() => {
  asked ||= requestAnimationFrame(() => {
    asked = 0;
    label();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
