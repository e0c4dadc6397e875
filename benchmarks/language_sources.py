"""Text and word lists for the shipped language model: ``python benchmarks/language_sources.py PACKAGES -o FOLDER``.

PACKAGES is a folder in which these are unpacked (``weights/language-model/README.md`` says how): Debian's ``wamerican``, ``wordnet-base``
and ``python3.11-doc``, PyPI's ``symspellpy`` and ``names``. ``hwr language-model`` makes the model of what comes out.
"""

import argparse
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from hwr.charset import PRINTABLE

WORD_LISTS = {"english.tsv": 1.5, "names.tsv": 0.2, "dictionary.tsv": 0.6, "numbers.tsv": 0.1, "symbols.tsv": 0.05}
TEXTS = {"glosses.txt": 1.0, "manual.txt": 0.3}
"""What is written, and its share in the model."""


def english(packages: Path) -> tuple[Counter, Counter]:
    """Words of English books with their frequency, proper names capitalised; and all words of a dictionary."""
    listed = set(_find(packages, "american-english").read_text(encoding="utf-8").split())
    counts: Counter[str] = Counter()
    for line in _find(packages, "frequency_dictionary_en_82_765.txt").read_text(encoding="utf-8-sig").splitlines():
        word, count = line.split()
        counts[word.capitalize() if word.capitalize() in listed and word not in listed else word] = int(count)
    return counts, Counter(word for word in listed if word.isascii())


def names(packages: Path) -> Counter:
    """First and last names of the US census of 1990, with their frequency."""
    counts: Counter[str] = Counter()
    for name in ("dist.all.last", "dist.female.first", "dist.male.first"):
        for line in _find(packages, name).read_text().splitlines():
            if line.strip():
                word, share, *_ = line.split()
                counts[word.capitalize()] += max(1, round(1000 * float(share)))
    return counts


def numbers() -> Counter:
    """Numbers, prices, dates, times, telephone numbers: no list has them."""
    draw = np.random.default_rng(0)
    counts: Counter[str] = Counter({str(digit): 30 for digit in range(10)})
    for length, how_many in ((2, 600), (3, 1500), (4, 3000), (5, 2000), (6, 700), (7, 700)):
        counts.update(f"{number:0{length}d}" for number in draw.integers(0, 10**length, how_many).tolist())
    counts.update({str(year): 5 for year in range(1900, 2030)})
    for _ in range(1500):
        a, b, c, d = (int(value) for value in draw.integers(0, 1000, 4))
        for text in (
            f"{a % 12 + 1}:{b % 60:02d}", f"{a % 12 + 1}/{b % 31 + 1}/{c % 100:02d}", f"${a}.{b % 100:02d}", f"{a},{b:03d}", f"{a % 100}%",
            f"({a:03d}) {b:03d}-{c:03d}{d % 10}", f"{a}.{b % 100}", f"{a % 31 + 1}.", f"{a % 100}-{b % 100}", f"({a % 100})", f"#{a % 100}",
        ):  # fmt: skip
            counts[text] += 1
    return counts


def glosses(packages: Path) -> list[str]:
    """Definitions and example sentences of WordNet."""
    lines = []
    for part in ("noun", "verb", "adj", "adv"):
        for line in _find(packages, f"data.{part}").read_text().splitlines():
            _, bar, gloss = line.partition("|")
            if bar:
                lines += [text.strip().strip('"') for text in re.split(r'; (?=")', gloss)]
    return lines


def manual(packages: Path) -> list[str]:
    """Prose of Python's documentation: sentences, with their capitals and punctuation."""
    lines = []
    for path in sorted(_find(packages, "_sources").rglob("*.rst.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            plain = re.sub(r":[\w:]+:`~?([^`<]*)[^`]*`|[`*|]", r"\1", line).strip()
            if len(plain.split()) > 4 and re.match(r"[A-Za-z(\"]", plain) and "::" not in plain:
                lines.append(plain)
    return lines


def _find(packages: Path, name: str) -> Path:
    return next(path for path in sorted(packages.rglob(name)) if path.exists())


def _write(path: Path, counts: Mapping[str, int]) -> None:
    path.write_text("".join(f"{word}\t{count}\n" for word, count in counts.items()), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    common, dictionary = english(arguments.packages)
    symbols = Counter({char: 1 for char in PRINTABLE if not char.isalnum() and char != " "})
    lists = (common, names(arguments.packages), dictionary, numbers(), symbols)
    for name, counts in zip(WORD_LISTS, lists, strict=True):
        _write(arguments.output / name, counts)
    for name, lines in zip(TEXTS, (glosses(arguments.packages), manual(arguments.packages)), strict=True):
        (arguments.output / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    sources = " ".join(f"{arguments.output / name}={share:g}" for name, share in (WORD_LISTS | TEXTS).items())
    print(f"hwr language-model {sources} -o weights/language-model")


if __name__ == "__main__":
    main()
