"""What a training runs on, as Accelerate finds it: processors or graphics cards, one process or several, here or on many machines."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

import torch

from hwr.errors import InputError

if TYPE_CHECKING:
    from accelerate import Accelerator, PartialState


def accelerator(precision: str) -> Accelerator:
    """The machine for one training, which sends it to its device, computes in its precision and adds up what the processes found.

    Args:
        precision: ``"no"``, ``"bf16"`` or ``"fp16"``; see :class:`hwr.training.trainer.Settings`.

    Raises:
        InputError: the device doesn't compute so.
    """
    from accelerate import Accelerator, DistributedDataParallelKwargs  # costs a second, and only training needs it
    from accelerate.state import AcceleratorState

    if device().type == "cpu" and precision == "fp16":
        raise InputError("A CPU doesn't compute in fp16: use --precision bf16 or no.")
    # Accelerate keeps the precision of a process's first training for all others; where the processes run is another state, which stays.
    AcceleratorState._reset_state()
    incomplete = DistributedDataParallelKwargs(find_unused_parameters=True)  # a batch may lack what a part of a network learns from
    try:
        return Accelerator(mixed_precision=precision, kwargs_handlers=[incomplete])
    except ValueError as error:
        raise InputError(f"This machine doesn't compute in {precision}: {error} Use --precision no.") from error


def processes() -> int:
    """How many processes train together."""
    return _state().num_processes


def device() -> torch.device:
    """Where this process trains."""
    return cast("torch.device", _state().device)


def leave() -> bool:
    """Part with the other processes: what comes after training is done by one of them, alone.

    Returns:
        Whether it is this one.
    """
    from accelerate.state import AcceleratorState

    state = _state()
    chosen = state.is_main_process
    state.destroy_process_group()
    AcceleratorState._reset_state(reset_partial_state=True)
    for told in ("WORLD_SIZE", "RANK", "LOCAL_RANK", "LOCAL_WORLD_SIZE"):
        os.environ.pop(told, None)
    return chosen


def _state() -> PartialState:
    from accelerate import PartialState
    from accelerate.utils import parse_flag_from_env

    # Processes without graphics cards are else taken for as many trainings of one.
    several = int(os.environ.get("WORLD_SIZE", "1")) > 1 and not torch.accelerator.is_available()
    return PartialState(cpu=several or parse_flag_from_env("ACCELERATE_USE_CPU"))
