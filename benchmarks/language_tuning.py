"""How much the language model counts, and when it is another language's: ``python benchmarks/language_tuning.py WRITTEN [MODEL]``.

Everything on validation: UNIPEN's writers, and texts of six languages that the pen wrote in their hands (``hwr dataset written``).
Prints how often the language is found for margins (``hwr.text.languages.MARGIN``), then the errors for weights
(``hwr.text.beam.LANGUAGE_WEIGHT``) and bonuses (``LENGTH_BONUS``).
"""

import argparse
import itertools
import os
from collections import defaultdict
from typing import Any

import numpy as np
from tqdm import tqdm

from hwr import TextReader
from hwr.data import unipen as ink_data
from hwr.data.lines import usable
from hwr.evaluation.metrics import text_metrics
from hwr.text import languages as finding
from hwr.text.beam import beam_search
from hwr.text.ctc import greedy
from hwr.training.recipes.line_data import drawn

WEIGHTS, BONUSES, MARGINS = (0.4, 0.6, 0.8, 1.0), (0.9, 1.6, 2.2, 3.0), (0.0, 3.0, 6.0, 10.0, 15.0)
WORDS, LINES = 300, 80


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("written")
    parser.add_argument("model", nargs="?")
    arguments = parser.parse_args()
    reader = TextReader.from_pretrained(arguments.model)
    assert reader.languages is not None
    ink = os.path.join(os.environ["HWR_DATASETS"], "unipen-ink")
    sets = {kind: drawn(ink, "validation", kind, limit=limit) for kind, limit in (("word", WORDS), ("line", LINES))}
    emitted = {kind: reader.network.emissions(found.images) for kind, found in sets.items()}
    margins(reader, sets, emitted, arguments.written)
    model = reader.languages.models["en"]
    for weight, bonus in itertools.product(WEIGHTS, BONUSES):
        if not 1.5 <= bonus / weight <= 4.5:  # the bonus makes up for what the model takes
            continue
        options: dict[str, Any] = {"language_model": model, "language_weight": weight, "length_bonus": bonus, "n_best": 1}
        errors = {}
        for kind, found in sets.items():
            said = [beam_search(log_probs, reader.charset, **options)[0].text for log_probs in emitted[kind]]
            errors[kind] = text_metrics(found.texts, said)["cer"]
        print(f"weight {weight}, bonus {bonus}: " + ", ".join(f"{kind}s {cer:.4f}" for kind, cer in errors.items()), flush=True)


def margins(reader: TextReader, sets: dict, emitted: dict, written: str) -> None:
    """Share of texts whose language is found, by margin: real ones are English, so far as anybody knows."""
    languages = reader.languages
    assert languages is not None
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind in sets:
        said[f"real {kind}s"] = [("en", greedy(log_probs, reader.charset)) for log_probs in emitted[kind]]
        samples = usable(ink_data.load(written, "validation", kind), reader.charset)
        chosen = np.linspace(0, len(samples) - 1, min(len(samples), 2 * LINES)).astype(int)
        found = drawn(written, "validation", kind, limit=2 * LINES, charset=reader.charset)
        for index, log_probs in zip(chosen, tqdm(reader.network.emissions(found.images)), strict=True):
            said[f"written {kind}s"].append((samples.contributors[index][:2], greedy(log_probs, reader.charset)))
    for margin in MARGINS:
        finding.MARGIN = margin
        shares = {what: np.mean([languages.likeliest([text]) == code for code, text in texts]) for what, texts in said.items()}
        print(f"margin {margin}: found " + ", ".join(f"{what} {share:.3f}" for what, share in shares.items()), flush=True)


if __name__ == "__main__":
    main()
