"""Several processes train as one does: what one finds in the parts of a step, two find that share them, whoever is killed in between."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from toy_networks import ToyRegression, regression_batch, regression_score

from hwr import InputError
from hwr.training.trainer import Settings, Trainer

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, sys, torch
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_machines import make
from hwr.training import machines
torch.set_num_threads(1)
folder = Path(sys.argv[1])
trainer = make(folder, said=True)
best = trainer.run()
if machines.leave():
    torch.save(best, folder / "best.pt")
    (folder / "history.json").write_text(json.dumps(trainer.history))
"""


def make(folder: Path, parts: int = 4, said: bool = False, **options: Any) -> Trainer:
    """Dropout, batch normalisation and, in some batches, nothing to learn for half of the network.

    In double precision: a bias in front of batch normalisation has no gradient but for rounding, which AdamW would make a step of.
    """

    class Halves(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = ToyRegression(), ToyRegression()
            self.layers = self.one.layers

        def loss(self, batch: Any) -> Any:
            number, pair = batch
            loss, told = self.one.loss(pair)
            return (loss + self.other.loss(pair)[0] if number % 3 else loss), told

    def batches(number: int) -> Any:
        if said:
            print(number, flush=True)
        return number, tuple(part.double() for part in regression_batch(number))

    def score(network: torch.nn.Module) -> Any:
        return regression_score(copy.deepcopy(network).float())

    torch.manual_seed(3)
    settings = Settings(steps=20, evaluate_every=5, learning_rate=1e-2, precision="no", parts=parts)
    return Trainer(Halves().double(), batches, score, folder=folder, settings=settings, checkpoint_seconds=0, **options)


def start(folder: Path, processes: int, script: str = SCRIPT) -> subprocess.Popen:
    folder.mkdir(exist_ok=True)
    path = folder / "train.py"
    path.write_text(script.format(tests=str(Path(__file__).parent)))
    environment = os.environ | {
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'support'}",
        "OMP_NUM_THREADS": "1",
    }
    launched = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_machines=1", f"--num_processes={processes}"]
    launched += ["--mixed_precision=no", "--dynamo_backend=no", "--main_process_port=0"]
    return subprocess.Popen(
        [*(launched if processes > 1 else [sys.executable]), str(path), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def finish(process: subprocess.Popen) -> None:
    _, error = process.communicate(timeout=240)
    assert process.returncode == 0, error[-3000:]


def assert_alike(one: Path, other: Path) -> None:
    first, second = (json.loads((folder / "history.json").read_text()) for folder in (one, other))
    assert len(first) == 4
    for before, after in zip(first, second, strict=True):
        assert after == pytest.approx(before, rel=1e-5, abs=1e-6)
    first, second = (torch.load(folder / "best.pt", weights_only=True) for folder in (one, other))
    for name, values in first.items():
        torch.testing.assert_close(second[name], values, rtol=1e-5, atol=1e-6)


def test_two_processes_find_what_one_finds_and_go_on_for_each_other(tmp_path: Path) -> None:
    """One trains all four parts of a step; two share them; and two are killed, and one goes on alone."""
    alone, together, broken = (tmp_path / name for name in ("alone", "together", "broken"))
    single, pair = start(alone, 1), start(together, 2)
    finish(single)
    finish(pair)
    assert_alike(alone, together)

    doomed = start(broken, 2)
    for line in doomed.stdout or ():
        if line.strip().isdigit() and int(line) >= 4 * 8:
            break
    for process in [psutil.Process(doomed.pid), *psutil.Process(doomed.pid).children(recursive=True)]:
        process.kill()
    doomed.communicate(timeout=60)
    last = start(broken, 1)
    output, error = last.communicate(timeout=240)
    assert last.returncode == 0, error[-3000:]
    assert int(output.split()[0]) > 0  # it went on, and did not begin again
    assert_alike(alone, broken)


def test_what_is_drawn_in_a_step_does_not_depend_on_the_parts_before_it(tmp_path: Path) -> None:
    """The statistics of normalisation are the mean of what the parts found, each from those before the step."""
    trainer = make(tmp_path, parts=2)
    before = [values.clone() for values in trainer.statistics]
    trainer._update()
    found = []
    for number in (0, 1):
        other = make(tmp_path / str(number), parts=1)
        other.batches = lambda _, number=number: (number, tuple(part.double() for part in regression_batch(number)))
        for values, old in zip(other.statistics, before, strict=True):
            values.copy_(old)
        other._update()
        found.append(other.statistics)
    for values, one, two in zip(trainer.statistics, *found, strict=True):
        torch.testing.assert_close(values, ((one + two) / 2).to(values.dtype))


def test_parts_that_processes_cannot_share_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--parts 1"):
        make(tmp_path, parts=0)


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="there is a graphics card")
def test_a_precision_that_the_machine_lacks_is_a_sentence(tmp_path: Path) -> None:
    settings = Settings(steps=1, evaluate_every=1, precision="fp16")
    with pytest.raises(InputError, match="--precision bf16"):
        Trainer(ToyRegression(), regression_batch, regression_score, folder=tmp_path, settings=settings)
