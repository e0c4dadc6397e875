"""``hwr write pen`` and ``hwr write pixels``: text in handwriting; ``hwr write --texts``: a data set of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hwr.cli.common import add_bulk_options, add_model_options, progress, text_of, where
from hwr.errors import InputError


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand, and its own two."""
    parser = commands.add_parser("write", help="write a text in handwriting, or a data set of any size")
    parser.add_argument("--texts", metavar="FILE", help="write a data set: UTF-8 file, a text to the line")
    parser.add_argument("--number", type=int, metavar="N", help="with --texts: how many rows (default: each text once)")
    parser.add_argument("--clean", action="store_true", help="with --texts: all on clean white, none as photographs")
    parser.add_argument("--seed", type=int, default=0, help="with --texts: of everything random (default: %(default)s)")
    add_bulk_options(parser, 250)
    add_model_options(parser)
    parser.set_defaults(run=run_texts)
    ways = parser.add_subparsers(metavar="HOW")

    pen = ways.add_parser("pen", help="as pen strokes")
    _add_common(pen, "SVG, PNG, WebP or GIF (animated), JSON or InkML")
    pen.add_argument("--style", type=int, default=0, metavar="N", help="number of a hand in the gallery (default: %(default)s)")
    pen.add_argument("--hand", metavar="FILE", help="SVG, InkML or JSON file with a few words in the hand to write in")
    pen.add_argument("--neatness", type=float, help="0 (as people write) to 3 (default: the package's own)")
    pen.add_argument("--pressure", type=float, default=0, help="0 to 1: how much the pen's width varies (default: %(default)s)")
    pen.add_argument("--single-line", action="store_true", help="SVG for pen plotters: hairlines only")
    pen.set_defaults(run=run_pen)

    pixels = ways.add_parser("pixels", help="as a picture, drawn row by row of pixels")
    _add_common(pixels, "PNG and the like, PDF for all pages")
    pixels.add_argument("--temperature", type=float, help="0.05 to 5: less is neater (default: the model's own)")
    pixels.add_argument("--style-image", metavar="IMAGE", help="picture of a few characters in the hand to write in")
    pixels.set_defaults(run=run_pixels)


def _add_common(parser: argparse.ArgumentParser, endings: str) -> None:
    parser.add_argument("text", nargs="?", help="what to write (or --file)")
    parser.add_argument("--file", metavar="FILE", help="write what stands in this UTF-8 text file")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help=f"its ending says what it is: {endings}")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same handwriting (default: %(default)s)")
    parser.add_argument("--size", type=int, default=24, help="height of an x in pixels (default: %(default)s)")
    parser.add_argument("--width", type=int, default=900, help="of the page in pixels (default: %(default)s)")
    parser.add_argument("--paper", default="plain", help="plain, ruled or grid (default: %(default)s)")
    parser.add_argument("--no-verify", action="store_true", help="don't read back what was written to draw that again which can't be read")
    add_model_options(parser)


def run_texts(options: argparse.Namespace) -> int:
    from hwr.bulk import writing

    if options.texts is None or options.out is None:
        raise InputError("Say how to write: pen or pixels; or, for a data set, --texts with a file and --out with a folder.")
    with progress("rows") as done:
        writing.write(
            options.texts,
            options.out,
            number=len(writing.texts_of(options.texts)) if options.number is None else options.number,
            workers=options.workers,
            size=options.shard_size,
            seed=options.seed,
            clean=options.clean,
            model=options.model,
            revision=options.revision,
            done=done,
        )
    return 0


def run_pen(options: argparse.Namespace) -> int:
    from hwr import PenWriter
    from hwr.predictors.pen import NEATNESS

    text = text_of(options)
    writer = PenWriter.from_pretrained(options.model, revision=options.revision, device=where(options))
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


def run_pixels(options: argparse.Namespace) -> int:
    from hwr import PixelWriter

    text = text_of(options)
    writer = PixelWriter.from_pretrained(options.model, revision=options.revision, device=where(options))
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
