"""Train the networks: ``python train.py char --help``."""

import argparse
import logging
import os
import shlex
import sys
from pathlib import Path

RUNS = Path("runs")
WEIGHTS = Path("weights")


def main() -> None:
    data = os.environ.get("HWR_DATASETS", "")
    style = {"formatter_class": argparse.ArgumentDefaultsHelpFormatter}
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dataset", default=os.path.join(data, "emnist-47"), help="scanned characters: Hub repo id or folder")
    common.add_argument("--seed", type=int, default=0)
    common.add_argument("--threads", type=int, default=os.cpu_count(), help="torch threads")
    common.add_argument("--split", choices=("validation", "test"), default="test", help="what the finished model is evaluated on")
    common.add_argument("--evaluate", action="store_true", help="don't train: print the figures of weights/NAME")
    common.add_argument("--push-to-hub", metavar="REPO", help="push the folder weights/NAME to this repository, trained or just evaluated")

    parser = argparse.ArgumentParser(description=__doc__, **style)
    jobs = parser.add_subparsers(dest="job", required=True)
    char = jobs.add_parser("char", help="read a character: CharLSTM", parents=[common], **style)
    char.add_argument("--name", default="char-reference", help="of the folders in runs/ and weights/")
    char.add_argument("--ink", help="pen trajectories, to be drawn and learnt as well: Hub repo id or folder")
    char.add_argument("--hidden-size", type=int, default=128)
    char.add_argument("--bidirectional", action="store_true", help="read each sequence both ways")
    char.add_argument("--scan", choices=("rows", "rows+columns"), default="rows")
    char.add_argument("--pooling", choices=("last", "mean"), default="last")
    char.add_argument("--stem-channels", type=int, nargs="*", default=[], help="convolutions in front of the LSTM")
    char.add_argument("--start-from", nargs="*", default=[], help="folders or repo ids of networks whose mean weights to begin with")
    char.add_argument("--teachers", nargs="*", default=[], help="folders or repo ids of networks to imitate")
    char.add_argument("--teacher-share", type=float, default=0.8, help="of the loss; the rest is that of the labels")
    char.add_argument("--epochs", type=float, default=14, help="of 112,800 draws")
    char.add_argument("--batch-size", type=int, default=256)
    char.add_argument("--learning-rate", type=float, default=4e-3, help="peak of the one-cycle schedule")
    char.add_argument("--distortion", type=float, default=1.0, help="strength, 0 to 3; 0 switches it off")
    char.add_argument("--validation-per-class", type=int, default=100, help="scanned characters that are not trained on")

    lines = jobs.add_parser("lines", help="read words and lines: LineCTC", parents=[common], **style)
    lines.add_argument("--name", default="text-best", help="of the folders in runs/ and weights/")
    lines.add_argument("--ink", default=os.path.join(data, "unipen-ink"), help="pen trajectories: Hub repo id or folder")
    lines.add_argument("--hidden-size", type=int, default=192)
    lines.add_argument("--stem-channels", type=int, nargs=4, default=[16, 40, 64, 96], help="convolutions in front of the LSTM")
    lines.add_argument("--steps", type=int, default=14_000)
    lines.add_argument("--batch-size", type=int, default=48)
    lines.add_argument("--learning-rate", type=float, default=2e-3, help="peak of the one-cycle schedule")
    lines.add_argument("--workers", type=int, default=1, help="processes that draw; what they draw does not depend on their number")

    ink = jobs.add_parser("ink", help="read pen strokes: InkCTC", parents=[common], **style)
    ink.add_argument("--name", default="ink-best", help="of the folders in runs/ and weights/")
    ink.add_argument("--ink", default=os.path.join(data, "unipen-ink"), help="pen trajectories: Hub repo id or folder")
    ink.add_argument("--hidden-size", type=int, default=128)
    ink.add_argument("--steps", type=int, default=4_600)
    ink.add_argument("--batch-size", type=int, default=64)
    ink.add_argument("--learning-rate", type=float, default=5e-3, help="peak of the one-cycle schedule")

    pen = jobs.add_parser("pen", help="write with a pen: PenLSTM", parents=[common], **style)
    pen.add_argument("--name", default="pen-best", help="of the folders in runs/ and weights/")
    pen.add_argument("--ink", default=os.path.join(data, "unipen-ink"), help="pen trajectories: Hub repo id or folder")
    pen.add_argument("--reader", default="ink-best", help="reader of ink that aligns it: shipped weights, folder or repo id")
    pen.add_argument("--hidden-size", type=int, default=256)
    pen.add_argument("--steps", type=int, default=7_000)
    pen.add_argument("--groups", type=int, default=16, help="hands a step, five samples each")
    pen.add_argument("--learning-rate", type=float, default=3e-3, help="peak of the one-cycle schedule")

    pixels = jobs.add_parser("pixels", help="draw a character: PixelLSTM", parents=[common], **style)
    pixels.add_argument("--name", default="pixels-best", help="of the folders in runs/ and weights/")
    pixels.add_argument("--ink", default=os.path.join(data, "unipen-ink"), help="pen trajectories to compare with: Hub repo id or folder")
    pixels.add_argument("--steps", type=int, default=12_000)
    pixels.add_argument("--batch-size", type=int, default=64)
    pixels.add_argument("--learning-rate", type=float, default=2e-3, help="peak of the one-cycle schedule")
    arguments = parser.parse_args()
    # The record of the command shall hold on any machine.
    words = [word.replace(data, "$HWR_DATASETS") if data else word for word in sys.argv[1:]]
    command = " ".join(["python", "train.py", *(word if "$" in word else shlex.quote(word) for word in words)])

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    import cv2
    import torch

    from hwr.errors import InputError
    from hwr.hub import check_repo_id, push

    if arguments.threads < 1:
        parser.error("--threads must be 1 or more")
    torch.set_num_threads(arguments.threads)
    cv2.setNumThreads(arguments.threads)
    try:
        if arguments.push_to_hub:
            check_repo_id(arguments.push_to_hub)  # before hours of work are done in vain
        jobs_of = {"char": train_char, "lines": train_lines, "pixels": train_pixels, "ink": train_ink, "pen": train_pen}
        jobs_of[arguments.job](arguments, command)
        if arguments.push_to_hub:
            print(f"pushed: {push(WEIGHTS / arguments.name, arguments.push_to_hub)}")
    except InputError as error:
        sys.exit(f"train.py: {error}")


