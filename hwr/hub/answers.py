"""What the Hub answered, for people."""

from __future__ import annotations

from hwr.hub.files import CONFIG_FILE, WEIGHTS_FILE, first_line


def status_of(error: BaseException) -> int | None:
    return getattr(getattr(error, "response", None), "status_code", None)


def is_outage(error: BaseException) -> bool:
    """Whether the Hub is down or out of reach, rather than saying no."""
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    if isinstance(error, EntryNotFoundError) and not isinstance(error, LocalEntryNotFoundError):
        return False
    status = status_of(error)
    return status is None or status in (408, 429) or status >= 500


def hub_sentence(error: BaseException, repo: str, revision: str | None) -> str:
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
    if (status := status_of(error)) in (401, 403):
        return f"The Hub refuses access to {repo} ({status}): log in with `hf auth login`, with a token that has the permission."
    if not is_outage(error):
        return f"The Hub refuses what was asked of {repo} ({status}): {' '.join(str(error).split())[:300]}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"The files of {repo} can't be stored: {first_line(error)}."
    return f"The Hub can't be reached for {repo} ({type(error).__name__}{f': {first_line(error)}' if str(error).strip() else ''})."
