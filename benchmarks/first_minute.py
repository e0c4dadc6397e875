"""What a visitor waits for, and what the page weighs: ``python benchmarks/first_minute.py``, into ``benchmarks/first_minute.md``.

Run it on an idle machine. Needs Chromium, playwright and axe-playwright-python. Measured in a browser on the same machine:

- ``first_ink_s``: from the request for the page until the greeting on the pad has ink, of visitors with an empty cache;
- ``letter_ms``: from the input event of a typed letter until the paper of "Write" has its ink;
- ``stroke_ms``: from the end of a stroke until another answer is there, on the pads of both modes of "Recognize";
- ``page_kb``: what the first load of each page transfers, without Gradio's own scripts, styles and events; also unpacked;
- ``axe``: findings of axe-core on every mode and the second page, light and dark, by their impact.
"""

import json
import os
from collections import Counter
from datetime import date
from typing import Any

import httpx
import numpy as np
from axe_playwright_python.sync_playwright import Axe
from browsing import HOW, MODES, ROOT, chromium, open_mode, visit
from playwright.sync_api import Browser, Page
from serving import served

OUTPUT = ROOT / "benchmarks" / "first_minute.md"
OPENINGS = 11
SENTENCE = "Sphinx of black quartz, judge my vow; pack my box with five dozen jugs."
STROKES = json.loads((ROOT / "hwr/ui/text/examples.json").read_text(encoding="utf-8"))
LETTERS = json.loads((ROOT / "hwr/ui/character/examples.json").read_text(encoding="utf-8"))

FIRST_INK = """
new MutationObserver((_, observer) => {
    if (!document.querySelector("#text-pad .pad-greeting path[d*=L]")) return;
    observer.disconnect();
    requestAnimationFrame(() => { window.firstInk = performance.now(); });
}).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["d"] });
"""
TYPED = """() => {
    window.times = [];
    const field = document.querySelector("#pen-text textarea"), paper = document.querySelector("#pen-page");
    let begun = 0;
    field.addEventListener("input", () => { begun = performance.now(); });
    new MutationObserver(() => {
        if (begun && paper.querySelector("title")?.textContent === field.value) {
            window.times.push(performance.now() - begun);
            begun = 0;
        }
    }).observe(paper, { childList: true, subtree: true, characterData: true });
}"""
ANSWERED = """([pad, answer]) => {
    window.times = [];
    let [begun, before] = [0, null];
    const shown = () => document.querySelector(`${answer} section`)?.outerHTML;
    document.querySelector(`${pad} canvas`).addEventListener("pointerup", () => { [begun, before] = [performance.now(), shown()]; });
    new MutationObserver(() => {
        if (!begun || !shown() || shown() === before) return;
        window.times.push(performance.now() - begun);
        begun = 0;
    }).observe(document.querySelector(answer), { childList: true, subtree: true, characterData: true });
}"""


def summarised(values: list[float], digits: int = 0) -> dict[str, float]:
    """Median, 95th percentile and number."""
    return {
        "median": round(float(np.median(values)), digits),
        "p95": round(float(np.percentile(values, 95)), digits),
        "n": len(values),
    }


def first_ink(browser: Browser, address: str) -> dict[str, float]:
    """In seconds."""
    times = []
    for _ in range(OPENINGS):
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        context.add_init_script(FIRST_INK)
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("window.firstInk")
        times.append(page.evaluate("window.firstInk") / 1000)
        context.close()
    return summarised(times, 2)


def letters(browser: Browser, address: str) -> dict[str, float]:
    """In milliseconds; a letter every third of a second, as people type."""
    page = browser.new_page(viewport={"width": 1280, "height": 860})
    page.goto(address)
    open_mode(page, "write-pen")
    page.wait_for_timeout(2000)
    page.locator("#pen-text textarea").fill("")
    page.evaluate(TYPED)
    for letter in SENTENCE:
        page.locator("#pen-text textarea").press_sequentially(letter)
        page.wait_for_timeout(330)
    times = page.evaluate("window.times")
    page.close()
    return summarised(times)


