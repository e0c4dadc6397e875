"""How each network is trained: its data, augmentation, evaluation and card; one file each."""

from hwr.training.recipes.base import Recipe
from hwr.training.recipes.char import CharRecipe
from hwr.training.recipes.ink import InkRecipe
from hwr.training.recipes.lines import LineRecipe
from hwr.training.recipes.pages import PageRecipe
from hwr.training.recipes.pen import PenRecipe
from hwr.training.recipes.pixels import PixelRecipe

RECIPES: dict[str, type[Recipe]] = {
    "char": CharRecipe,
    "lines": LineRecipe,
    "pages": PageRecipe,
    "ink": InkRecipe,
    "pen": PenRecipe,
    "pixels": PixelRecipe,
}
"""By the name of the job."""
