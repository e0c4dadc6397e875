"""Model folders: load them strictly, find them here or on the Hugging Face Hub.

A model is a folder with ``config.json`` and ``model.safetensors``; the same files make its Hub repository.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Self

import torch
from huggingface_hub import PyTorchModelHubMixin

from hwr.errors import ModelError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
MAX_CONFIG_BYTES = 1 << 20

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
    def from_pretrained(cls, path_or_repo: str | Path, *, revision: str | None = None, device: str | torch.device = "cpu") -> Self:
        """Load a network, in evaluation mode.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``.
            revision: branch, tag or commit of the repository.
            device: where the network shall live.

        Raises:
            ModelError: the model can't be had, or its files don't make exactly this network; the message names file and fact.
        """
        folder = Path(path_or_repo)
        config = read_config(folder)
        network = cls._build(config, folder / CONFIG_FILE)
        network._load_weights(folder / WEIGHTS_FILE)
        return network.to(device).eval()

    @classmethod
    def _build(cls, config: dict[str, Any], path: Path) -> Self:
        """An untrained network as configured, if the weights beside ``path`` have its shapes."""
        parameters = {name: p for name, p in cls._hub_mixin_init_parameters.items() if name != "self"}
        if unknown := sorted(config.keys() - parameters.keys()):
            raise ModelError(f"{path}: {cls.__name__} doesn't know {_some(unknown)}.")
        if missing := sorted(name for name, p in parameters.items() if p.default is p.empty and name not in config):
            raise ModelError(f"{path}: {cls.__name__} needs {_some(missing)}.")
        try:
            with torch.device("meta"):  # shapes without memory: the config may ask for anything
                expected = cls(**config).state_dict()
        except Exception as error:  # whatever a stranger's values provoke: overflows in torch, wrong types, ranges
            raise ModelError(f"{path} doesn't describe a {cls.__name__} that can be built: {_first_line(error)}") from error
        _check_header(path.with_name(WEIGHTS_FILE), expected)
        with torch.random.fork_rng(devices=[]):  # initial values are thrown away, a caller's seed isn't
            return cls(**config)

    def _load_weights(self, path: Path) -> None:
        import safetensors
        from safetensors.torch import load_file

        try:
            tensors = load_file(path)
            self.load_state_dict(tensors, strict=True)
        except (OSError, RuntimeError, safetensors.SafetensorError) as error:
            raise ModelError(f"{path} can't be loaded: {_first_line(error)}") from error
        if bad := [name for name, tensor in tensors.items() if not tensor.isfinite().all()]:
            raise ModelError(f"{path} holds NaN or infinite numbers in {_some(bad)}.")


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
    try:
        config = json.loads(path.read_text(encoding="utf-8"), parse_constant=_finite, parse_float=_finite, object_pairs_hook=_distinct)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not valid JSON: {_first_line(error)}") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} must hold a JSON object, not a {type(config).__name__}.")
    return config


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
        raise ModelError(f"{path} is not a whole safetensors file: {_first_line(error)}") from error
    if missing := [name for name in expected if name not in found]:
        raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: it lacks {_some(missing)}.")
    if unexpected := [name for name in found if name not in expected]:
        raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: it has {_some(unexpected)} too many.")
    for name, tensor in expected.items():
        dtype, shape = found[name]
        if shape != tuple(tensor.shape):
            raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: {name} has shape {shape}, not {tuple(tensor.shape)}.")
        if dtype != tensor.dtype:
            raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: {name} is {dtype}, not {tensor.dtype}.")


def _some(names: list[str], limit: int = 5) -> str:
    """The first few names, quoted, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name[:60]) for name in names[:limit]) + more


def _first_line(error: BaseException) -> str:
    """What an exception says, short enough for a sentence."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:300]
