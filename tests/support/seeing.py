"""What a test sees of a picture."""

import numpy as np
from PIL import Image


def pixels(image: Image.Image) -> np.ndarray:
    """uint8 (H, W, 3)."""
    return np.asarray(image.convert("RGB"))
