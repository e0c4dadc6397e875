"""``hwr export``: networks as ONNX."""

from __future__ import annotations

import argparse

from hwr.errors import InputError


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser(
        "export",
        help="write the network of a model folder as ONNX",
        description="Write model.onnx into folders with networks that read, and check that it says the same. From then on ONNX Runtime "
        "runs them, which is faster and starts without PyTorch. The file serves other programs and browsers as well.",
    )
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="model folder, or name of shipped weights")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from hwr.hub.finding import local_folder
    from hwr.models.exporting import export

    for name in options.folders:
        if (folder := local_folder(name)) is None:
            raise InputError(f"{name!r} is neither a folder nor shipped weights. A model of the Hub has to be downloaded first.")
        path = export(folder)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0
