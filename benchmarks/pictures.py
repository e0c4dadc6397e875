"""Make the documentation's moving picture of a network that draws row by row: ``python benchmarks/pictures.py``, into ``docs/``."""

from pathlib import Path

from hwr import PixelWriter

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    PixelWriter.from_pretrained().write("row by row", seed=3, size=30).animation(DOCS / "pixels.webp")


if __name__ == "__main__":
    main()
