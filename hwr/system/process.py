"""How this process uses the machine: threads and memory, set in one place for all libraries."""

import ctypes
import sys

from hwr.errors import InputError

_M_MMAP_THRESHOLD = -3
"""mallopt(3): larger pieces of memory are mapped each on its own, and go back to the system when they are freed."""


_threads: int | None = None


def use_threads(count: int) -> None:
    """Let one piece of work run on so many threads, in all libraries: one where several pieces run side by side, as in a server.

    ONNX Runtime hears of it when a network is loaded, PyTorch also when it is imported later, by :func:`threads_of_torch`.
    """
    global _threads
    import cv2

    _threads = count
    cv2.setNumThreads(count)
    if "torch" in sys.modules:
        threads_of_torch()


def threads() -> int | None:
    """How many threads one piece of work runs on; None: as many as each library likes."""
    return _threads


def threads_of_torch() -> None:
    """Tell PyTorch, which is slow to import, once it is there."""
    import torch

    if _threads is not None:
        torch.set_num_threads(_threads)


def return_memory() -> None:
    """Give what large pictures took back to the system at once, for a process that goes on for long.

    The C library otherwise learns to keep it: after a few pictures of 50 million pixels that is half a gigabyte. Other C libraries than
    glibc do as they are.
    """
    try:
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, 1 << 20)
    except (AttributeError, OSError):
        return


def usable_device(name: str) -> str:
    """Where networks shall run, if this machine has it.

    Args:
        name: as PyTorch calls it, such as ``"cpu"``, ``"cuda"``, ``"cuda:1"`` or ``"mps"``; ``"auto"``: a graphics card if there is one.

    Raises:
        InputError: there is no such device here.
    """
    if name == "cpu":
        return name
    import torch

    if name == "auto":
        return str(torch.accelerator.current_accelerator()) if torch.accelerator.is_available() else "cpu"
    try:
        torch.zeros(1, device=name).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise InputError(
            f"Networks can't run on {name[:100]!r} here: use cpu, auto, or a device that PyTorch has on this machine."
        ) from error
    return name
