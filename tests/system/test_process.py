"""Threads and memory of the process."""

import subprocess
import sys
from pathlib import Path

import pytest

from hwr import InputError
from hwr.system.process import usable_device, use_threads


def test_all_libraries_get_the_same_threads() -> None:
    import cv2
    import torch

    before = torch.get_num_threads(), cv2.getNumThreads()
    try:
        use_threads(1)
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (1, 1)
        use_threads(2)
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (2, 2)
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_memory_of_large_pictures_goes_back() -> None:
    code = """
import gc, re, threading
from pathlib import Path
from PIL import Image
from hwr.system.process import return_memory

def megabytes():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def work():
    for mode in ("RGBA", "RGB", "L"):
        Image.new("RGBA", (5000, 5000)).convert(mode).resize((4000, 4000)).tobytes()

return_memory()
before = megabytes()
for _ in range(2):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(megabytes() - before)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 30


def test_devices_that_are_not_here_are_a_sentence() -> None:
    import torch

    assert usable_device("cpu") == "cpu"
    assert usable_device("auto") == (str(torch.accelerator.current_accelerator()) if torch.accelerator.is_available() else "cpu")
    for name in ("cuda:99", "no such thing", "meta", ""):
        with pytest.raises(InputError, match="can't run on"):
            usable_device(name)
