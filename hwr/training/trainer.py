"""The trainer, one for all networks: optimiser, schedule, weight averaging, checkpoints, resume, log, progress.

A step is made of one or more parts, which the processes that train together share. What is drawn and dropped out in a part is a function of
its number alone, so that a run which was killed goes on exactly where its last checkpoint stands, on as many processes or on others, and
any number of processes finds the same, up to the order in which numbers are added.
"""

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeVar, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from hwr.errors import InputError
from hwr.system.staging import unwritten
from hwr.training.machines import accelerator

Network = TypeVar("Network", bound=nn.Module)
CHECKPOINT_FILE = "checkpoint.pt"


class Trainable(Protocol):
    """What the trainer asks of a network besides being an ``nn.Module``."""

    def loss(self, batch: Any) -> tuple[Tensor, dict[str, Tensor]]: ...


@dataclass(frozen=True)
class Settings:
    """How to train. A checkpoint is only resumed with the settings that it was made with.

    Attributes:
        steps: optimiser steps in all.
        evaluate_every: steps between evaluations; the last step is always evaluated.
        learning_rate: peak of the one-cycle schedule (Smith and Topin 2017, arXiv:1708.07120).
        weight_decay: of AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101).
        gradient_norm: longer gradients are scaled down to this.
        averaging: decay of the exponential moving average of the weights, per step.
        precision: of the forward pass: ``"no"`` (float32), ``"bf16"`` or, on graphics cards, ``"fp16"``, both mixed (Micikevicius et al.
            2018, arXiv:1710.03740).
        parts: batches that make a step, shared by the processes. The gradient is the mean of theirs.
        seed: of dropout; initial weights and batches have their own.
    """

    steps: int
    evaluate_every: int
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    averaging: float = 0.998
    precision: Literal["no", "bf16", "fp16"] = "bf16"
    parts: int = 1
    seed: int = 0


