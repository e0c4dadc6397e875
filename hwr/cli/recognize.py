"""``hwr recognize``: single characters."""

from __future__ import annotations

import argparse
import json

from hwr.cli.common import add_model_options, where


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("recognize", help="read images of one handwritten character each")
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="image file")
    parser.add_argument("--top-k", type=int, default=5, metavar="K", help="how many classes to print per image (default: %(default)s)")
    add_model_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from hwr import CharRecognizer

    recognizer = CharRecognizer.from_pretrained(options.model, revision=options.revision, device=where(options))
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
