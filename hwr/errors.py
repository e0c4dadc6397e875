"""The two errors that callers meet; both carry a sentence written for people."""


class InputError(ValueError):
    """The input can't be used; the message says what is wrong with it and what to do."""


class ModelError(InputError):
    """A folder, file or Hub repository can't be used as a model; the message says why."""
