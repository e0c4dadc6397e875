"""Where a model is: shipped, in a folder, on the Hub, or in the cache of a Hub that is out of reach."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from hwr.errors import ModelError
from hwr.hub.answers import hub_sentence, is_outage
from hwr.hub.files import CONFIG_FILE, WEIGHTS_FILE
from hwr.hub.publishing import pins
from hwr.system import deadline

MAX_WEIGHTS_BYTES = 1 << 30
"""Larger weights are not downloaded."""

MAX_CONFIG_BYTES = 1 << 20
"""Larger configurations are neither downloaded nor read."""
HUB_ANSWERS_SECONDS = 4
"""How long the Hub may take to say whether it has a model; HF_HUB_ETAG_TIMEOUT overrides it."""
DOWNLOAD_SECONDS = 60
"""How long a model's files may take to arrive."""

_PATIENCE = 0.25
"""Seconds between two looks at whether anybody still waits."""

T = TypeVar("T")
log = logging.getLogger(__name__)


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
    revision = revision or None
    spec = default if path_or_repo is None else str(path_or_repo)
    if spec is None:
        raise ModelError("No model was named.")
    folder = None if path_or_repo is None else _existing_folder(spec)
    if folder is None:
        folder = _shipped(spec)
    if folder is not None:
        if revision is not None:
            raise ModelError(f"{folder} is a folder: it has no revision {revision!r}. Revisions belong to Hub repositories.")
        pin = None if (folder / WEIGHTS_FILE).is_file() else _pin(folder)
        return folder if pin is None else _download(pin.repo, pin.revision)
    if path_or_repo is None:
        raise ModelError(f"The shipped weights {spec!r} are missing from this installation.")
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(spec)
    except HFValidationError:
        is_repo_id = False
    else:
        is_repo_id = "/" in spec and isinstance(path_or_repo, str) and not os.path.exists(spec)
    if not is_repo_id:
        raise ModelError(f"{spec[:200]!r} is neither a folder, nor shipped weights, nor a Hub repository (user/name).")
    return _download(spec, revision)


def local_folder(spec: str) -> Path | None:
    """A model folder on this machine, by its path or as the name of shipped weights; None if there is none."""
    return _existing_folder(spec) or _shipped(spec)


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


def load_named(load: Callable[[Path], T], path_or_repo: str | None, *, default: str, revision: str | None) -> tuple[T, str]:
    """A network by the name that somebody gave it.

    Args:
        load: from a model folder.
        path_or_repo: name of shipped weights, a folder, or a Hub repository ``user/name``; None for ``default``.
        default: name of shipped weights.
        revision: branch, tag or commit of a Hub repository.

    Returns:
        The network, and where it came from, for people.

    Raises:
        ModelError: it can't be had, or isn't of that kind; the message has the name that was given, not where its files lie.
    """
    folder = fetch(path_or_repo, default=default, revision=revision)
    source = f"{path_or_repo or default}{f'@{revision}' if revision else ''}"
    try:
        return load(folder), source
    except ModelError as error:
        raise ModelError(str(error).replace(str(folder), source)) from error


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


def _pin(folder: Path) -> pins.Pin | None:
    """Where the weights of a folder are that a Space doesn't carry."""
    path = folder.parent / pins.PINS_FILE
    return pins.read(path).get(folder.name) if path.is_file() else None


def _shipped(name: str) -> Path | None:
    return beside_package(f"weights/{name}") if re.fullmatch(r"[\w-][\w.-]*", name) else None


def _existing_folder(spec: str) -> Path | None:
    name = os.path.expanduser(spec)  # os.path answers to any text, pathlib raises at some
    return Path(name) if os.path.isdir(name) else None


def beside_package(name: str) -> Path | None:
    """A file or folder shipped inside the installed package, or beside it in a clone."""
    here = Path(__file__).resolve().parents[1]
    return next((path for path in (here / name, here.parent / name) if os.path.exists(path)), None)


def _download(repo: str, revision: str | None) -> Path:
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.errors import HTTPError, LocalEntryNotFoundError

    def get(given_up: threading.Event, **options: Any) -> Path:
        options["tqdm_class"] = _ending(given_up)
        config = Path(hf_hub_download(repo, CONFIG_FILE, revision=revision, **options))
        commit = config.parent.name  # the weights of the same commit, even if a branch moves on in between
        if not options.get("local_files_only"):
            size = get_hf_file_metadata(hf_hub_url(repo, WEIGHTS_FILE, revision=commit), timeout=patience).size or 0
            if size > MAX_WEIGHTS_BYTES:
                raise ModelError(f"The weights of {repo} have {size / 1e6:,.0f} MB; none of this package's models is that large.")
        return Path(hf_hub_download(repo, WEIGHTS_FILE, revision=commit, **options)).parent

    never = threading.Event()
    patience = constants.HF_HUB_ETAG_TIMEOUT
    patience = HUB_ANSWERS_SECONDS if patience == constants.DEFAULT_ETAG_TIMEOUT else patience
    if revision is not None and re.fullmatch(r"[0-9a-f]{40}", revision):
        try:
            return get(never, local_files_only=True)  # a commit never changes: no need to ask
        except LocalEntryNotFoundError:
            pass
    url = hf_hub_url(repo, CONFIG_FILE, revision=revision)
    try:
        # hf_hub_download alone would try for minutes to reach a Hub that is down; one question tells.
        size = _within(patience, lambda _: get_hf_file_metadata(url, timeout=patience)).size or 0
        if size > MAX_CONFIG_BYTES:
            raise ModelError(f"The {CONFIG_FILE} of {repo} has {size:,} bytes; that is too large for a configuration.")
        return _within(DOWNLOAD_SECONDS, lambda given_up: get(given_up, etag_timeout=patience))
    except (HTTPError, OSError, ValueError) as error:
        if not is_outage(error):
            raise ModelError(hub_sentence(error, repo, revision)) from error
        try:
            folder = get(never, local_files_only=True)
        except LocalEntryNotFoundError:
            raise ModelError(hub_sentence(error, repo, revision) + " There is no copy of it in the cache.") from error
        log.warning("%s The copy in the cache is used.", hub_sentence(error, repo, revision))
        return folder


def _within(seconds: float, work: Callable[[threading.Event], T]) -> T:
    """``work(given_up)``, but no longer than that, nor longer than the deadline of the caller; the event tells the work when to end.

    Timeouts of HTTP clients count per address and packet, and not at all for name look-ups.
    """
    outcome: Future[T] = Future()
    given_up = threading.Event()

    def run() -> None:
        try:
            outcome.set_result(work(given_up))
        except BaseException as error:  # handed to the caller
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    ends = time.monotonic() + seconds
    try:
        while True:
            try:
                return outcome.result(timeout=max(0.0, min(_PATIENCE, ends - time.monotonic())))
            except TimeoutError:
                if outcome.done() or time.monotonic() >= ends:
                    raise
                deadline.check()
    finally:
        given_up.set()


def _ending(given_up: threading.Event) -> type:
    """A progress bar that ends the download once it is given up: it hears of every piece that arrives."""
    from huggingface_hub.utils import tqdm

    class Ending(tqdm):
        def update(self, n: float | None = 1) -> bool | None:
            if given_up.is_set():
                raise TimeoutError("The download was given up.")
            return super().update(n)

    return Ending
