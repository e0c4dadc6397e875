"""``hwr read``: documents, pages, lines and words."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr.charset import LANGUAGES
from hwr.cli.common import add_bulk_options, add_model_options, progress, where
from hwr.errors import InputError

if TYPE_CHECKING:
    from hwr import TextDocument, TextReader


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("read", help="read handwritten documents, pages, lines or words")
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="image, TIFF of several pages or PDF; with --out a folder, Parquet, .tar or Hub data set"
    )
    parser.add_argument("--line", action="store_true", help="each image is one line or one word: don't look for lines")
    parser.add_argument("--words", metavar="FILE", help="text file with the only words that can be read")
    parser.add_argument("--no-language-model", action="store_true", help="read letter by letter")
    parser.add_argument("--language", choices=list(LANGUAGES), help="of the language model (default: whichever the text seems to be in)")
    add_model_options(parser)
    parser.add_argument(
        "--format",
        metavar="FORMAT",
        help="text, markdown, json, alto, page (PAGE-XML), hocr or pdf (searchable); default: what the ending of the output says, or text",
    )
    parser.add_argument("-o", "--output", metavar="PATH", help="file to write; of several files the folder to write into; default: print")
    parser.add_argument("--json", action="store_true", help="print one JSON list of what all files say")
    add_bulk_options(parser, 500)
    parser.add_argument("--split", help="with --out: of a Hub data set, or what the names of a folder's Parquet files begin with")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.out is not None:
        return _run_bulk(options)
    from hwr import TextReader
    from hwr.text.formats.plain import exported

    targets = _targets(options)
    words = _words(options.words)
    reader = TextReader.from_pretrained(options.model, revision=options.revision, device=where(options))
    settings = {"language_model": not options.no_language_model, "words": words, "language": options.language}
    told = []
    failed = False
    for (path, document, error), target in zip(_read(reader, options.files, options.line, settings), targets, strict=True):
        failed |= error is not None
        if options.json:
            failure = {"text": "", "confidence": 0.0, "lines": [], "error": error}
            told.append({"file": path} | (exported(document) if error is None else failure))
            continue
        if options.output is None and len(targets) > 1:
            print(f"--- {path}")
        for number, page in enumerate(document.pages, start=1):
            if page.error and error is None:
                print(f"hwr: {path}, page {number}: {page.error}", file=sys.stderr)
        if error is not None:
            print(f"hwr: {path}: {error}", file=sys.stderr)
        elif target is not None:
            print(*document.save(target, options.format), sep="\n")
        elif options.format in (None, "text"):
            print(document.text)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(document.to(options.format))
    if options.json:
        print(json.dumps(told, indent=2))
    return int(failed)


def _run_bulk(options: argparse.Namespace) -> int:
    from hwr.bulk import reading

    if len(options.files) != 1 or options.output or options.json or options.format:
        raise InputError("With --out there is one folder, Parquet file, .tar or Hub data set to read, and no -o, --json or --format.")
    with progress("rows") as done:
        shards = reading.read(
            options.files[0],
            options.out,
            workers=options.workers,
            size=options.shard_size,
            split=options.split,
            model=options.model,
            revision=options.revision,
            device=where(options),
            line=options.line,
            settings={
                "language_model": not options.no_language_model,
                "words": _words(options.words),
                "language": options.language,
            },
            done=done,
        )
    if (found := reading.scores(shards)) is not None:
        print(f"CER {found['cer']:.4f}, WER {found['wer']:.4f} over {found['n']:,.0f} rows with a label.")
    return 0


def _targets(options: argparse.Namespace) -> list[Path | None]:
    """The file that each input is written to; None: it is printed.

    Raises:
        InputError: the options don't go together.
    """
    from hwr.text.formats import FORMATS, format_of

    if options.format is not None and options.format not in FORMATS:
        raise InputError(f"There is no format {options.format}. Use one of {', '.join(FORMATS)}.")
    if options.json and (options.format or options.output):
        raise InputError("--json prints one list of what all files say; for files of a format use --format and -o without it.")
    if options.output is None:
        if len(options.files) > 1 and options.format not in (None, "text"):
            raise InputError(f"Say with -o which folder the {FORMATS[options.format].title} files go into.")
        return [None] * len(options.files)
    output = Path(options.output).expanduser()
    if len(options.files) == 1 and not output.is_dir():
        if options.format is None:
            format_of(output)
        return [output]
    if output.suffix and not output.is_dir():
        raise InputError(f"{output} is to hold {len(options.files)} files: name a folder.")
    ending = FORMATS[options.format or "text"].ending
    options.format = options.format or "text"
    targets = [output / f"{Path(path).stem}{ending}" for path in options.files]
    if len(set(targets)) < len(targets):
        raise InputError("Two of the files have the same name but for the folder or the ending. Read them one by one.")
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"The folder {output} can't be made: {error}") from error
    return list(targets)


def _words(path: str | None) -> list[str]:
    """The words of a list."""
    from hwr.text.grammar import word_list

    if path is None:
        return []
    try:
        words = word_list(Path(path).expanduser().read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(f"The word list {path} can't be read as UTF-8 text: {error}") from error
    if not words:
        raise InputError(f"There is no word in {path}.")
    return words


def _read(reader: TextReader, paths: list[str], line: bool, settings: dict[str, Any]) -> Iterator[tuple[str, TextDocument, str | None]]:
    """Each file's path, what stands in it, and why that is nothing."""
    from tqdm import tqdm

    from hwr import TextDocument

    for path in paths:
        try:
            if line:
                yield path, TextDocument((reader.read_line(path, **settings),)), None
                continue
            with tqdm(desc=Path(path).name, unit="page", leave=False, disable=None) as bar:
                document = TextDocument()
                for step in reader.stream(path, **settings):
                    document = step.document
                    bar.total = step.pages
                    bar.update(len(document.pages) - bar.n)
            document.check()
            yield path, document, None
        except InputError as error:
            yield path, TextDocument(), str(error)
