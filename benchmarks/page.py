"""Pictures of every mode and of the second page, light and dark, wide and on a phone, and a film of the first ten seconds.

``python benchmarks/page.py``, into ``docs/screenshots/``, all as WebP. Needs Chromium and playwright.
"""

import base64
import io
import time
from typing import Any

import numpy as np
from browsing import HOW, MODES, ROOT, chromium, open_mode, visit
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page
from serving import served

OUTPUT = ROOT / "docs" / "screenshots"
SIZES = {"wide": (1280, 860), "phone": (360, 740)}
TALLEST = (2200, 5700)
"""Pixels that are shown of a tab, and of the second page."""
FILM_SECONDS = 10.0
FILM_WIDTH = 840
LETTER = "Dear Zoë, see you on Friday at 7!"


def shoot(browser: Browser, address: str) -> None:
    """Each mode as visitors find it."""
    for mode in MODES:
        for theme in ("light", "dark"):
            for name, (width, height) in SIZES.items():
                scale = 2 if name == "phone" else 1
                page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale, reduced_motion="reduce")
                visit(page, address, mode, theme)
                page.wait_for_timeout(1200)
                taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
                page.close()
                taken = taken.crop((0, 0, taken.width, min(taken.height, TALLEST[mode == HOW] * scale)))
                if scale > 1:
                    taken = taken.resize((taken.width * 3 // 4, taken.height * 3 // 4), Image.Resampling.LANCZOS)
                taken.save(OUTPUT / f"{mode}-{theme}-{name}.webp", quality=72, method=6)


def film(browser: Browser, address: str) -> None:
    """The page is opened, greets, and writes what is typed."""
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    session = page.context.new_cdp_session(page)
    frames: list[tuple[float, bytes]] = []
    session.on("Page.screencastFrame", lambda frame: _keep(session, frame, frames))
    session.send("Page.startScreencast", {"format": "png", "everyNthFrame": 2})
    began = time.time()
    page.goto(f"{address}/?__theme=light")
    page.wait_for_timeout(1000 * (4.9 - (time.time() - began)))
    page.get_by_role("tab", name="Write", exact=True).click()
    page.wait_for_timeout(700)
    field = page.locator("#pen-text textarea")
    field.fill("")
    for letter in LETTER:
        field.press_sequentially(letter)
        page.wait_for_timeout(70)
    page.wait_for_timeout(1000 * max(0.5, FILM_SECONDS - (time.time() - began)))
    session.send("Page.stopScreencast")
    page.close()
    _save(frames, began)


def _keep(session: CDPSession, frame: dict[str, Any], frames: list[tuple[float, bytes]]) -> None:
    frames.append((frame["metadata"]["timestamp"], base64.b64decode(frame["data"])))
    session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})


def _save(frames: list[tuple[float, bytes]], began: float) -> None:
    """About twelve pictures a second."""
    chosen: list[tuple[float, bytes]] = []
    for moment, data in frames:
        if not chosen or moment - chosen[-1][0] > 0.08:
            chosen.append((moment, data))
    ends = [moment for moment, _ in chosen[1:]] + [chosen[-1][0] + 2.0]
    pictures = []
    for _, data in chosen:
        shown = Image.open(io.BytesIO(data)).convert("RGB")
        pictures.append(shown.resize((FILM_WIDTH, round(shown.height * FILM_WIDTH / shown.width)), Image.Resampling.LANCZOS))
    milliseconds = [max(20, round(1000 * (end - moment))) for (moment, _), end in zip(chosen, ends, strict=True)]
    pictures[0].save(
        OUTPUT / "first-ten-seconds.webp", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0, quality=55, method=4
    )
    print(f"first ink after {_first_ink(pictures, [moment - began for moment, _ in chosen]):.1f} s, as far as the film shows")


def _first_ink(pictures: list[Image.Image], moments: list[float]) -> float:
    """When the pad first differs from the empty one that was there before."""
    pads = [np.asarray(picture.crop((120, 150, FILM_WIDTH - 60, 330)).convert("L")) for picture in pictures]
    for before, pad, moment in zip(pads, pads[1:], moments[1:], strict=False):
        if before.min() > 150 and pad.min() < 90:
            return moment
    return moments[-1]


def main() -> None:
    OUTPUT.mkdir(exist_ok=True)
    with served() as server, chromium() as browser:
        address = server.address
        warm: Page = browser.new_page()
        warm.goto(address)
        open_mode(warm, "recognize-text")
        warm.close()
        film(browser, address)
        shoot(browser, address)
    print(f"{sum(path.stat().st_size for path in OUTPUT.iterdir()) / 1e6:.1f} MB in {OUTPUT}")


if __name__ == "__main__":
    main()
