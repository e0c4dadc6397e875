"""What the app takes before anybody comes."""

import subprocess
import sys

from app_server import ROOT

HEAVY = ("torch", "matplotlib", "seaborn", "sklearn", "datasets", "jiwer", "sympy", "svgpathtools")
"""What takes tens of megabytes or a second, and a page that reads and writes does without until somebody asks for it."""


def test_the_app_starts_without_what_only_few_need():
    code = f"import sys, app; app.create_app(); print(*sorted(sys.modules.keys() & set({HEAVY})))"
    started = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300)
    assert started.stdout.split() == []
