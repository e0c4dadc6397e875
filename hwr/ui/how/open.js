// The page "How it works": body of function (element, ...), see gr.HTML's js_on_load. It is fetched as files, so that the page's configuration,
// which every program gets that asks for the endpoints, stays as small as it was.
document.title = document.querySelector("meta[property='og:title']").content; // Gradio gives all pages the title of the first
const place = (name) => `./brand/${name}?${element.querySelector("[data-version]").dataset.version}`;
const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = place("how.css");
const styled = new Promise((done) => (sheet.onload = sheet.onerror = done));
const script = document.createElement("script");
script.src = place("how.js");
const able = new Promise((done) => (script.onload = done));
document.head.append(sheet, script);
const text = fetch(place("how.html")).then((answer) => answer.text());
const pictures = fetch(place("how.json")).then((answer) => answer.json());
Promise.all([text, styled]).then(async ([html]) => {
  const main = element.querySelector("[data-version]");
  main.innerHTML = html;
  const values = await pictures;
  await able;
  hwr.how.start(main, values);
});
