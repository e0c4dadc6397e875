"""How this process uses the machine: threads and memory, set in one place for all libraries."""

import ctypes

from hwr.errors import InputError

_M_MMAP_THRESHOLD = -3
"""mallopt(3): larger pieces of memory are mapped each on its own, and go back to the system when they are freed."""


def use_threads(count: int) -> None:
    """Let one piece of work run on so many threads, in torch as in OpenCV: one where several pieces run side by side, as in a server."""
    import cv2
    import torch

    torch.set_num_threads(count)
    cv2.setNumThreads(count)


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
