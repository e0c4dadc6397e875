"""Checks of what a stranger's config.json says: the annotations of a network's ``__init__`` are its schema, pydantic enforces it."""

from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, ParamSpec

from pydantic import AfterValidator, ConfigDict, Field, ValidationError, validate_call

P = ParamSpec("P")

Units = Annotated[int, Field(ge=1, le=1024)]
"""Hidden units of a layer."""
Layers = Annotated[int, Field(ge=1, le=4)]
Dropout = Annotated[float, Field(ge=0, le=0.9)]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=100)]], Field(max_length=20)]
"""A few short strings."""
Calibration = Annotated[list[Annotated[float, Field(ge=-100, le=100)]], Field(min_length=4, max_length=4)]
"""Weights of three features, and a bias."""
UNCALIBRATED = [1.0, 0.0, 0.0, 0.0]
"""A word is as sure as its characters together."""
HeldOut = Annotated[int, Field(ge=1, le=1000)]
"""Scanned characters of each class that were kept from training."""


def distinct(text: str) -> str:
    """The text, if no character occurs twice in it."""
    if len(set(text)) != len(text):
        raise ValueError("a character occurs twice")
    return text


def current(version: int) -> AfterValidator:
    """Annotates a version that must be the one of this package."""

    def check(value: int) -> int:
        if value != version:
            raise ValueError(f"must be {version}, the version of this package")
        return value

    return AfterValidator(check)


def checked(init: Callable[P, None]) -> Callable[P, None]:
    """Let pydantic check the keywords of a network's ``__init__`` by their annotations.

    Strictly: nothing is converted, and nothing unknown, NaN or infinite gets through.

    Raises:
        ValueError: when called, in one sentence: which keyword, and what it should be.
    """
    validated = validate_call(config=ConfigDict(strict=True, allow_inf_nan=False))(init)

    @wraps(init)
    def __init__(*args: P.args, **options: P.kwargs) -> None:
        try:
            validated(*args, **options)
        except ValidationError as error:
            raise ValueError(_sentence(error)) from None

    return __init__


def _sentence(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg'].removeprefix('Value error, ')}"
