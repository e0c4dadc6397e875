"""The console command ``hwr``: one file a subcommand, which imports what it needs when it runs, so that help comes at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from hwr.cli import dataset, evaluate, export, language_model, publish, read, recognize, write
from hwr.errors import InputError, missing_extra


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand.

    Args:
        arguments: the words after ``hwr``; None: those of the process.

    Returns:
        Exit code: 0 done; 1 done, but some of several inputs could not be used; 2 not done.
    """
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names may hold what the terminal's encoding lacks
    try:
        return options.run(options)
    except InputError as error:
        print(f"hwr: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (sentence := missing_extra(error)) is None:
            raise
        print(f"hwr: {sentence}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hwr", description="Handwriting recognition and generation with recurrent networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (recognize, read, write, evaluate, dataset, language_model, export, publish):
        command.add(commands)
    return parser
