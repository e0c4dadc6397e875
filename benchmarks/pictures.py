"""Make the README's pictures of writing: ``python benchmarks/pictures.py``, into ``docs/``."""

from pathlib import Path

from PIL import Image

from hwr import PixelWriter

DOCS = Path(__file__).parents[1] / "docs"
PARAGRAPH = (
    "Dear Zoë,\nan image is a time series: 28 rows of 28 pixels. These letters were drawn row by row, each pixel from those above it and "
    "left of it, all in one hand. No. 7 costs 3.50, doesn't it?"
)
HANDS = (3, 4, 11)


def main() -> None:
    DOCS.mkdir(exist_ok=True)
    writer = PixelWriter.from_pretrained()
    pages = [writer.write(PARAGRAPH, seed=seed, size=18, width=760).image for seed in HANDS]
    sheet = Image.new("RGB", (max(page.width for page in pages), sum(page.height for page in pages)), "white")
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height
    sheet.quantize(32).save(DOCS / "pixels.png", optimize=True)
    writer.write("row by row", seed=HANDS[0], size=30).animation(DOCS / "pixels.webp")


if __name__ == "__main__":
    main()
