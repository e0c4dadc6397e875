"""Writing the networks that read as ONNX, for ONNX Runtime in Python and in browsers."""

from __future__ import annotations

import json
import logging
import pkgutil
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from hwr.errors import ModelError, extra_imports
from hwr.hub.files import ONNX_FILE, model_digest
from hwr.hub.loading import StrictHubMixin
from hwr.models.arrays import READERS, ArrayNetwork, settings_of
from hwr.models.computed import Computed
from hwr.models.loading import METADATA, opened

OPSET = 17
"""Version of ONNX's operators: as old as these networks allow, for the sake of other programs."""
TOLERANCE = 1e-4
"""What an exported network may differ by, absolute and relative, in probabilities, their logarithms and pixels."""


class _Answers(nn.Module):
    """A network whose call is its ``answers``."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return cast("Computed", self.network).answers(*inputs)


def export(folder: Path) -> Path:
    """Write ``model.onnx`` beside the weights of a model folder, whichever network that reads it holds.

    The file knows of which weights and configuration it was made, and is checked to say the same as they do.

    Raises:
        InputError: onnx, which writes the file, is not installed.
        ModelError: the folder holds no network that reads, or the exported one says something else.
    """
    with extra_imports():
        import onnx
        import onnxruntime  # noqa: F401 (checks what was written)
    network = _any_reader(folder)
    model = onnx.load_from_string(_exported(network))
    known = {
        "network": type(network).__name__,
        "input_version": network.INPUT_VERSION,
        "digest": model_digest(folder),
        "settings": settings_of(network),
    }
    onnx.helper.set_model_props(model, {METADATA: json.dumps(known)})
    content = model.SerializeToString()
    _check(network, content, folder)
    path = folder / ONNX_FILE
    path.write_bytes(content)
    return path


def _exported(network: ArrayNetwork) -> bytes:
    inputs = next(network.examples())
    with TemporaryDirectory() as aside, warnings.catch_warnings():
        # The newer exporter doesn't know packed sequences, which keep the padding of a batch without influence.
        warnings.simplefilter("ignore")
        path = Path(aside) / ONNX_FILE
        torch.onnx.export(
            _Answers(cast("nn.Module", network)).eval(),
            tuple(torch.from_numpy(array) for array in inputs),
            path,
            input_names=list(network.INPUTS),
            output_names=list(network.OUTPUTS),
            dynamic_axes=network.INPUTS | network.OUTPUTS,
            opset_version=OPSET,
            dynamo=False,
        )
        return path.read_bytes()


def _any_reader(folder: Path) -> ArrayNetwork:
    """The network in a model folder, in evaluation mode."""
    for kind in READERS:
        network: type[StrictHubMixin] = pkgutil.resolve_name(kind.TORCH)
        try:
            return cast("ArrayNetwork", network.from_pretrained(folder))
        except ModelError as error:
            logging.getLogger(__name__).debug("%s", error)
    raise ModelError(f"{folder} holds no network that reads: only those that read characters, lines, ink and pages are exported.")


def _check(network: ArrayNetwork, content: bytes, folder: Path) -> None:
    exported = opened(next(kind for kind in READERS if isinstance(network, kind)), content)
    for inputs in network.examples():
        for name, wanted, found in zip(network.OUTPUTS, network.run(*inputs), exported.run(*inputs), strict=True):
            if wanted.shape != found.shape or not np.allclose(wanted, found, rtol=TOLERANCE, atol=TOLERANCE):
                raise ModelError(f"{folder}: the exported network says something else in {name}.")
