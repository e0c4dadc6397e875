"""How long ``docs/browser/`` takes from the end of a stroke to the answer: ``python benchmarks/browser_page.py``.

Chromium, one thread, the page's example drawings; ``HWR_ONNXRUNTIME_WEB`` names npm's ``onnxruntime-web``, or
``npm ci --prefix tests/support/javascript`` has brought it. Writes ``benchmarks/browser_page.md``.
"""

import json
import os
import statistics
import threading
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
RUNTIME = Path(os.environ.get("HWR_ONNXRUNTIME_WEB", ROOT / "tests/support/javascript/node_modules/onnxruntime-web")) / "dist"
ROUNDS = 5
TIMED = """async ([drawings, rounds]) => {
  const page = await import("./page.js");
  const {fromStrokes} = await import("./preprocess.js");
  const times = [];
  for (let round = 0; round <= rounds; round++)
    for (const strokes of drawings) {
      const start = performance.now();
      const seen = fromStrokes(strokes);
      const middle = performance.now();
      await page.probabilities(seen);
      if (round) times.push([middle - start, performance.now() - start]);
    }
  return times;
}"""


class _Served(SimpleHTTPRequestHandler):
    """The repository, and the runtime under ``/runtime/``."""

    def translate_path(self, path: str) -> str:
        return str(RUNTIME / path.removeprefix("/runtime/")) if path.startswith("/runtime/") else super().translate_path(path)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def main() -> None:
    examples = json.loads((ROOT / "hwr" / "ui" / "character" / "examples.json").read_text(encoding="utf-8"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Served, directory=str(ROOT))) as server, sync_playwright() as playwright:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/docs/browser/?runtime=/runtime/")
        page.wait_for_function("document.getElementById('status').textContent === ''", timeout=120_000)
        times = page.evaluate(TIMED, [[example["strokes"] for example in examples], ROUNDS])
        browser.close()
        server.shutdown()
    drawn, whole = (statistics.median(each) for each in zip(*times, strict=True))
    sentence = (
        f"`python benchmarks/browser_page.py`, {date.today().isoformat()}, Chromium on {os.cpu_count()} cores, one thread: {whole:.1f} ms "
        f"from strokes to answer in the browser, {drawn:.1f} ms of them to draw and prepare the picture (median of {len(times)})."
    )
    (ROOT / "benchmarks" / "browser_page.md").write_text(sentence + "\n")
    print(sentence)


if __name__ == "__main__":
    main()
