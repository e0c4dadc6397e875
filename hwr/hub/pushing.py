"""Pushing folders to the Hub, each in one commit."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hwr.errors import InputError, ModelError
from hwr.hub.answers import hub_sentence, status_of
from hwr.hub.files import CARD_FILE, CONFIG_FILE, METRICS_FILE, ONNX_FILE, WEIGHTS_FILE, current_onnx, some


def check_repo_id(repo_id: str) -> None:
    """Refuse what can't be the name of a Hub repository, before work is done in vain.

    Raises:
        InputError: it can't.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        raise InputError(f"{repo_id!r} can't be a Hub repository: {error}") from error


def push(folder: Path, repo_id: str, *, private: bool = False, token: str | None = None) -> str:
    """Push a model folder to the Hub, in one commit; the repository is made if need be.

    Configuration, weights, the exported network if it is of these weights, card, metrics and figures go; whatever else a training run left
    in the folder stays.

    Returns:
        The commit's address; ``.oid`` has its id.

    Raises:
        ModelError: a file is missing, or the Hub refuses or can't be reached.
    """
    folder = Path(folder)
    return upload(folder, model_files(folder), repo_id, message=f"Upload {folder.resolve().name}", private=private, token=token)


def model_files(folder: Path) -> list[Path]:
    """What of a model folder belongs on the Hub.

    Raises:
        ModelError: card, configuration or weights are missing.
    """
    needed = [folder / name for name in (CARD_FILE, CONFIG_FILE, WEIGHTS_FILE)]
    if lost := [path.name for path in needed if not path.is_file()]:
        raise ModelError(f"{folder} can't be pushed: it has no {some(lost)}.")
    if current_onnx(folder) is not None:
        needed.append(folder / ONNX_FILE)
    return needed + [path for path in sorted(folder.rglob("*")) if path.name == METRICS_FILE or path.suffix in (".png", ".svg")]


def upload(
    folder: Path,
    files: Sequence[Path],
    repo_id: str,
    *,
    message: str,
    repo_type: str = "model",
    private: bool | None = None,
    token: str | None = None,
) -> str:
    """Push files of a folder to the Hub, in one commit; the repository is made if need be.

    Returns:
        The commit's address; ``.oid`` has its id.

    Raises:
        ModelError: the Hub refuses or can't be reached. The folder is as before.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    with refusals(repo_id, f"{folder} can't be pushed to {repo_id}"):
        api = HfApi(token=token)
        repo = api.create_repo(repo_id, repo_type=repo_type, private=private, exist_ok=True).repo_id
        # not upload_folder: it may split a slow upload into several commits, and a model must never be half there
        additions = [CommitOperationAdd(path.relative_to(folder).as_posix(), str(path)) for path in files]
        return api.create_commit(repo, additions, repo_type=repo_type, commit_message=message)


@contextmanager
def refusals(repo_id: str, failed: str | None = None) -> Generator[None]:
    """Says in a sentence what keeps the Hub from taking what is sent within.

    Args:
        repo_id: that it is sent to.
        failed: what can't be done then, for sentences about what was sent.

    Raises:
        ModelError: the Hub refuses or can't be reached.
    """
    from huggingface_hub.errors import HTTPError

    try:
        yield
    except ModelError:
        raise
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        if status_of(error) in (401, 403, 404):
            raise ModelError(
                f"The Hub doesn't let you write to {repo_id}: log in with `hf auth login`, with a token that may write."
            ) from error
        if isinstance(error, ValueError) and status_of(error) is None:
            raise ModelError(f"{failed or f'{repo_id} can not be published'}: {' '.join(str(error).split())}") from error
        raise ModelError(hub_sentence(error, repo_id, None)) from error