def train_char(arguments: argparse.Namespace, command: str) -> None:
    from hwr.models.char_lstm import CharLSTM
    from hwr.recipes import char as recipe

    job = recipe.CharRecipe(
        name=arguments.name,
        dataset=arguments.dataset,
        ink=arguments.ink,
        network={
            "hidden_size": arguments.hidden_size,
            "bidirectional": arguments.bidirectional,
            "scan": arguments.scan,
            "pooling": arguments.pooling,
            "stem_channels": arguments.stem_channels,
        },
        start_from=arguments.start_from,
        teachers=arguments.teachers,
        teacher_share=arguments.teacher_share,
        epochs=arguments.epochs,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        distortion=arguments.distortion,
        validation_per_class=arguments.validation_per_class,
        seed=arguments.seed,
    )
    if arguments.evaluate:
        recipe.measure(CharLSTM.from_pretrained(WEIGHTS / arguments.name), job, arguments.split, RUNS)
    else:
        recipe.run(job, command, runs=RUNS, weights=WEIGHTS, split=arguments.split)


def train_lines(arguments: argparse.Namespace, command: str) -> None:
    from hwr.models.line_ctc import LineCTC
    from hwr.recipes import lines as recipe

    job = recipe.LineRecipe(
        name=arguments.name,
        ink=arguments.ink,
        dataset=arguments.dataset,
        network={"hidden_size": arguments.hidden_size, "stem_channels": arguments.stem_channels},
        steps=arguments.steps,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        workers=arguments.workers,
        seed=arguments.seed,
    )
    if arguments.evaluate:
        recipe.measure(LineCTC.from_pretrained(WEIGHTS / arguments.name), job, arguments.split)
    else:
        recipe.run(job, command, runs=RUNS, weights=WEIGHTS, split=arguments.split)


def train_pixels(arguments: argparse.Namespace, command: str) -> None:
    from hwr.models.pixel_lstm import PixelLSTM
    from hwr.recipes import pixels as recipe

    job = recipe.PixelRecipe(
        name=arguments.name,
        dataset=arguments.dataset,
        ink=arguments.ink,
        steps=arguments.steps,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
    )
    if arguments.evaluate:
        recipe.measure(PixelLSTM.from_pretrained(WEIGHTS / arguments.name), job, arguments.split, RUNS)
    else:
        recipe.run(job, command, runs=RUNS, weights=WEIGHTS, split=arguments.split)


def train_ink(arguments: argparse.Namespace, command: str) -> None:
    from hwr.models.ink_ctc import InkCTC
    from hwr.recipes import ink as recipe

    job = recipe.InkRecipe(
        name=arguments.name,
        ink=arguments.ink,
        network={"hidden_size": arguments.hidden_size},
        steps=arguments.steps,
        batch_size=arguments.batch_size,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
    )
    if arguments.evaluate:
        recipe.measure(InkCTC.from_pretrained(WEIGHTS / arguments.name), job, arguments.split)
    else:
        recipe.run(job, command, runs=RUNS, weights=WEIGHTS, split=arguments.split)


def train_pen(arguments: argparse.Namespace, command: str) -> None:
    from hwr.models.pen_lstm import PenLSTM
    from hwr.recipes import pen as recipe

    job = recipe.PenRecipe(
        name=arguments.name,
        ink=arguments.ink,
        reader=arguments.reader,
        network={"hidden_size": arguments.hidden_size},
        steps=arguments.steps,
        groups=arguments.groups,
        learning_rate=arguments.learning_rate,
        seed=arguments.seed,
    )
    if arguments.evaluate:
        recipe.measure(PenLSTM.from_pretrained(WEIGHTS / arguments.name), job, arguments.split, RUNS)
    else:
        recipe.run(job, command, runs=RUNS, weights=WEIGHTS, split=arguments.split)


if __name__ == "__main__":
    main()
