"""Model folders: load them strictly, find them here or on the Hugging Face Hub, push them there.

A model is a folder with ``config.json`` and ``model.safetensors``; with ``README.md`` (the card), ``metrics.json`` and figures beside them
it is also, file for file, its Hub repository.
"""

from __future__ import annotations

import json
import logging
import math
import os
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self, TypeVar

import torch
from huggingface_hub import PyTorchModelHubMixin

from hwr.errors import InputError, ModelError

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "model.safetensors"
METRICS_FILE = "metrics.json"
CARD_FILE = "README.md"
MAX_CONFIG_BYTES = 1 << 20
MAX_WEIGHTS_BYTES = 1 << 30
"""Larger weights are not downloaded."""

HUB_ANSWERS_SECONDS = 4
"""How long the Hub may take to say whether it has a model; HF_HUB_ETAG_TIMEOUT overrides it."""
DOWNLOAD_SECONDS = 60
"""How long a model's files may take to arrive."""

T = TypeVar("T")
log = logging.getLogger(__name__)

_DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


class StrictHubMixin(PyTorchModelHubMixin):
    """Base of our networks: saves like its parent, but loads strictly, from safetensors only, and quietly.

    ``class Network(nn.Module, StrictHubMixin)``. Its ``__init__`` takes keywords that JSON can hold, and raises ``ValueError`` with a
    sentence on values out of range, sizes and layer counts above all: a config comes from strangers. Arguments come back from JSON, a
    tuple as a list. ``__init__`` must also work under ``torch.device("meta")``.
    """

    @classmethod
    def from_pretrained(cls, path_or_repo: str | Path, *, revision: str | None = None, device: str | torch.device = "cpu") -> Self:
        """Load a network, in evaluation mode.

        Args:
            path_or_repo: a folder, or a Hub repository ``user/name``.
            revision: branch, tag or commit of the repository.
            device: where the network shall live.

        Raises:
            ModelError: the model can't be had, or its files don't make exactly this network; the message names file and fact.
        """
        folder = fetch(path_or_repo, revision=revision)
        config = read_config(folder)
        network = cls._build(config, folder / CONFIG_FILE)
        network._load_weights(folder / WEIGHTS_FILE)
        return network.to(device).eval()

    @classmethod
    def _build(cls, config: dict[str, Any], path: Path) -> Self:
        """An untrained network as configured, if the weights beside ``path`` have its shapes."""
        parameters = {name: p for name, p in cls._hub_mixin_init_parameters.items() if name != "self"}
        if unknown := sorted(config.keys() - parameters.keys()):
            raise ModelError(f"{path}: {cls.__name__} doesn't know {some(unknown)}.")
        if missing := sorted(name for name, p in parameters.items() if p.default is p.empty and name not in config):
            raise ModelError(f"{path}: {cls.__name__} needs {some(missing)}.")
        try:
            with torch.device("meta"):  # shapes without memory: the config may ask for anything
                expected = cls(**config).state_dict()
        except Exception as error:  # whatever a stranger's values provoke: overflows in torch, wrong types, ranges
            raise ModelError(f"{path} doesn't describe a {cls.__name__} that can be built: {first_line(error)}") from error
        _check_header(path.with_name(WEIGHTS_FILE), expected)
        with torch.random.fork_rng(devices=[]):  # initial values are thrown away, a caller's seed isn't
            return cls(**config)

    def _load_weights(self, path: Path) -> None:
        import safetensors
        from safetensors.torch import load_file

        try:
            tensors = load_file(path)
            self.load_state_dict(tensors, strict=True)
        except (OSError, RuntimeError, safetensors.SafetensorError) as error:
            raise ModelError(f"{path} can't be loaded: {first_line(error)}") from error
        if bad := [name for name, tensor in tensors.items() if not tensor.isfinite().all()]:
            raise ModelError(f"{path} holds NaN or infinite numbers in {some(bad)}.")


