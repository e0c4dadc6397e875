"""``hwr dataset``: data sets from the archives that they are distributed in, and one that the pen writes."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hwr.cli.common import shared
from hwr.errors import InputError
from hwr.system.staging import check_free


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand, and its own two."""
    parser = commands.add_parser(
        "dataset", help="make a Parquet data set, which train.py reads: of an official archive, or written by the pen"
    )
    kinds = parser.add_subparsers(required=True, metavar="KIND")
    emnist = kinds.add_parser("emnist", help="scanned characters: EMNIST Balanced, made upright")
    emnist.add_argument(
        "source", nargs="?", help="NIST's gzip.zip, Kaggle's crawford/emnist as zip, or a folder with their files (default: download it)"
    )
    _add_common(emnist)
    emnist.set_defaults(run=run_emnist)
    unipen = kinds.add_parser("unipen", help="pen trajectories: UNIPEN train_r01_v07, split by writer")
    unipen.add_argument(
        "source", nargs="?", help="the archive (zip or tar), or a folder into which it was unpacked (default: download it from Zenodo)"
    )
    _add_common(unipen)
    unipen.set_defaults(run=run_unipen)
    written = kinds.add_parser("written", help="words and lines of any texts, written by the pen in the hands of an ink data set's writers")
    written.add_argument("texts", nargs="+", metavar="FILE[=SHARE]", help="UTF-8 texts, or lists of words with frequencies (.tsv)")
    written.add_argument("--ink", required=True, metavar="DATASET", help="whose hands: Hub repo id or folder; each split's in that split")
    written.add_argument("--words", type=int, default=40_000, help="how many (default: %(default)s)")
    written.add_argument("--lines", type=int, default=6_000, help="how many (default: %(default)s)")
    written.add_argument("--seed", type=int, default=0, help="of everything random (default: %(default)s)")
    written.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the data set goes: a new or an empty folder")
    written.set_defaults(run=run_written)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", required=True, metavar="FOLDER", help="where the data set goes: a new or an empty folder")
    parser.add_argument("--push-to-hub", metavar="REPO", help="then push it to this Hub repository (user/name)")


def run_emnist(options: argparse.Namespace) -> int:
    from hwr.data import downloads, emnist_archive, emnist_conversion
    from hwr.hub.pushing import check_repo_id

    if options.push_to_hub:
        check_repo_id(options.push_to_hub)
    check_free(Path(options.output).expanduser())
    counts = emnist_conversion.convert(options.source or downloads.fetch(emnist_archive.OFFICIAL), options.output)
    print(f"{options.output}: {', '.join(f'{count:,} images in {split}' for split, count in counts.items())}.")
    if options.push_to_hub:
        print(f"Pushed to {emnist_conversion.push(options.output, options.push_to_hub)}")
    return 0


def run_unipen(options: argparse.Namespace) -> int:
    from hwr.data import downloads, unipen_archive, unipen_conversion
    from hwr.hub.pushing import check_repo_id

    if options.push_to_hub:
        check_repo_id(options.push_to_hub)
    check_free(Path(options.output).expanduser())
    converted = unipen_conversion.convert(options.source or downloads.fetch(unipen_archive.OFFICIAL), options.output)
    for split, counts in converted.counts.items():
        print(f"{split}: {', '.join(f'{count:,} {kind}s' for kind, count in sorted(counts.items())) or 'nothing'}.")
    for reason in converted.skipped[:20]:
        print(f"left out: {reason}", file=sys.stderr)
    if len(converted.skipped) > 20:
        print(f"left out: {len(converted.skipped) - 20:,} more", file=sys.stderr)
    if options.push_to_hub:
        print(f"Pushed to {unipen_conversion.push(options.output, options.push_to_hub)}")
    return 0


def run_written(options: argparse.Namespace) -> int:
    from hwr.predictors import pen_dataset

    if min(options.words, options.lines, options.seed) < 0 or not options.words + options.lines:
        raise InputError("There must be a word or a line to write, and the seed must be 0 or more.")
    counts = pen_dataset.write(
        [shared(source) for source in options.texts],
        options.ink,
        options.output,
        words=options.words,
        lines=options.lines,
        seed=options.seed,
    )
    print(f"{options.output}: {', '.join(f'{count:,} texts in {split}' for split, count in counts.items())}.")
    return 0
