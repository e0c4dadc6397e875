"""``python -m hwr``: the console command ``hwr``."""

import sys

from hwr.cli import main

sys.exit(main())
