"""Text and words of English, German, French, Spanish, Italian and Dutch: ``python benchmarks/language_texts.py PACKAGES -o FOLDER``.

PACKAGES is a folder in which these are unpacked: Debian's ``debian-handbook`` and ``gnome-user-docs`` (their translations are running text,
CC BY-SA 3.0), ``wngerman`` (which German words begin with a capital) and PyPI's ``wordfreq`` (frequencies, CC BY-SA 4.0). English running
text is a file, a paragraph to the line. Of each language there come out ``de.txt``, sentences, and ``de.tsv``, words with frequencies; what
no list has, dates, addresses, sums and abbreviations, is made up and stands in ``de-made-up.txt``. What the pen writes
(``hwr dataset written``) and what the language models learn (``hwr language-model``) is made of them. Needs ``pip install babel msgpack``.
"""

import argparse
import gzip
import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from hwr.charset import readable

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
WORDS = 60_000
"""Words of a list; the rarest of them occurs about once in ten million."""
LONGEST_SENTENCE = 300
KNOWN = 0.75
"""Share of a sentence's words that must be common in its language, and more than are common in English: translations have gaps."""
MADE_UP = 4000
"""Texts of each language that are made up."""
STREETS = {
    "en": ("{n} {name} Street", "{n} {name} Road", "{n} {name} Avenue"),
    "de": ("{name}straße {n}", "{name}weg {n}", "Am {name} {n}", "{name}platz {n}"),
    "fr": ("{n}, rue {name}", "{n} bis, rue de {name}", "{n}, avenue {name}", "{n}, allée {name}"),
    "es": ("Calle {name}, {n}", "Avda. {name}, {n}", "Plaza {name}, {n}, 2º izq."),
    "it": ("Via {name}, {n}", "Viale {name} {n}", "Piazza {name}, {n}"),
    "nl": ("{name}straat {n}", "{name}laan {n}", "{name}weg {n}", "{name}gracht {n}"),
}
ABBREVIATIONS = {
    "en": "e.g. i.e. etc. Mr. Mrs. Ms. Dr. Prof. St. Ave. p.m. a.m. No. vs. approx. Jan. Feb. Sept. Dec. Ltd. Inc. P.S. c/o R.S.V.P.",
    "de": "z.B. d.h. u.a. usw. bzw. ca. Dr. Prof. Hr. Fr. Str. Nr. Tel. inkl. zzgl. ggf. evtl. geb. gest. s.o. vgl. MfG GmbH e.V. Mo. Di.",
    "fr": "p.ex. c.-à-d. etc. M. Mme Mlle Dr Me St Ste bd. av. n° tél. env. cf. s.v.p. janv. févr. juil. déc. S.A. P.-S.",
    "es": "p.ej. etc. Sr. Sra. Srta. Dr. Dra. D. Dña. Ud. Uds. n.º pág. tel. aprox. avda. c/ ene. feb. dic. S.A. P.D. EE.UU.",
    "it": "p.es. ecc. Sig. Sig.ra Dott. Prof. Avv. n° pag. tel. ca. gen. feb. dic. S.p.A. S.r.l. P.S. c.a.p. gent.mo",
    "nl": "bijv. d.w.z. enz. o.a. dhr. mevr. dr. prof. nr. tel. ca. i.v.m. m.b.t. t/m jl. blz. jan. febr. dec. B.V. N.V. P.S.",
}
_TAG = re.compile(r"<[^>]+>")
_BLOCK = re.compile(r'<(?:div class="para"|p)(?: [^>]*)?>(.*?)</(?:div|p)>', re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?:»”])\s+(?=[^\W\d_]|[«„“¿¡])")


def frequencies(packages: Path, language: str) -> Counter[str]:
    """The commonest words of a language, small letters as in the list; of 1e9 words so many."""
    import msgpack

    names = (f"large_{language}.msgpack.gz", f"small_{language}.msgpack.gz")
    path = next(path for name in names for path in packages.rglob(name))
    _, *buckets = msgpack.unpackb(gzip.decompress(path.read_bytes()), raw=False)
    counts: Counter[str] = Counter()
    for centibels, words in enumerate(buckets):
        for word in words:
            if len(counts) < WORDS and _is_word(word):
                counts[readable(word)] += max(1, round(1e9 * 10 ** (-centibels / 100)))
    return counts


def _is_word(word: str) -> bool:
    return len(word) < 30 and all(char.isalpha() or char in "'’-" for char in word) and readable(word) != ""


def as_written(counts: Counter[str], listed: set[str]) -> Counter[str]:
    """The words as they are written: with a capital, or with ß for the ss of the frequencies, where a list has them so only."""
    found: Counter[str] = Counter()
    sharp = {word.replace("ß", "ss").lower(): word.lower() for word in listed if "ß" in word}
    known = {word.lower() for word in listed}
    for word, count in counts.items():
        word = sharp.get(word, word) if word not in known else word
        large = word[:1].upper() + word[1:]
        found[large if large in listed and word not in listed else word] += count
    return found


def names_in(lines: Iterable[str], common: Counter[str]) -> Counter[str]:
    """How often words that begin with a capital amid a sentence do so: those that do more often than not are written so."""
    large, small = Counter(), Counter()
    for line in lines:
        for word in re.findall(r"(?<=[a-zß-ÿ,] )[^\W\d_]+", line):
            (large if word[0].isupper() else small)[word.lower()] += 1
    return Counter({word: count for word, count in large.items() if count > small[word] and word in common})


