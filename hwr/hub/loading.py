"""Strict loading of networks: the configuration and the safetensors file must fit to the last tensor."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Self, cast

import torch
from huggingface_hub import PyTorchModelHubMixin
from torch import nn
from torch.overrides import TorchFunctionMode

from hwr.errors import ModelError
from hwr.hub.files import CONFIG_FILE, WEIGHTS_FILE, first_line, some
from hwr.hub.finding import MAX_CONFIG_BYTES, fetch
from hwr.system.process import threads_of_torch

threads_of_torch()

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


class StrictHubMixin(PyTorchModelHubMixin):
    """Base of our networks: saves like its parent, but loads strictly, from safetensors only, and quietly.

    ``class Network(nn.Module, StrictHubMixin)``. Its ``__init__`` takes keywords that JSON can hold, and raises ``ValueError`` with a
    sentence on values out of range, sizes and layer counts above all: a config comes from strangers. Arguments come back from JSON, a
    tuple as a list. ``__init__`` must also work under ``torch.device("meta")``.
    """

    @classmethod
    def from_pretrained(  # ty: ignore[incompatible-method-override]  (stricter than its parent on purpose)
        cls, path_or_repo: str | Path, *, revision: str | None = None, device: str | torch.device = "cpu"
    ) -> Self:
        """Load a network, in evaluation mode.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``.
            revision: branch, tag or commit of the repository.
            device: where the network shall live.

        Raises:
            ModelError: the model can't be had, or its files don't make exactly this network; the message names file and fact.
        """
        folder = fetch(path_or_repo, revision=revision)
        config = read_config(folder)
        network = cls._build(config, folder / CONFIG_FILE)
        network._load_weights(folder / WEIGHTS_FILE)
        return cast("Self", cast("nn.Module", network).to(device).eval())

    @classmethod
    def _build(cls, config: dict[str, Any], path: Path) -> Self:
        """An untrained network as configured, if the weights beside ``path`` have its shapes."""
        parameters = {name: p for name, p in cls._hub_mixin_init_parameters.items() if name != "self"}
        if unknown := sorted(config.keys() - parameters.keys()):
            raise ModelError(f"{path}: {cls.__name__} doesn't know {some(unknown)}.")
        if missing := sorted(name for name, p in parameters.items() if p.default is p.empty and name not in config):
            raise ModelError(f"{path}: {cls.__name__} needs {some(missing)}.")
        try:
            with torch.device("meta"), _Uninitialised():  # shapes without memory: the config may ask for anything
                expected = cast("nn.Module", cls(**config)).state_dict()
        except Exception as error:  # whatever a stranger's values provoke: overflows in torch, wrong types, ranges
            raise ModelError(f"{path} doesn't describe a {cls.__name__} that can be built: {first_line(error)}.") from error
        _check_header(path.with_name(WEIGHTS_FILE), expected)
        with torch.random.fork_rng(devices=[]), _Uninitialised():  # a caller's seed isn't used up
            return cls(**config)

    def _load_weights(self, path: Path) -> None:
        import safetensors
        from safetensors.torch import load_file

        try:
            tensors = load_file(path)
            cast("nn.Module", self).load_state_dict(tensors, strict=True)
        except (OSError, RuntimeError, safetensors.SafetensorError) as error:
            raise ModelError(f"{path} can't be loaded: {first_line(error)}.") from error
        if bad := [name for name, tensor in tensors.items() if not tensor.isfinite().all()]:
            raise ModelError(f"{path} holds NaN or infinite numbers in {some(bad)}.")


class _Uninitialised(TorchFunctionMode):
    """Leaves out initial values, which weights from a file replace; on "meta" tensors they would make torch load its compiler, 90 MB."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return options["tensor"] if "tensor" in options else args[0]
        return func(*args, **options)


def read_config(folder: Path) -> dict[str, Any]:
    """Read ``config.json``, strictly.

    Raises:
        ModelError: it is missing, too large, not a JSON object, or has doubled keys or numbers that are not finite.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise ModelError(f"{folder} is not a model folder: it has no {CONFIG_FILE}.")
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise ModelError(f"{path} is too large for a configuration ({path.stat().st_size:,} bytes).")
    return read_object(path)


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object, strictly; for the errors see :func:`read_config`."""
    try:
        text = path.read_text(encoding="utf-8")
        value = json.loads(text, parse_constant=_finite, parse_float=_finite, object_pairs_hook=_distinct)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} can't be read as JSON: {first_line(error)}.") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} must hold a JSON object, not a {type(value).__name__}.")
    return value


def _finite(literal: str) -> float:
    if not math.isfinite(number := float(literal)):
        raise ValueError(f"{literal} is not a finite number")
    return number


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def _check_header(path: Path, expected: dict[str, torch.Tensor]) -> None:
    """Compare names, types and shapes with the file's header, before anything of either size is allocated."""
    import safetensors

    if not path.is_file():
        raise ModelError(f"{path.parent} is not a model folder: it has no {WEIGHTS_FILE}.")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
            found = {name: (_DTYPES.get(part.get_dtype()), tuple(part.get_shape())) for name, part in slices.items()}
    except (OSError, ValueError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path} is not a whole safetensors file: {first_line(error)}.") from error
    if missing := [name for name in expected if name not in found]:
        raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: it lacks {some(missing)}.")
    if unexpected := [name for name in found if name not in expected]:
        raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: it has {some(unexpected)} too many.")
    for name, tensor in expected.items():
        dtype, shape = found[name]
        if shape != tuple(tensor.shape):
            raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: {name} has shape {shape}, not {tuple(tensor.shape)}.")
        if dtype != tensor.dtype:
            raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: {name} is {dtype}, not {tensor.dtype}.")
