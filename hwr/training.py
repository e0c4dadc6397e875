"""The trainer, one for all networks: optimiser, schedule, weight averaging, checkpoints, resume, log, progress.

Batches are a function of the step number alone, so that a run which was killed goes on exactly where its last checkpoint stands.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from hwr.errors import InputError

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
        bfloat16: run the forward pass in mixed precision.
        seed: of dropout; initial weights and batches have their own.
    """

    steps: int
    evaluate_every: int
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    averaging: float = 0.998
    bfloat16: bool = True
    seed: int = 0


class Trainer:
    """Trains one network and keeps the best averaged weights by the score that ``evaluate`` returns.

    Args:
        network: trained in place; its weights at construction are the initial ones.
        batches: step number, from 0, to a batch for ``network.loss``. It must give the same batch for the same number.
        evaluate: averaged network to ``(score, metrics)``; a higher score is better. It must leave the random state alone.
        folder: where checkpoint, log (TensorBoard) and history go.
        settings: see :class:`Settings`.
        identity: JSON-able description of network and data; part of what must agree on resuming.
        checkpoint_seconds: time between checkpoints; evaluations write one as well.

    Raises:
        InputError: the folder holds a checkpoint of a run with other settings, or of another network.
    """

    def __init__(
        self,
        network: nn.Module,
        batches: Callable[[int], Any],
        evaluate: Callable[[nn.Module], tuple[float, dict[str, float]]],
        *,
        folder: Path,
        settings: Settings,
        identity: dict[str, Any] | None = None,
        checkpoint_seconds: float = 60.0,
    ) -> None:
        self.network = network
        self.batches = batches
        self.evaluate = evaluate
        self.folder = folder
        self.settings = settings
        self.checkpoint_seconds = checkpoint_seconds
        # As JSON, since that is how a checkpoint gives it back (tuples as lists).
        self.identity = json.dumps({"settings": asdict(settings)} | (identity or {}), sort_keys=True)
        self.average = AveragedModel(network, multi_avg_fn=self._move_average, use_buffers=True)
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, settings.learning_rate, total_steps=settings.steps + 1, pct_start=0.15
        )
        self.step = 0
        self.best_score = float("-inf")
        self.best_weights: dict[str, Tensor] = {}
        self.history: list[dict[str, float]] = []
        self.losses: list[dict[str, Tensor]] = []  # since the last line of the log
        torch.manual_seed(settings.seed)
        if (folder / CHECKPOINT_FILE).exists():
            self._resume()

    def run(self) -> dict[str, Tensor]:
        """Train from the current step to the last.

        Returns:
            State dict of the averaged weights with the best score.
        """
        from torch.utils.tensorboard import SummaryWriter  # costs a second, and only training needs it

        self.folder.mkdir(parents=True, exist_ok=True)
        saved = time.monotonic()
        writer = SummaryWriter(str(self.folder / "tensorboard"), purge_step=self.step + 1)
        with writer, tqdm(total=self.settings.steps, initial=self.step, unit="step", desc=self.folder.name, smoothing=0.05) as progress:
            while self.step < self.settings.steps:
                self.losses.append(self._update())
                self.step += 1
                progress.update()
                evaluated = self.step % self.settings.evaluate_every == 0 or self.step == self.settings.steps
                if self.step % 50 == 0 or evaluated:
                    parts = {name: float(torch.stack([loss[name] for loss in self.losses]).mean()) for name in self.losses[-1]}
                    self.losses.clear()
                    progress.set_postfix({name: f"{value:.4f}" for name, value in parts.items()})
                    for name, value in parts.items():
                        writer.add_scalar(f"train/{name}", value, self.step)
                    writer.add_scalar("train/learning_rate", self.schedule.get_last_lr()[0], self.step)
                if evaluated:
                    for name, value in self._evaluate(parts).items():
                        writer.add_scalar(f"validation/{name}", value, self.step)
                    progress.write(", ".join(f"{name} {value:.4f}" for name, value in self.history[-1].items()))
                if evaluated or time.monotonic() - saved > self.checkpoint_seconds:
                    writer.flush()
                    self._save()
                    saved = time.monotonic()
        return self.best_weights

    def _update(self) -> dict[str, Tensor]:
        self.network.train()
        batch = self.batches(self.step)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.settings.bfloat16):
            loss, parts = self.network.loss(batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_norm)
        self.optimizer.step()
        self.schedule.step()
        self.average.update_parameters(self.network)
        return {"loss": loss.detach()} | parts

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
            score, metrics = self.evaluate(self.average.module)
        metrics = {name: float(value) for name, value in metrics.items()}  # a checkpoint takes no numbers of NumPy's
        self.history.append({"step": self.step, **parts, **metrics})
        if score > self.best_score:
            self.best_score = score
            self.best_weights = {name: tensor.detach().clone() for name, tensor in self.average.module.state_dict().items()}
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
            "random": torch.get_rng_state(),
            "best_score": self.best_score,
            "best_weights": self.best_weights,
            "history": self.history,
            "losses": self.losses,
        }
        temporary = self.folder / (CHECKPOINT_FILE + ".part")
        with temporary.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.folder / CHECKPOINT_FILE)

    def _resume(self) -> None:
        path = self.folder / CHECKPOINT_FILE
        state = torch.load(path, weights_only=True)
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
        self.best_score = state["best_score"]
        self.best_weights = state["best_weights"]
        self.history = state["history"]
        self.losses = state["losses"]
        torch.set_rng_state(state["random"])
