"""Trains every recipe for ten steps, with the smallest networks: ``python train_all.py DATA RUNS [broken]``, or by ``accelerate launch``.

``broken``: each training breaks off after its fourth step and is started again.
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from hwr.data import hands
from hwr.training import machines
from hwr.training.recipes import char, ink, line_data, lines, page_data, pages, pen, pixels
from hwr.training.trainer import Trainer

STEPS = 10


class Broken(Exception):
    """Power is cut."""


def recipes(data: Path, reader: Path) -> dict[str, Any]:
    unipen, emnist = str(data / "unipen-ink"), str(data / "emnist-47")
    common: dict[str, Any] = {"parts": 2, "precision": "no"}
    stepped = common | {"steps": STEPS}
    small = {"hidden_size": 8, "num_layers": 1}
    drawer = {"style_size": 4, "hidden_size": 8, "plan_hidden_size": 6, "encoder_hidden_size": 6, "pixel_hidden_size": 8}
    writer = {"hidden_size": 8, "hand_size": 4, "shape_size": 2, "encoder_size": 6, "letter_size": 6, "mixtures": 2}
    reads = {"ink": unipen, "dataset": emnist, "workers": 0, "hidden_size": 8}
    return {
        "char": char.CharRecipe(dataset=emnist, ink=unipen, validation_per_class=2, epochs=1, batch_size=32, **small, **common),
        "lines": lines.LineRecipe(stem_channels=(4, 4, 6, 6), batch_size=4, **reads, **stepped),
        "pages": pages.PageRecipe(ink=unipen, stem_channels=(4, 4, 8), hidden_size=4, num_layers=1, workers=0, batch_size=2, **stepped),
        "pixels": pixels.PixelRecipe(dataset=emnist, ink=unipen, batch_size=8, **drawer, **stepped),
        "ink": ink.InkRecipe(ink=unipen, batch_size=6, **small, **stepped),
        "pen": pen.PenRecipe(ink=unipen, reader=str(reader), batch_size=2, **writer, **stepped),
    }


def main(data: Path, runs: Path, broken: bool) -> None:
    torch.set_num_threads(1)
    char.DRAWS_PER_EPOCH = 32 * STEPS
    for module in (line_data, page_data, ink):
        module.POOL = 2
    page_data.LARGEST = 20_000
    hands.WORST_MARGIN = float("inf")  # an untrained reader aligns everything badly
    pen._PANGRAMS = ("Cat", "dog")
    Trainer.__init__.__kwdefaults__["checkpoint_seconds"] = 0.0
    update = Trainer._update

    def breaking(trainer: Trainer) -> Any:
        if trainer.step == 4:
            raise Broken
        return update(trainer)

    told = {}
    reader = runs / "reader"
    for name, recipe in recipes(data, reader).items():
        recipe = replace(recipe, name=name)
        if broken:
            Trainer._update = breaking
            try:
                recipe.train(runs)
                raise AssertionError(f"{name} was not interrupted")
            except Broken:
                Trainer._update = update
        network, history = recipe.train(runs)
        if name == "ink" and machines._state().is_main_process:
            network.save_pretrained(reader)
        machines._state().wait_for_everyone()
        told[name] = {"history": history, "sum": sum(float(value.double().abs().sum()) for value in network.state_dict().values())}
    if machines.leave():
        (runs / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] == ["broken"])