def read_config(folder: Path) -> dict[str, Any]:
    """Read ``config.json``, strictly.

    Raises:
        ModelError: it is missing, too large, not a JSON object, or has doubled keys or numbers that are not finite.
    """
    path = folder / CONFIG_FILE
    if not path.is_file():
        raise ModelError(f"{folder} is not a model folder: it has no {CONFIG_FILE}.")
    if path.stat().st_size > MAX_CONFIG_BYTES:
        raise ModelError(f"{path} is too large for a configuration ({path.stat().st_size:,} bytes).")
    return read_object(path)


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object, strictly; for the errors see :func:`read_config`."""
    try:
        text = path.read_text(encoding="utf-8")
        value = json.loads(text, parse_constant=_finite, parse_float=_finite, object_pairs_hook=_distinct)
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} can't be read as JSON: {first_line(error)}") from error
    if not isinstance(value, dict):
        raise ModelError(f"{path} must hold a JSON object, not a {type(value).__name__}.")
    return value


def _finite(literal: str) -> float:
    if not math.isfinite(number := float(literal)):
        raise ValueError(f"{literal} is not a finite number")
    return number


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(result := dict(pairs)) != len(pairs):
        raise ValueError("a key occurs twice")
    return result


def _check_header(path: Path, expected: dict[str, torch.Tensor]) -> None:
    """Compare names, types and shapes with the file's header, before anything of either size is allocated."""
    import safetensors

    if not path.is_file():
        raise ModelError(f"{path.parent} is not a model folder: it has no {WEIGHTS_FILE}.")
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            slices = {name: file.get_slice(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
            found = {name: (_DTYPES.get(part.get_dtype()), tuple(part.get_shape())) for name, part in slices.items()}
    except (OSError, ValueError, safetensors.SafetensorError) as error:
        raise ModelError(f"{path} is not a whole safetensors file: {first_line(error)}") from error
    if missing := [name for name in expected if name not in found]:
        raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: it lacks {some(missing)}.")
    if unexpected := [name for name in found if name not in expected]:
        raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: it has {some(unexpected)} too many.")
    for name, tensor in expected.items():
        dtype, shape = found[name]
        if shape != tuple(tensor.shape):
            raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: {name} has shape {shape}, not {tuple(tensor.shape)}.")
        if dtype != tensor.dtype:
            raise ModelError(f"{path} doesn't fit {CONFIG_FILE}: {name} is {dtype}, not {tensor.dtype}.")


def some(names: list[str], limit: int = 5) -> str:
    """The first few names, quoted, and how many more there are."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(repr(name[:60]) for name in names[:limit]) + more


def first_line(error: BaseException) -> str:
    """What an exception says, short enough for a sentence."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:300]


# --- finding a model ---


def fetch(path_or_repo: str | Path | None, *, default: str | None = None, revision: str | None = None) -> Path:
    """The folder that holds a model's ``config.json`` and ``model.safetensors``.

    Args:
        path_or_repo: a folder; the name of shipped weights; a Hub repository ``user/name``, of which just these two files are downloaded,
            or the cached copy used where the Hub can't be reached; None for the shipped weights ``default``.
        default: name of shipped weights.
        revision: branch, tag or commit of a Hub repository.

    Raises:
        ModelError: there is no such thing, or it can't be had; the message says why.
    """
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    revision = revision or None
    spec = default if path_or_repo is None else str(path_or_repo)
    if spec is None:
        raise ModelError("No model was named.")
    folder = None if path_or_repo is None else _existing_folder(spec)
    if folder is None:
        folder = beside_package(f"weights/{spec}") if re.fullmatch(r"[\w-][\w.-]*", spec) else None
    if folder is not None:
        if revision is not None:
            raise ModelError(f"{folder} is a folder: it has no revision {revision!r}. Revisions belong to Hub repositories.")
        return folder
    if path_or_repo is None:
        raise ModelError(f"The shipped weights {spec!r} are missing from this installation.")
    try:
        validate_repo_id(spec)
    except HFValidationError:
        is_repo_id = False
    else:
        is_repo_id = "/" in spec and isinstance(path_or_repo, str) and not os.path.exists(spec)
    if not is_repo_id:
        raise ModelError(f"{spec[:200]!r} is neither a folder, nor shipped weights, nor a Hub repository (user/name).")
    return _download(spec, revision)


def split_revision(spec: str) -> tuple[str, str | None]:
    """``"user/repo@revision"`` to ``("user/repo", "revision")``; without ``@`` the revision is None. Folders stay whole.

    Raises:
        ModelError: nothing stands before or after the ``@``.
    """
    if "@" not in spec or _existing_folder(spec):
        return spec, None
    repo, _, revision = spec.partition("@")
    if not repo or not revision:
        raise ModelError(f"{spec!r} should be user/repo or user/repo@revision.")
    return repo, revision


def load_or_shipped(load: Callable[[str | None, str | None], T], spec: str | None) -> tuple[T, str | None]:
    """Load the model that a deployment names, or else the shipped one, so that a page comes up in any case.

    Args:
        load: ``load(path_or_repo, revision)``; ``load(None, None)`` gives the shipped model.
        spec: ``user/repo``, ``user/repo@revision`` or a folder; None or empty for the shipped model.

    Returns:
        The model, and the sentence to show if it is not the one named, else None.

    Raises:
        ModelError: the shipped weights can't be loaded either.
    """
    spec = (spec or "").strip()
    if not spec:
        return load(None, None), None
    try:
        return load(*split_revision(spec)), None
    except ModelError as error:
        notice = f"The model {spec} could not be loaded, so the shipped weights are used instead. {error}"
        return load(None, None), notice


def _existing_folder(spec: str) -> Path | None:
    name = os.path.expanduser(spec)  # os.path answers to any text, pathlib raises at some
    return Path(name) if os.path.isdir(name) else None


def beside_package(name: str) -> Path | None:
    """A file or folder shipped inside the installed package, or beside it in a clone."""
    here = Path(__file__).resolve().parent
    return next((path for path in (here / name, here.parent / name) if os.path.exists(path)), None)


def _download(repo: str, revision: str | None) -> Path:
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import HTTPError, LocalEntryNotFoundError

    def get(**options: Any) -> Path:
        config = Path(hf_hub_download(repo, CONFIG_FILE, revision=revision, **options))
        commit = config.parent.name  # the weights of the same commit, even if a branch moves on in between
        if not options.get("local_files_only"):
            size = get_hf_file_metadata(hf_hub_url(repo, WEIGHTS_FILE, revision=commit), timeout=patience).size or 0
            if size > MAX_WEIGHTS_BYTES:
                raise ModelError(f"The weights of {repo} have {size / 1e6:,.0f} MB; none of this package's models is that large.")
        return Path(hf_hub_download(repo, WEIGHTS_FILE, revision=commit, **options)).parent

    patience = constants.HF_HUB_ETAG_TIMEOUT
    patience = HUB_ANSWERS_SECONDS if patience == constants.DEFAULT_ETAG_TIMEOUT else patience
    if revision is not None and re.fullmatch(r"[0-9a-f]{40}", revision):
        try:
            return get(local_files_only=True)  # a commit never changes: no need to ask
        except LocalEntryNotFoundError:
            pass
    url = hf_hub_url(repo, CONFIG_FILE, revision=revision)
    try:
        # hf_hub_download alone would try for minutes to reach a Hub that is down; one question tells.
        _within(patience, lambda: get_hf_file_metadata(url, timeout=patience))
        return _within(DOWNLOAD_SECONDS, lambda: get(etag_timeout=patience))
    except (HTTPError, OSError, ValueError) as error:
        if not _is_outage(error):
            raise ModelError(_hub_sentence(error, repo, revision)) from error
        try:
            folder = get(local_files_only=True)
        except LocalEntryNotFoundError:
            raise ModelError(_hub_sentence(error, repo, revision) + " There is no copy of it in the cache.") from error
        log.warning("%s The copy in the cache is used.", _hub_sentence(error, repo, revision))
        return folder


def _within(seconds: float, work: Callable[[], T]) -> T:
    """``work()``, but given up after so long: timeouts of HTTP clients count per address and packet, and not at all for name look-ups."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # handed to the caller
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome.result(timeout=seconds)


def _status(error: BaseException) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def _is_outage(error: BaseException) -> bool:
    """Whether the Hub is down or out of reach, rather than saying no."""
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    if isinstance(error, EntryNotFoundError) and not isinstance(error, LocalEntryNotFoundError):
        return False
    status = _status(error)
    return status is None or status in (408, 429) or status >= 500


def _hub_sentence(error: BaseException, repo: str, revision: str | None) -> str:
    """What went wrong between us and the Hub, for people."""
    from huggingface_hub import errors

    match error:
        case errors.GatedRepoError():
            return f"The Hub repository {repo} is gated: ask for access on its page, then log in with `hf auth login`."
        case errors.RepositoryNotFoundError():
            return f"The Hub has no model repository {repo}, or it is private and you are not logged in (`hf auth login`)."
        case errors.RevisionNotFoundError():
            return f"The Hub repository {repo} has no revision {revision!r}."
        case errors.RemoteEntryNotFoundError():
            missing = WEIGHTS_FILE if WEIGHTS_FILE in str(error) else CONFIG_FILE
            return f"The Hub repository {repo} holds no model of this kind: it has no {missing} at revision {revision or 'main'!r}."
    if (status := _status(error)) in (401, 403):
        return f"The Hub refuses access to {repo} ({status}): log in with `hf auth login`, with a token that has the permission."
    if not _is_outage(error):
        return f"The Hub refuses what was asked of {repo} ({status}): {' '.join(str(error).split())[:300]}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"The files of {repo} can't be stored: {first_line(error)}."
    return f"The Hub can't be reached for {repo} ({type(error).__name__}{f': {first_line(error)}' if str(error).strip() else ''})."


# --- pushing a model ---


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

    Configuration, weights, card, metrics and figures go; whatever else a training run left in the folder stays.

    Returns:
        The commit's address; ``.oid`` has its id.

    Raises:
        ModelError: a file is missing, or the Hub refuses or can't be reached.
    """
    folder = Path(folder)
    needed = [folder / name for name in (CARD_FILE, CONFIG_FILE, WEIGHTS_FILE)]
    if lost := [path.name for path in needed if not path.is_file()]:
        raise ModelError(f"{folder} can't be pushed: it has no {some(lost)}.")
    extras = [path for path in sorted(folder.rglob("*")) if path.name == METRICS_FILE or path.suffix in (".png", ".svg")]
    return upload(folder, needed + extras, repo_id, message=f"Upload {folder.resolve().name}", private=private, token=token)


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
    from huggingface_hub.errors import HTTPError

    try:
        api = HfApi(token=token)
        repo = api.create_repo(repo_id, repo_type=repo_type, private=private, exist_ok=True).repo_id
        # not upload_folder: it may split a slow upload into several commits, and a model must never be half there
        additions = [CommitOperationAdd(path.relative_to(folder).as_posix(), str(path)) for path in files]
        return api.create_commit(repo, additions, repo_type=repo_type, commit_message=message)
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        if _status(error) in (401, 403, 404):
            raise ModelError(
                f"The Hub doesn't let you write to {repo_id}: log in with `hf auth login`, with a token that may write."
            ) from error
        if isinstance(error, ValueError) and _status(error) is None:
            raise ModelError(f"{folder} can't be pushed to {repo_id}: {' '.join(str(error).split())}") from error
        raise ModelError(_hub_sentence(error, repo_id, None)) from error
