"""Train the networks: ``python train.py char --help``; on several graphics cards or machines: ``accelerate launch train.py char``."""

import logging
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from hwr.errors import InputError
from hwr.system.process import use_threads

RUNS = Path("runs")
WEIGHTS = Path("weights")


@dataclass(frozen=True)
class Options:
    """What a run does besides training.

    Attributes:
        threads: of torch and OpenCV, of each process.
        split: what the finished model is measured on. Choose models on validation; ask for test by name, once.
        evaluate: don't train: print the figures of weights/NAME.
        push_to_hub: push the folder weights/NAME to this repository, trained or just measured.
    """

    threads: int = max(1, (os.cpu_count() or 1) // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
    split: Literal["validation", "test"] = "validation"
    evaluate: Annotated[bool, tyro.conf.FlagCreatePairsOff] = False
    push_to_hub: str | None = None

    def __post_init__(self) -> None:
        from hwr.hub.pushing import check_repo_id

        if self.threads < 1:
            raise InputError("--threads must be 1 or more.")
        if self.push_to_hub:
            check_repo_id(self.push_to_hub)  # before hours of work are done in vain


def main() -> None:
    from hwr.hub.pushing import push
    from hwr.training.recipes import RECIPES
    from hwr.training.run import measure, run

    one_of_others = os.environ.get("RANK", "0") != "0"  # which all find the same
    logging.basicConfig(level=logging.WARNING if one_of_others else logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        recipe, options = tyro.extras.subcommand_cli_from_dict(
            {job: _job(kind) for job, kind in RECIPES.items()},
            description=__doc__,
            config=(tyro.conf.OmitArgPrefixes, tyro.conf.FlagCreatePairsOff),
        )
        use_threads(options.threads)
        if options.evaluate:
            folder = measure(recipe, runs=RUNS, weights=WEIGHTS, split=options.split)
        else:
            folder = run(recipe, _command(), runs=RUNS, weights=WEIGHTS, split=options.split)
        if options.push_to_hub and folder is not None:
            print(f"pushed: {push(folder, options.push_to_hub)}")
    except InputError as error:
        sys.exit(f"train.py: {error}")


def _job(kind: type):
    """A subcommand: the fields of a recipe and those of :class:`Options` are its options."""

    def job(recipe: kind, options: Options) -> tuple[kind, Options]:  # ty: ignore[invalid-type-form]  (known when the command runs)
        return recipe, options

    job.__doc__ = (kind.__doc__ or "").partition("\n")[0]
    return job


def _command() -> str:
    """What was asked for, so that the record of it holds on any machine."""
    data = os.environ.get("HWR_DATASETS", "")
    words = [word.replace(data, "$HWR_DATASETS") if data else word for word in sys.argv[1:]]
    return " ".join(["python", "train.py", *(word if "$" in word else shlex.quote(word) for word in words)])


if __name__ == "__main__":
    main()
