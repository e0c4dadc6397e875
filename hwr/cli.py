"""The console command ``hwr``: one function per subcommand, which imports what it needs, so that help comes at once."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from hwr.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Args:
        arguments: the words after ``hwr``; None: those of the process.

    Returns:
        Exit code: 0 done; 1 done, but some of several inputs could not be used; 2 not done.
    """
    options = _parser().parse_args(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # file names may hold what the terminal's encoding lacks
    try:
        return options.run(options)
    except InputError as error:
        print(f"hwr: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hwr", description="Handwriting recognition and generation with recurrent networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    recognize = commands.add_parser("recognize", help="read images of one handwritten character each")
    recognize.add_argument("images", nargs="+", metavar="IMAGE", help="image file")
    recognize.add_argument("--top-k", type=int, default=5, metavar="K", help="how many classes to print per image (default: %(default)s)")
    recognize.add_argument("--model", metavar="MODEL", help="folder or Hub repository of a model (default: the best of the shipped ones)")
    recognize.add_argument("--revision", help="branch, tag or commit of the Hub repository")
    recognize.add_argument("--json", action="store_true", help="print one JSON list")
    recognize.set_defaults(run=_recognize)

    read = commands.add_parser("read", help="read images of handwritten pages, lines or words")
    read.add_argument("images", nargs="+", metavar="IMAGE", help="image file")
    read.add_argument("--line", action="store_true", help="each image is one line or one word: don't look for lines")
    read.add_argument("--words", metavar="FILE", help="text file with the only words that can be read")
    read.add_argument("--no-language-model", action="store_true", help="read letter by letter")
    read.add_argument("--model", metavar="MODEL", help="folder or Hub repository of a model (default: the best of the shipped ones)")
    read.add_argument("--revision", help="branch, tag or commit of the Hub repository")
    read.add_argument("--json", action="store_true", help="print one JSON list")
    read.set_defaults(run=_read)

    write = commands.add_parser("write", help="write a text in handwriting")
    write.add_argument("text", nargs="?", help="what to write (or --file)")
    write.add_argument("--file", metavar="FILE", help="write what stands in this UTF-8 text file")
    how = write.add_mutually_exclusive_group(required=True)
    how.add_argument("--pixels", dest="run", action="store_const", const=_write_pixels, help="as a picture, drawn row by row of pixels")
    how.add_argument("--pen", dest="run", action="store_const", const=_write_pen, help="as pen strokes")
    write.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FILE",
        help="its ending says what it is: PNG and the like, PDF for all pages; of a pen SVG, PNG, WebP or GIF (animated), JSON, InkML",
    )
    write.add_argument("--seed", type=int, default=0, help="the same seed gives the same handwriting (default: %(default)s)")
    write.add_argument("--temperature", type=float, help="0.05 to 5: less is neater (default: the model's own)")
    write.add_argument("--style-image", metavar="IMAGE", help="picture of a few characters in the hand to write in")
    pen = write.add_argument_group("with a pen")
    pen.add_argument("--style", type=int, default=0, metavar="N", help="number of a hand in the gallery (default: %(default)s)")
    pen.add_argument("--hand", metavar="FILE", help="SVG, InkML or JSON file with a few words in the hand to write in")
    pen.add_argument("--neatness", type=float, help="0 (as people write) to 3 (default: the package's own)")
    pen.add_argument("--pressure", type=float, default=0, help="0 to 1: how much the pen's width varies (default: %(default)s)")
    pen.add_argument("--single-line", action="store_true", help="SVG for pen plotters: hairlines only")
    write.add_argument("--size", type=int, default=24, help="height of an x in pixels (default: %(default)s)")
    write.add_argument("--width", type=int, default=900, help="of the page in pixels (default: %(default)s)")
    write.add_argument("--paper", default="plain", help="plain, ruled or grid (default: %(default)s)")
    write.add_argument("--no-verify", action="store_true", help="don't read characters back to draw those again that can't be read")
    write.add_argument("--model", metavar="MODEL", help="folder or Hub repository of a model (default: the best of the shipped ones)")
    write.add_argument("--revision", help="branch, tag or commit of the Hub repository")

    evaluate = commands.add_parser(
        "evaluate",
        help="how well a model reads a collection of labelled images, and where it goes wrong",
        description="How well a model reads a collection of labelled images, and where it goes wrong. SOURCE is a zip archive, a folder "
        "(of class folders, or with labels.csv), a Parquet file or a folder of them, an IDX file of images, or a Hub data set.",
    )
    evaluate.add_argument("source", metavar="SOURCE")
    evaluate.add_argument("--model", metavar="MODEL", help="folder or Hub repository of a CharLSTM (default: the best of the shipped ones)")
    evaluate.add_argument("--against", metavar="MODEL", help="another one to compare with")
    evaluate.add_argument("--labels", default="auto", help="characters, emnist, names or hex (default: what nearly all labels fit)")
    evaluate.add_argument("--config", help="configuration of a Hub data set")
    evaluate.add_argument("--split", help="of a Hub data set, or of Parquet files by their names")
    evaluate.add_argument("--image-column", help="of a table (default: image)")
    evaluate.add_argument("--label-column", help="of a table (default: label, text ...)")
    evaluate.add_argument("--limit", type=int, help="only so many, from the beginning")
    evaluate.add_argument("--report", metavar="FOLDER", help="write report.html, report.pdf, predictions.csv and metrics.json there")
    evaluate.set_defaults(run=_evaluate)

    dataset = commands.add_parser(
        "dataset",
        help="make an upright Parquet data set from an archive of EMNIST Balanced",
        description="Make an upright Parquet data set, which train.py and the library 'datasets' read, from an archive of EMNIST Balanced.",
    )
    dataset.add_argument("source", metavar="SOURCE", help="NIST's gzip.zip, Kaggle's crawford/emnist as zip, or a folder with their files")
    dataset.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the data set goes: a new or an empty folder")
    dataset.add_argument("--push-to-hub", metavar="REPO", help="then push it to this Hub repository (user/name)")
    dataset.set_defaults(run=_dataset)

    language = commands.add_parser(
        "language-model",
        help="build a language model of characters from text and word lists",
        description="Build a language model of characters, which helps to read words and lines. A source is a UTF-8 text file, or, if its "
        "name ends in .tsv, a list of words: a word, a tab and its frequency to the line. FILE=SHARE says how much a source counts, in "
        "millions of characters.",
    )
    language.add_argument("sources", nargs="+", metavar="FILE[=SHARE]")
    language.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the model goes")
    language.add_argument("--order", type=int, default=6, help="characters in the longest n-gram (default: %(default)s)")
    language.set_defaults(run=_language_model)
    return parser


def _recognize(options: argparse.Namespace) -> int:
    from hwr import CharRecognizer

    recognizer = CharRecognizer.from_pretrained(options.model, revision=options.revision)
    predictions = recognizer.predict_batch(options.images, options.top_k)
    if options.json:
        listed = [{"file": path} | prediction.export() for path, prediction in zip(options.images, predictions, strict=True)]
        print(json.dumps(listed, indent=2))
    else:
        for path, prediction in zip(options.images, predictions, strict=True):
            line = prediction.error or "   ".join(f"{char} {probability:.1%}" for char, probability in prediction)
            alike = f"   ({prediction.char} and {prediction.look_alike} look alike)" if prediction.look_alike else ""
            print(f"{path}: {line}{alike}")
    return int(any(prediction.error for prediction in predictions))


def _read(options: argparse.Namespace) -> int:
    from pathlib import Path

    from hwr import TextReader
    from hwr.predictors.text import word_list

    words: list[str] = []
    if options.words:
        try:
            words = word_list(Path(options.words).expanduser().read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise InputError(f"The word list {options.words} can't be read as UTF-8 text: {error}") from error
        if not words:
            raise InputError(f"There is no word in {options.words}.")
    reader = TextReader.from_pretrained(options.model, revision=options.revision)
    results = reader.read_batch(options.images, line=options.line, language_model=not options.no_language_model, words=words)
    if options.json:
        print(json.dumps([{"file": path} | result.export() for path, result in zip(options.images, results, strict=True)], indent=2))
    else:
        for path, result in zip(options.images, results, strict=True):
            if len(results) > 1:
                print(f"--- {path}")
            print(result.text, end="\n" if result.text else "")
            if result.error:
                print(f"hwr: {path}: {result.error}", file=sys.stderr)
    return int(any(result.error for result in results))


def _text_of(options: argparse.Namespace) -> str:
    """The text to write."""
    from pathlib import Path

    if (options.text is None) == (options.file is None):
        raise InputError("Say what to write: a text, or --file with a text file.")
    if options.file is None:
        return options.text
    try:
        return Path(options.file).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError(f"The text {options.file} can't be read as UTF-8: {error}") from error


def _write_pixels(options: argparse.Namespace) -> int:
    from hwr import PixelWriter

    text = _text_of(options)
    writer = PixelWriter.from_pretrained(options.model, revision=options.revision)
    written = writer.write(
        text,
        seed=options.seed,
        temperature=options.temperature,
        style_image=options.style_image,
        verify=not options.no_verify,
        size=options.size,
        width=options.width,
        paper=options.paper,
    )
    for path in written.save(options.output):
        print(path)
    for sentence in written.report.sentences():
        print(sentence, file=sys.stderr)
    return 0


def _write_pen(options: argparse.Namespace) -> int:
    from pathlib import Path

    from hwr import PenWriter
    from hwr.predictors.pen import NEATNESS

    text = _text_of(options)
    writer = PenWriter.from_pretrained(options.model, revision=options.revision)
    ink = writer.write(
        text,
        style=writer.encode(options.hand) if options.hand else options.style,
        neatness=NEATNESS if options.neatness is None else options.neatness,
        seed=options.seed,
        verify=not options.no_verify,
        size=options.size,
        width=options.width,
        paper=options.paper,
        pressure=options.pressure,
    )
    print(ink.save(Path(options.output), single_line=options.single_line))
    for sentence in ink.report.sentences():
        print(sentence, file=sys.stderr)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    import os
    from pathlib import Path

    import torch
    from tqdm import tqdm

    from hwr import CharRecognizer, TextReader, batch, report
    from hwr.data.collections import open_collection

    torch.set_num_threads(1)  # the chunks run side by side
    collection = open_collection(
        options.source,
        config=options.config,
        split=options.split,
        image_column=options.image_column,
        label_column=options.label_column,
        limit=options.limit,
    )
    recognizer = CharRecognizer.from_pretrained(options.model)
    against = CharRecognizer.from_pretrained(options.against) if options.against else None
    with tqdm(total=collection.total, unit="image", desc="reading", disable=not os.isatty(2)) as bar:
        for step in batch.steps(collection, recognizer, TextReader.from_pretrained(), against=against, labels=options.labels):
            if isinstance(step, batch.Progress):
                bar.update(step.done - bar.n)
    assert isinstance(step, batch.Evaluation)
    print(report.summary(step))
    for figure in report.headlines(step):
        print(f"{figure['name']}: {figure['value']}  {figure['note']}".rstrip())
    if step.comparison:
        print(report.compared(step))
    for row in (step.characters or {}).get("confusions", [])[:10]:
        print(f"  {row['truth']} read as {row['read_as']}: {row['count']:,} ({row['share']:.1%})")
    for name, reason in step.skipped[:20]:
        print(f"left out: {name}: {reason}", file=sys.stderr)
    if len(step.skipped) > 20:
        print(f"left out: {len(step.skipped) - 20:,} more", file=sys.stderr)
    if options.report:
        for path in report.save_all(step, Path(options.report).expanduser()):
            print(path)
    return 0


def _dataset(options: argparse.Namespace) -> int:
    from hwr.data import nist
    from hwr.hub import check_repo_id

    if options.push_to_hub:
        check_repo_id(options.push_to_hub)
    counts = nist.convert(options.source, options.output)
    print(f"{options.output}: {', '.join(f'{count:,} images in {split}' for split, count in counts.items())}.")
    if options.push_to_hub:
        print(f"Pushed to {nist.push(options.output, options.push_to_hub)}")
    return 0


def _language_model(options: argparse.Namespace) -> int:
    from hwr.language import build, read_text, read_words

    sources = []
    for source in options.sources:
        path, _, share = source.rpartition("=")
        path, share = (path, share) if path else (source, "1")
        try:
            weight = float(share)
        except ValueError:
            weight = 0.0
        if not 0 < weight < 1e6:
            raise InputError(f"The share of {path} must be a number above 0, not {share!r}.")
        sources.append((read_words if path.endswith(".tsv") else read_text)(path, weight))
    model = build(sources, order=options.order)
    model.save(options.output)
    print(f"{options.output}: {len(model):,} n-grams of up to {model.order} characters.")
    return 0
