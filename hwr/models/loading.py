"""Loading the networks that read: by ONNX Runtime where there is an exported file of just these weights, else by PyTorch."""

from __future__ import annotations

import json
import logging
import pkgutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np

from hwr.errors import ModelError
from hwr.hub.files import ONNX_FILE, current_onnx, first_line
from hwr.hub.finding import load_named, local_folder
from hwr.models.arrays import ArrayNetwork
from hwr.system.process import threads

METADATA = "hwr"
"""Key of an exported file's metadata, JSON: ``network``, ``input_version``, ``digest`` and ``settings``."""

Reader = TypeVar("Reader", bound=ArrayNetwork)
log = logging.getLogger(__name__)


class Exported:
    """Gives the arrays of :class:`~hwr.models.arrays.ArrayNetwork` by ONNX Runtime.

    Args:
        session: of the exported file.
        settings: the attributes that ``SETTINGS`` names.
    """

    INPUTS: dict[str, Any]

    def __init__(self, session: Any, settings: dict[str, Any]) -> None:
        self._session = session
        vars(self).update(settings)

    def run(self, *inputs: np.ndarray) -> Sequence[np.ndarray]:
        return self._session.run(None, dict(zip(self.INPUTS, inputs, strict=True)))

    def placed(self, device: str) -> Self:
        return self  # it stays where it is: another device is PyTorch's


def load_reader(
    kind: type[Reader], path_or_repo: str | None, *, default: str, revision: str | None = None, device: str = "cpu"
) -> tuple[Reader, str]:
    """A network that reads, by the name that somebody gave it; arguments, result and errors as of :func:`hwr.hub.finding.load_named`.

    An exported file is a program: those of Hub repositories are left alone, even if they are in the cache.

    Args:
        kind: of the network, one of :data:`hwr.models.arrays.READERS`.
        device: such as ``"cpu"`` or ``"cuda"``.
    """

    ours = path_or_repo is None or local_folder(path_or_repo) is not None

    def load(folder: Path) -> Reader:
        exported = load_exported(kind, folder) if ours and device == "cpu" else None
        return exported if exported is not None else pkgutil.resolve_name(kind.TORCH).from_pretrained(folder, device=device)

    return load_named(load, path_or_repo, default=default, revision=revision)


def load_exported(kind: type[Reader], folder: Path) -> Reader | None:
    """The network that ``model.onnx`` in a model folder holds; None where that can't stand for the weights beside it.

    That is so if ONNX Runtime isn't installed, or the file is missing, damaged, of other weights or another configuration, or made for
    another version of what prepares the input.
    """
    if find_spec("onnxruntime") is None or (content := current_onnx(folder)) is None:
        return None
    try:
        return opened(kind, content)
    except ModelError as error:
        log.warning("%s is not used: %s", folder / ONNX_FILE, error)
        return None


def opened(kind: type[Reader], content: bytes) -> Reader:
    """The network in an exported file.

    Raises:
        ModelError: the file is damaged, or of another network or version.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads() or 0
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # which would keep what the largest page took
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        known = json.loads(session.get_modelmeta().custom_metadata_map[METADATA])
        if known["network"] != kind.TORCH.partition(":")[2] or known["input_version"] != kind.INPUT_VERSION:
            raise ModelError("it was made for another network or version of this package.")
        made: type[Any] = type(kind.__name__, (Exported, kind), {})
        return made(session, known["settings"])
    except ModelError:
        raise
    except Exception as error:  # of whatever kind ONNX Runtime has for a damaged file
        raise ModelError(f"it is damaged: {first_line(error)}.") from error