def strokes(browser: Browser, address: str, mode: str, pad: str, answer: str, drawings: list[Any]) -> dict[str, float]:
    """In milliseconds."""
    page = browser.new_page(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
    page.goto(address)
    open_mode(page, mode)
    page.wait_for_timeout(1500)
    page.evaluate(ANSWERED, [pad, answer])
    for drawing in drawings:
        for stroke in drawing["strokes"]:
            _draw(page, pad, stroke)
            page.wait_for_timeout(500)
        page.locator(f"{pad} button[data-action=clear]").click()
        page.wait_for_timeout(400)
    times = page.evaluate("window.times")
    page.close()
    return summarised(times)


def _draw(page: Page, pad: str, stroke: list[list[float]]) -> None:
    canvas = page.locator(f"{pad} canvas")
    box = canvas.bounding_box()
    assert box is not None
    scale = box["width"] / (960 if pad == "#text-pad" else 320)
    places = [(box["x"] + point[0] * scale, box["y"] + point[1] * scale) for point in [*stroke[:-1:3], stroke[-1]]]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()


def weight(browser: Browser, address: str, mode: str) -> dict[str, float]:
    """Of the first load of a mode's page, in kilobytes."""
    page = browser.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    visit(page, address, mode)
    page.close()
    gradios = (
        "/assets/",
        "/static/",
        "/theme.css",
        "/gradio_api/heartbeat",
        "/gradio_api/queue",
        "data:",
        "blob:",
        "/gradio_api/startup-events",
    )
    ours = [url for url in dict.fromkeys(fetched) if url.startswith(address) and not any(part in url for part in gradios)]
    packed = unpacked = 0
    for url in ours:
        answer = httpx.get(url, headers={"Accept-Encoding": "gzip"})
        packed += answer.num_bytes_downloaded
        unpacked += len(answer.content)
    return {"transferred": round(packed / 1000, 1), "unpacked": round(unpacked / 1000, 1), "files": len(ours)}


def axe(browser: Browser, address: str) -> dict[str, int]:
    """Findings by their impact, of all modes."""
    found: Counter[str] = Counter(dict.fromkeys(("critical", "serious", "moderate", "minor"), 0))
    for mode in MODES:
        for theme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 860}, reduced_motion="reduce")
            visit(page, address, mode, theme)
            for violation in Axe().run(page).response["violations"]:
                found[violation["impact"]] += len(violation["nodes"])
            page.close()
    return dict(found)


def table(figures: dict[str, Any]) -> str:
    """As Markdown."""
    ink, letter, text, char = figures["first_ink_s"], figures["letter_ms"], *figures["stroke_ms"].values()
    (kb, second), where = figures["page_kb"], f"{figures['cpu_cores']} cores, browser and server on the same machine"
    findings = ", ".join(f"{count} {impact}" for impact, count in figures["axe"].items())
    return "\n".join(
        [
            f"`python benchmarks/first_minute.py`, {figures['date']}, {where}.",
            "",
            "| from | to | median | 95% | of |",
            "|---|---|---:|---:|---:|",
            f"| opening the page | first ink on the pad | {ink['median']:.2f} s | {ink['p95']:.2f} s | {ink['n']} |",
            f"| a typed letter on Write | its ink on the paper | {letter['median']:.0f} ms | {letter['p95']:.0f} ms | {letter['n']} |",
            f"| the end of a stroke, Text | the answer | {text['median']:.0f} ms | {text['p95']:.0f} ms | {text['n']} |",
            f"| the end of a stroke, Character | the answer | {char['median']:.0f} ms | {char['p95']:.0f} ms | {char['n']} |",
            "",
            f"The first load transfers {kb['transferred']:.0f} kB ({kb['unpacked']:.0f} kB unpacked), that of the second page "
            f"{second['transferred']:.0f} kB ({second['unpacked']:.0f} kB unpacked), beside Gradio's own scripts and styles. "
            f"axe-core finds on all modes and the second page, light and dark: {findings}.",
        ]
    )


def main() -> None:
    figures: dict[str, Any] = {"date": date.today().isoformat(), "cpu_cores": os.cpu_count()}
    with served() as server, chromium() as browser:
        address = server.address
        first_ink(browser, address)  # whoever comes first warms the app
        figures["first_ink_s"] = first_ink(browser, address)
        figures["letter_ms"] = letters(browser, address)
        figures["stroke_ms"] = {
            "text": strokes(browser, address, "recognize-text", "#text-pad", "#transcript", STROKES),
            "character": strokes(browser, address, "recognize-character", "#pad", "#answer", LETTERS),
        }
        figures["page_kb"] = [weight(browser, address, mode) for mode in ("recognize-text", HOW)]
        figures["axe"] = axe(browser, address)
    OUTPUT.write_text(f"{table(figures)}\n", encoding="utf-8")
    print(table(figures))


if __name__ == "__main__":
    main()
