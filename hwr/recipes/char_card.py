"""What the card of a character network says besides its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hwr.cards import CardText
from hwr.models.char_lstm import CharLSTM

if TYPE_CHECKING:
    from hwr.recipes.char import CharRecipe


def card_text(network: CharLSTM, recipe: CharRecipe, figures: list[tuple[str, str]]) -> CardText:
    """The words of a character network's card.

    Args:
        network: trained.
        recipe: how.
        figures: ``(file name, caption)``.
    """
    layers = f"{network.scanners[0].num_layers}-layer {'bidirectional ' if network.bidirectional else ''}LSTM"
    description = (
        f"Reads one handwritten character as a *time series*: a {layers} of {network.scanners[0].hidden_size} hidden units goes through "
        f"the 28x28 image row by row{', a second one column by column' if len(network.scanners) > 1 else ''}, and a softmax gives the "
        f"probabilities of the {len(network.classes)} classes of EMNIST Balanced."
        + (" A light convolutional stem turns the pixels into the features of each step." if len(network.stem) else "")
    )
    training = (
        "AdamW, one-cycle learning rate, averaged weights; scanned classes drawn evenly; elastic (Simard et al. 2003) and affine "
        "distortion and varied stroke width, anew for every draw. "
        + (
            "Three in ten training images are pen trajectories drawn with pens of many widths, "
            "their classes by the square root of their frequency. "
            if recipe.ink
            else ""
        )
        + (
            f"Besides the labels it imitates {'a network' if taught == 1 else f'the mean of {taught} networks'} (Hinton et al. 2015). "
            if (taught := len(recipe.teachers))
            else ""
        )
        + (
            f"It began with {'the weights of another run' if begun == 1 else f'the mean of the weights of {begun} runs'}. "
            if (begun := len(recipe.start_from))
            else ""
        )
        + "The best epoch by macro-F1 and the temperature were chosen on a validation split of the training data."
    )
    return CardText(
        title=recipe.name,
        description=description,
        intended_use="Isolated digits and Latin letters, drawn with a mouse, a finger or a pen, scanned or photographed. Not for words: "
        "cut them into characters first. Not for decisions about people.",
        usage=f"from hwr import CharRecognizer\n\n"
        f'recognizer = CharRecognizer.from_pretrained("{recipe.name}")  # or "user/repo", or a folder\n'
        'print(recognizer.predict("character.png", top_k=3)[:])',
        training=training,
        limitations="The 47 classes merge the upper and lower case of C I J K L M O P S U V W X Y Z. Some classes look alike without "
        "context: 0 and O, 1, I and L, F and f, 9, g and q, 5 and S, 2 and Z; the figure with look-alikes merged says how much of the "
        "error they make up. The scanned writers are US census employees and students, the drawn ones European and American adults of the "
        "1990s. The test images of the scanned characters are drawn from EMNIST's ByMerge test set, 400 a class, and are an "
        "estimate of the official EMNIST Balanced test, not that test; the training data has fewer of the rare letters "
        "than the official one.",
        data=network.trained_on,
        figures=figures,
        tags=("handwriting-recognition", "lstm", "emnist"),
    )