class Trainer(Generic[Network]):
    """Trains one network and keeps the best averaged weights by the score that ``evaluate`` returns.

    Args:
        network: trained in place; its weights at construction are the initial ones.
        batches: number, from 0, to a batch for ``network.loss``; step s is made of the batches from ``s * parts`` on. It must give the same
            batch for the same number.
        evaluate: averaged network to ``(score, metrics)``; a higher score is better.
        folder: where checkpoint, log (TensorBoard) and history go.
        settings: see :class:`Settings`.
        identity: JSON-able description of network and data; part of what must agree on resuming.
        checkpoint_seconds: time between checkpoints; evaluations write one as well.

    Raises:
        InputError: the folder holds a checkpoint of a run with other settings, or of another network; the machine doesn't compute in this
            precision, or its processes can't share the parts; while it runs: a checkpoint can't be written, the one before is whole.
    """

    def __init__(
        self,
        network: Network,
        batches: Callable[[int], Any],
        evaluate: Callable[[Network], tuple[float, dict[str, float]]],
        *,
        folder: Path,
        settings: Settings,
        identity: dict[str, Any] | None = None,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        self.accelerator = accelerator(settings.precision)
        if settings.parts < 1 or settings.parts % self.accelerator.num_processes:
            raise InputError(
                f"{self.accelerator.num_processes} processes can't share {settings.parts} parts of a step evenly: "
                f"use --parts {self.accelerator.num_processes} or a multiple of it."
            )
        self.network = network.to(self.accelerator.device)
        self.batches = batches
        self.evaluate = evaluate
        self.folder = folder
        self.settings = settings
        self.checkpoint_seconds = checkpoint_seconds
        # As JSON, since that is how a checkpoint gives it back (tuples as lists).
        self.identity = json.dumps({"settings": asdict(settings)} | (identity or {}), sort_keys=True)
        self.average = AveragedModel(network, multi_avg_fn=self._move_average, use_buffers=True)
        rate = settings.learning_rate
        optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=settings.weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=settings.steps + 1, pct_start=0.15)
        self.lesson, self.optimizer = self.accelerator.prepare(_Lesson(network), optimizer)
        # Only now, since the tensors of buffers may be others than before.
        normalising = [module for module in network.modules() if isinstance(module, _NormBase)]
        self.statistics = [values for module in normalising for values in module.buffers()]
        self.step = 0
        self.best_score = float("-inf")
        self.best_weights: dict[str, Tensor] = {}
        self.history: list[dict[str, float]] = []
        self.losses: list[dict[str, Tensor]] = []  # since the last line of the log
        self._resume()

    def run(self) -> dict[str, Tensor]:
        """Train from the current step to the last. Of several processes, each does so, and the main one writes the files.

        Returns:
            State dict of the averaged weights with the best score, on the CPU, where the network is then as well.
        """
        from torch.utils.tensorboard import SummaryWriter  # costs a second, and only training needs it

        main = self.accelerator.is_main_process
        self.folder.mkdir(parents=True, exist_ok=True)
        saved = time.monotonic()
        writer = SummaryWriter(str(self.folder / "tensorboard"), purge_step=self.step + 1) if main else None
        bar = tqdm(total=self.settings.steps, initial=self.step, unit="step", desc=self.folder.name, smoothing=0.05, disable=not main)
        with writer or nullcontext(), bar as progress:
            while self.step < self.settings.steps:
                self.losses.append(self._update())
                self.step += 1
                progress.update()
                evaluated = self.step % self.settings.evaluate_every == 0 or self.step == self.settings.steps
                scalars: dict[str, float] = {}
                if self.step % 50 == 0 or evaluated:
                    parts = {name: float(torch.stack([loss[name] for loss in self.losses]).mean()) for name in self.losses[-1]}
                    self.losses.clear()
                    progress.set_postfix({name: f"{value:.4f}" for name, value in parts.items()})
                    scalars |= {f"train/{name}": value for name, value in parts.items()}
                    scalars["train/learning_rate"] = float(self.schedule.get_last_lr()[0])
                if evaluated:
                    scalars |= {f"validation/{name}": value for name, value in self._evaluate(parts).items()}
                    if main:
                        progress.write(", ".join(f"{name} {value:.4f}" for name, value in self.history[-1].items()))
                if writer is not None:
                    for name, value in scalars.items():
                        writer.add_scalar(name, value, self.step)
                    if evaluated or time.monotonic() - saved > self.checkpoint_seconds:
                        writer.flush()
                        self._save()
                        saved = time.monotonic()
        self.network.cpu()
        return self.best_weights

    def _update(self) -> dict[str, Tensor]:
        """Take a step. Returns the loss and its parts, each the mean over all parts of the step."""
        from accelerate.utils import send_to_device

        self.network.train()
        self.optimizer.zero_grad(set_to_none=True)
        own = self.settings.parts // self.accelerator.num_processes
        first = self.step * self.settings.parts + own * self.accelerator.process_index
        before = [values.clone() for values in self.statistics]
        found: list[list[Tensor]] = []
        told: list[dict[str, Tensor]] = []
        for number in range(first, first + own):
            batch = send_to_device(self.batches(number), self.accelerator.device)
            for values, old in zip(self.statistics, before, strict=True):
                values.copy_(old)  # each part begins with the same
            torch.manual_seed(int(np.random.SeedSequence([self.settings.seed, number]).generate_state(1, np.uint64)[0]))
            loss, parts = self.lesson(batch)
            self.accelerator.backward(loss / own)
            found.append([values.clone() for values in self.statistics])
            told.append({"loss": loss.detach()} | parts)
        for place, values in enumerate(self.statistics):
            counted = not values.is_floating_point()  # steps, the same in all parts
            values.copy_(found[0][place] if counted else self._mean([part[place] for part in found]))
        self.accelerator.clip_grad_norm_(self.network.parameters(), self.settings.gradient_norm)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)
        means = self._mean([torch.stack([each.float() for each in part.values()]) for part in told])
        return dict(zip(told[0], means, strict=True))

    def _mean(self, values: Sequence[Tensor]) -> Tensor:
        """The mean over the parts of a step, of this process and of all others."""
        mean = torch.stack(list(values)).mean(0) if len(values) > 1 else values[0]
        return cast("Tensor", self.accelerator.reduce(mean, "mean"))

    def _move_average(self, averages: Any, current: Any, count: Any) -> None:
        """Exponential moving average whose decay grows to its setting, so that the initial weights are soon forgotten."""
        decay = min(self.settings.averaging, (1 + int(count)) / (10 + int(count)))
        for average, value in zip(averages, current, strict=True):
            if average.is_floating_point():
                average.lerp_(value, 1 - decay)
            else:  # batch normalisation counts its batches
                average.copy_(value)

    def _evaluate(self, parts: dict[str, float]) -> dict[str, float]:
        self.average.eval()
        with torch.inference_mode():
            score, metrics = self.evaluate(cast("Network", self.average.module))
        metrics = {name: float(value) for name, value in metrics.items()}  # a checkpoint takes no numbers of NumPy's
        self.history.append({"step": self.step, **parts, **metrics})
        if score > self.best_score:
            self.best_score = score
            self.best_weights = {name: tensor.detach().cpu().clone() for name, tensor in self.average.module.state_dict().items()}
        return metrics

    def _save(self) -> None:
        """Write the checkpoint beside the old one and swap them, so that a kill at any moment leaves a whole one."""
        state = {
            "identity": self.identity,
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "scaler": None if self.accelerator.scaler is None else self.accelerator.scaler.state_dict(),
            "best_score": self.best_score,
            "best_weights": self.best_weights,
            "history": self.history,
            "losses": self.losses,
        }
        temporary = self.folder / (CHECKPOINT_FILE + ".part")
        try:
            with temporary.open("wb") as file:
                torch.save(state, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / CHECKPOINT_FILE)
        except (OSError, RuntimeError) as error:  # the latter: torch's own, where its writer meets the former
            temporary.unlink(missing_ok=True)  # makes room
            raise unwritten(self.folder / CHECKPOINT_FILE, error) from error

    def _stored(self) -> dict[str, Any] | None:
        """The checkpoint, as the main process finds it: other machines need not share its folder."""
        from accelerate.utils import broadcast_object_list

        path = self.folder / CHECKPOINT_FILE
        stored = [None]
        if self.accelerator.is_main_process and path.exists():
            stored = [torch.load(path, map_location="cpu", weights_only=True)]
        return broadcast_object_list(stored)[0]

    def _resume(self) -> None:
        from accelerate.utils import send_to_device

        state = self._stored()
        if state is None:
            return
        path = self.folder / CHECKPOINT_FILE
        if state["identity"] != self.identity:
            old, new = json.loads(state["identity"]), json.loads(self.identity)
            differing = sorted(key for key in old.keys() | new.keys() if (key in old, old.get(key)) != (key in new, new.get(key)))
            raise InputError(
                f"{path} belongs to a run with other {', '.join(differing)}. Use the same arguments or another name, or remove the folder."
            )
        self.step = state["step"]
        try:
            self.network.load_state_dict(state["network"])
            self.average.load_state_dict(state["average"])
        except RuntimeError as error:
            raise InputError(f"{path} belongs to a run of another network. Use another name, or remove the folder.") from error
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if self.accelerator.scaler is not None:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        self.best_score = state["best_score"]
        self.best_weights = state["best_weights"]
        self.history = state["history"]
        self.losses = send_to_device(state["losses"], self.accelerator.device)


class _Lesson(nn.Module):
    """A network's loss as what a module gives: that is where Accelerate's precision and PyTorch's exchange of gradients take hold."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        return cast("Trainable", self.network).loss(batch)
