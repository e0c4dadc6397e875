"""``hwr evaluate``: how well a model reads a collection."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hwr.cli.common import add_device_option, where


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "evaluate",
        help="how well a model reads a collection of labelled images, and where it goes wrong",
        description="How well a model reads a collection of labelled images, and where it goes wrong. SOURCE is a zip archive, a folder "
        "(of class folders, or with labels.csv), a Parquet file or a folder of them, an IDX file of images, or a Hub data set.",
    )
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("--model", metavar="MODEL", help="folder or Hub repository of a CharLSTM (default: the best of the shipped ones)")
    parser.add_argument("--against", metavar="MODEL", help="another one to compare with")
    parser.add_argument("--labels", default="auto", help="characters, emnist, names or hex (default: what nearly all labels fit)")
    parser.add_argument("--config", help="configuration of a Hub data set")
    parser.add_argument("--split", help="of a Hub data set, or of Parquet files by their names")
    parser.add_argument("--image-column", help="of a table (default: image)")
    parser.add_argument("--label-column", help="of a table (default: label, text ...)")
    parser.add_argument("--limit", type=int, help="only so many, from the beginning")
    parser.add_argument("--report", metavar="FOLDER", help="write report.html, report.pdf, predictions.csv and metrics.json there")
    add_device_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    import os

    from hwr.errors import need_extra

    need_extra("report")
    from tqdm import tqdm

    from hwr import CharRecognizer, TextReader
    from hwr.evaluation import report
    from hwr.evaluation import run as batch
    from hwr.evaluation.collections.opening import open_collection
    from hwr.system.process import use_threads

    use_threads(1)  # the chunks run side by side
    collection = open_collection(
        options.source,
        config=options.config,
        split=options.split,
        image_column=options.image_column,
        label_column=options.label_column,
        limit=options.limit,
    )
    device = where(options)
    recognizer = CharRecognizer.from_pretrained(options.model, device=device)
    against = CharRecognizer.from_pretrained(options.against, device=device) if options.against else None
    with tqdm(total=collection.total, unit="image", desc="reading", disable=not os.isatty(2)) as bar:
        for step in batch.steps(collection, recognizer, TextReader.from_pretrained(device=device), against=against, labels=options.labels):
            if isinstance(step, batch.Progress):
                bar.update(step.done - bar.n)
    assert isinstance(step, batch.Evaluation)
    print(report.summary(step))
    for figure in report.headlines(step):
        print(f"{figure['name']}: {figure['value']}  {figure['note']}".rstrip())
    if step.comparison:
        print(report.compared(step))
    for row in (step.characters or {}).get("confusions", [])[:10]:
        print(f"  {row['truth']} read as {row['read_as'] or 'nothing'}: {row['count']:,} ({row['share']:.1%})")
    for name, reason in step.skipped[:20]:
        print(f"left out: {name}: {reason}", file=sys.stderr)
    if len(step.skipped) > 20:
        print(f"left out: {len(step.skipped) - 20:,} more", file=sys.stderr)
    if options.report:
        for path in report.save_all(step, Path(options.report).expanduser()):
            print(path)
    return 0
