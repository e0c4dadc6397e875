"""``hwr language-model``: a language model of one's own."""

from __future__ import annotations

import argparse

from hwr.charset import LANGUAGES, PRINTABLE
from hwr.cli.common import shared


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "language-model",
        help="build a language model of characters from text and word lists",
        description="Build a language model of characters, which helps to read words and lines. A source is a UTF-8 text file, or, if its "
        "name ends in .tsv, a list of words: a word, a tab and its frequency to the line. FILE=SHARE says how much a source counts, in "
        "millions of characters.",
    )
    parser.add_argument("sources", nargs="+", metavar="FILE[=SHARE]")
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the model goes")
    parser.add_argument("--order", type=int, default=6, help="characters in the longest n-gram (default: %(default)s)")
    parser.add_argument("--ngrams", type=int, default=900_000, help="how many n-grams are kept (default: %(default)s)")
    parser.add_argument(
        "--language", choices=list(LANGUAGES), help="whose letters the model knows besides printable ASCII (default: no others)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from hwr.text.language_building import build, read_text, read_words

    charset = PRINTABLE + LANGUAGES.get(options.language, "")
    sources = []
    for source in options.sources:
        path, weight = shared(source)
        sources.append((read_words if path.endswith(".tsv") else read_text)(path, weight, charset))
    model = build(sources, order=options.order, max_ngrams=options.ngrams, charset=charset)
    model.save(options.output)
    print(f"{options.output}: {len(model):,} n-grams of up to {model.order} characters.")
    return 0
