"""The trainer, with toy networks: it must learn, and go on after a kill as if nothing had happened."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from failing import full_disk
from torch import nn
from toy_networks import ToyRegression, regression_batch, regression_score

from hwr import InputError
from hwr.training.trainer import CHECKPOINT_FILE, Settings, Trainer


class ToySequence(nn.Module):
    """What the first of a sequence of bits was."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(1, 12, batch_first=True)
        self.output = nn.Linear(12, 2)

    def logits(self, bits):
        return self.output(self.lstm(bits[:, :, None])[0][:, -1])

    def loss(self, batch):
        loss = nn.functional.cross_entropy(self.logits(batch[0]), batch[1])
        return loss, {"cross_entropy": loss.detach()}


def memory_batch(step: int):
    bits = torch.randint(0, 2, (64, 3), generator=torch.Generator().manual_seed(step)).float()
    return bits, bits[:, 0].long()


def memory_score(network: nn.Module):
    bits, labels = memory_batch(10**6)
    accuracy = float((network.logits(bits).argmax(1) == labels).float().mean())
    return accuracy, {"accuracy": accuracy}


def make(folder: Path, steps: int = 120, batches=regression_batch, **options) -> Trainer:
    torch.manual_seed(3)
    settings = Settings(steps=steps, evaluate_every=40, learning_rate=1e-2, precision="no")
    return Trainer(ToyRegression(), batches, regression_score, folder=folder, settings=settings, **options)


def test_it_learns_a_line(tmp_path):
    trainer = make(tmp_path, steps=400)
    before = regression_score(trainer.network.eval())[0]
    trainer.run()
    assert trainer.best_score > before / 5
    assert [entry["step"] for entry in trainer.history] == list(range(40, 401, 40))


def test_it_learns_a_sequence(tmp_path):
    settings = Settings(steps=500, evaluate_every=100, learning_rate=2e-2, precision="no", averaging=0.9)
    trainer = Trainer(ToySequence(), memory_batch, memory_score, folder=tmp_path, settings=settings)
    network = ToySequence()
    network.load_state_dict(trainer.run())
    assert memory_score(network)[0] == 1.0


def test_the_best_weights_are_those_of_the_best_score(tmp_path):
    scores = iter([1.0, 3.0, 2.0])
    seen = []

    def score(network):
        seen.append(network.layers[0].weight.clone())
        return next(scores), {}

    settings = Settings(steps=30, evaluate_every=10, precision="no")
    best = Trainer(ToyRegression(), regression_batch, score, folder=tmp_path, settings=settings).run()
    assert torch.equal(best["layers.0.weight"], seen[1])


def test_an_interrupted_run_ends_as_an_unbroken_one(tmp_path):
    class Interruption(Exception):
        pass

    def interrupted(step: int):
        if step == 97:
            raise Interruption
        return regression_batch(step)

    unbroken = make(tmp_path / "unbroken")
    expected = unbroken.run()
    broken = make(tmp_path / "broken", batches=interrupted, checkpoint_seconds=0)
    with pytest.raises(Interruption):
        broken.run()
    torch.rand(5)  # whatever else happens to the random state
    resumed = make(tmp_path / "broken")
    assert resumed.step == 97
    actual = resumed.run()
    assert expected.keys() == actual.keys()
    assert all(torch.equal(expected[name], actual[name]) for name in expected)
    assert resumed.history == unbroken.history


KILLED = """
import sys, torch
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_trainer import make, regression_batch
torch.set_num_threads(1)
def batches(step):
    print(step, flush=True)
    return regression_batch(step)
trainer = make(Path({folder!r}), batches=batches, checkpoint_seconds=0)
best = trainer.run()
torch.save(best, {folder!r} + "/best.pt")
"""


def test_kill_minus_nine_at_any_moment_costs_nothing(tmp_path):
    """Kills the process at moments that its own timing decides, again and again, until the run is through."""

    def start(folder: Path) -> subprocess.Popen:
        folder.mkdir(exist_ok=True)
        script = KILLED.format(tests=str(Path(__file__).parent), folder=str(folder))
        root = Path(__file__).parents[2]
        environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{root / 'tests' / 'support'}"}
        return subprocess.Popen(
            [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        )

    unbroken = start(tmp_path / "unbroken")  # a process as well: with other numbers of threads the numbers differ
    unbroken.communicate(timeout=120)
    assert unbroken.returncode == 0
    for step in (5, 61):
        process = start(tmp_path / "broken")
        for line in process.stdout:
            if line.strip().isdigit() and int(line) >= step:
                break
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
    last = start(tmp_path / "broken")
    output, _ = last.communicate(timeout=120)
    assert last.returncode == 0
    assert int(output.split()[0]) > 0  # it went on, and did not begin again
    expected, actual = (torch.load(tmp_path / name / "best.pt", weights_only=True) for name in ("unbroken", "broken"))
    assert all(torch.equal(expected[name], actual[name]) for name in expected)


def test_a_half_written_checkpoint_is_never_read(tmp_path):
    make(tmp_path, steps=40).run()
    (tmp_path / (CHECKPOINT_FILE + ".part")).write_bytes(b"torn")
    assert make(tmp_path, steps=40).step == 40


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    make(tmp_path, steps=40).run()
    with pytest.raises(InputError, match="settings"):
        make(tmp_path, steps=80)
    with pytest.raises(InputError, match="data"):
        make(tmp_path, steps=40, identity={"data": 7})


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    make(tmp_path, steps=3).run()
    settings = Settings(steps=3, evaluate_every=40, learning_rate=1e-2)
    recorded = torch.load(tmp_path / CHECKPOINT_FILE, weights_only=True)
    own = Trainer(ToySequence(), memory_batch, memory_score, folder=tmp_path / "other", settings=settings)
    torch.save(recorded | {"identity": own.identity}, tmp_path / CHECKPOINT_FILE)
    with pytest.raises(InputError, match="another network"):
        Trainer(ToySequence(), memory_batch, memory_score, folder=tmp_path, settings=settings)


def test_the_log_is_where_tensorboard_finds_it(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    trainer = make(tmp_path)
    trainer.run()
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert {"train/loss", "train/square", "validation/validation_loss"} <= set(events.Tags()["scalars"])
    logged = [event.value for event in events.Scalars("validation/validation_loss")]
    assert logged == pytest.approx([entry["validation_loss"] for entry in trainer.history])


def test_a_full_disk_costs_nothing_but_the_steps_since_the_last_checkpoint(tmp_path):
    make(tmp_path, steps=80, checkpoint_seconds=0).run()
    whole = (tmp_path / CHECKPOINT_FILE).read_bytes()
    (tmp_path / CHECKPOINT_FILE).unlink()
    expected = make(tmp_path, steps=80)  # begins anew, and must end where the first one did
    with full_disk(10_000), pytest.raises(InputError, match=r"checkpoint.pt can't be written.*Make room"):
        expected.run()
    assert not (tmp_path / CHECKPOINT_FILE).exists()
    (tmp_path / CHECKPOINT_FILE).write_bytes(whole)
    resumed = make(tmp_path, steps=80)
    with full_disk(10_000), pytest.raises(InputError, match="can't be written"):
        resumed._save()
    assert (tmp_path / CHECKPOINT_FILE).read_bytes() == whole
    assert not list(tmp_path.glob("*.part"))
    assert make(tmp_path, steps=80).step == 80
