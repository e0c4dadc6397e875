"""Make what stands on the page before anybody asks for something: ``python benchmarks/page_examples.py``.

``hwr/ui/pixels/example.png`` is what the mode "Pixels" writes with its first settings; ``hwr/ui/evaluate/example.json`` is what the tab
"Evaluate" says of the ready set of characters that PixelWriter drew; ``hwr/ui/first_page.json`` is what both writers put on the page when
it comes up.
"""

import base64
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image

from hwr import CharRecognizer, PenWriter, PixelWriter, TextReader
from hwr.evaluation import report
from hwr.evaluation import run as batch
from hwr.evaluation.collections.opening import open_collection
from hwr.evaluation.plots import confusion_heat_map
from hwr.evaluation.result import Evaluation
from hwr.ui import first_page
from hwr.ui.evaluate.handlers import ready_set
from hwr.ui.pixels.layout import GREETING, SEED

UI = Path(__file__).parents[1] / "hwr" / "ui"
PAIRS = 5


def evaluated() -> dict[str, Any]:
    """The figures of the ready set, the map of what is read as what, and some mistakes."""
    collection = open_collection(ready_set("drawn.zip"))
    *_, found = batch.steps(collection, CharRecognizer.from_pretrained(), TextReader.from_pretrained(), workers=1)
    assert isinstance(found, Evaluation)
    assert found.characters
    buffer = io.BytesIO()
    confusion_heat_map(found.characters, "").savefig(buffer, format="png", dpi=110)
    shown = Image.open(buffer).convert("RGB")
    small = io.BytesIO()
    shown.save(small, "WEBP", quality=70, method=6)
    pairs = report.pairs_html(found).split('<div class="pair">')
    return {
        "summary": f"{found.characters['n']:,} characters that PixelWriter drew, none sorted out, read by {found.model}.",
        "figures": report.headlines(found)[:4],
        "pairs": pairs[0] + "".join(f'<div class="pair">{pair}' for pair in pairs[1 : 1 + PAIRS]),
        "map": "data:image/webp;base64," + base64.b64encode(small.getvalue()).decode(),
        "size": list(shown.size),
    }


def main() -> None:
    pixels = PixelWriter.from_pretrained()
    pixels.write(GREETING, seed=SEED).image.save(UI / "pixels" / "example.png", optimize=True)
    (UI / "evaluate" / "example.json").write_text(json.dumps(evaluated(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    first = first_page.of(PenWriter.from_pretrained(), pixels).export()
    (UI / first_page.FILE).write_text(json.dumps(first, separators=(",", ":")) + "\n", encoding="utf-8")
    for path in (UI / "pixels" / "example.png", UI / "evaluate" / "example.json", UI / first_page.FILE):
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
