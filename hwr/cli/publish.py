"""``hwr publish``: everything to the Hub, with one command."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(commands: argparse._SubParsersAction) -> None:
    """Add the subcommand."""
    parser = commands.add_parser("publish", help="create or update models, data sets, their collection and the Space on the Hub")
    parser.add_argument("--namespace", required=True, metavar="USER", help="user or organisation on the Hub")
    parser.add_argument("--datasets", nargs="+", default=[], metavar="FOLDER", help="data sets to publish too, as `hwr dataset` made them")
    parser.add_argument(
        "--hardware",
        default="zero-a10g",
        help="of the Space, when it is made; zero-a10g is ZeroGPU, all that free accounts can make (default: %(default)s)",
    )
    parser.add_argument("--dry-run", action="store_true", help="list what would be done, with sizes, and do nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from hwr.hub.publishing.push import publish

    publish(
        Path(__file__).resolve().parents[2],
        options.namespace,
        datasets=options.datasets,
        hardware=options.hardware,
        dry_run=options.dry_run,
    )
    return 0