def sentences(packages: Path, language: str) -> Iterator[str]:
    """Sentences of the translated manuals, without markup."""
    books = [*packages.rglob(f"debian-handbook/html/{language}-*/*.html"), *packages.rglob(f"share/help/{language}/**/*.page")]
    for path in sorted(books):
        for block in _BLOCK.findall(path.read_text(encoding="utf-8")):
            plain = " ".join(html.unescape(_TAG.sub("", block)).split())
            yield from _SENTENCE.split(plain)


def prose(path: Path) -> Iterator[str]:
    """Sentences of a file of paragraphs."""
    for paragraph in path.read_text(encoding="utf-8").splitlines():
        yield from _SENTENCE.split(paragraph)


def in_language(lines: Iterable[str], common: Counter[str], english: Counter[str] | None) -> list[str]:
    """The lines, made readable, each once, that are of a language and not, by a gap in the translation, English."""
    kept: dict[str, None] = {}
    for line in map(readable, lines):
        words = re.findall(r"[^\W\d_]+", line.lower())
        if len(words) < 3 or len(line) > LONGEST_SENTENCE or re.search(r"[<>{}\\|_]|://|\.\w{2,4}/", line):
            continue
        share = sum(word in common for word in words) / len(words)
        if share >= KNOWN and (english is None or share > sum(word in english for word in words) / len(words)):
            kept[line] = None
    return list(kept)


def made_up(language: str, words: Counter[str], seed: int) -> list[str]:
    """Dates, times, sums of money, addresses, telephone numbers, quoted and bracketed words, abbreviations."""
    from babel.dates import format_date
    from babel.numbers import format_currency, format_decimal

    rng = np.random.default_rng(seed)
    common = [word for word, _ in words.most_common(20_000) if len(word) > 3]
    quotes = {"de": "„{}“", "fr": "« {} »", "es": "«{}»", "it": "«{}»", "nl": "“{}”", "en": "“{}”"}[language]
    opened = {"es": ("¿{}?", "¡{}!")}.get(language, ("{}?", "{}!"))
    texts: list[str] = []
    while len(texts) < MADE_UP:
        a, b, c, d = (int(value) for value in rng.integers(0, 1000, 4))
        word, other = (common[int(rng.integers(len(common)))] for _ in range(2))
        name = word[:1].upper() + word[1:]
        day = date(1930, 1, 1) + timedelta(days=int(rng.integers(36_000)))
        currency = str(rng.choice(["EUR", "EUR", "EUR", "USD", "GBP"]))
        choices = (
            format_date(day, str(rng.choice(["short", "medium", "long", "full"])), locale=language),
            format_currency(a + b / 100, currency, locale=language),
            f"{format_decimal(a + b / 1000, locale=language)} %",
            f"{c % 24}:{d % 60:02d}", f"{c % 24}.{d % 60:02d}", f"{c % 24} h {d % 60:02d}", f"{a}–{a + b}", f"{a % 40} °C", f"§ {a}",
            str(rng.choice(list(STREETS[language]))).format(name=name, n=1 + d % 200),
            f"{10_000 + 37 * b + c} {name}", f"{1000 + 7 * b} {'AB' if d % 2 else 'XZ'} {name}", f"0{a} / {b:03d} {c:03d}",
            f"+{30 + d % 20} {a} {b:03d} {c:03d}", f"{a % 13} × {b % 13} = {(a % 13) * (b % 13)}", f"{a},{b % 100:02d}", f"{a}.{b:03d}",
            quotes.format(word), quotes.format(f"{name} {other}"), f"({word})", f"{word}-{other}", f"{word}/{other}", f"{word.upper()}",
            opened[0].format(name), opened[1].format(name), str(rng.choice(ABBREVIATIONS[language].split())), f"{name}:", f"{word};",
            f"{word},", f"{word}.", f"{a}.", f"{a % 30})", f"{word}…", f"– {word}", f"{word} & {other}", f"{name} {a}", f"n° {a}",
        )  # fmt: skip
        texts.append(readable(choices[int(rng.integers(len(choices)))]))
    return [text for text in texts if text]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", type=Path)
    parser.add_argument("--english", type=Path, required=True, help="running text in English, a paragraph to the line")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    german = set(next(arguments.packages.rglob("dict/ngerman")).read_text(encoding="utf-8").split())
    english = frequencies(arguments.packages, "en")
    for number, language in enumerate(LANGUAGES):
        common = frequencies(arguments.packages, language)
        lines = prose(arguments.english) if language == "en" else sentences(arguments.packages, language)
        text = in_language(lines, common, None if language == "en" else english)
        words = as_written(common, german if language == "de" else {word.capitalize() for word in names_in(text, common)})
        (arguments.output / f"{language}.txt").write_text("\n".join(text) + "\n", encoding="utf-8")
        (arguments.output / f"{language}.tsv").write_text("".join(f"{w}\t{n}\n" for w, n in words.items()), encoding="utf-8")
        (arguments.output / f"{language}-made-up.txt").write_text("\n".join(made_up(language, words, number)) + "\n", encoding="utf-8")
        print(f"{language}: {len(text):,} sentences, {sum(map(len, text)):,} characters; {len(words):,} words")


if __name__ == "__main__":
    main()
