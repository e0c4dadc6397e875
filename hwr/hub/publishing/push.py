"""A release, step by step: each repository in one commit, if it is other than it shall be; then the collection, and the Space last.

What was done is found done by the next run, so that one that was interrupted goes on, and one with nothing to do changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hwr.errors import InputError
from hwr.hub.publishing.pins import Pin
from hwr.hub.publishing.plan import Step, compare, megabytes
from hwr.hub.publishing.release import LANGUAGE_MODEL, Part, dataset_parts, model_parts, space_part
from hwr.hub.pushing import check_repo_id, refusals

if TYPE_CHECKING:
    from huggingface_hub import HfApi

COLLECTION = "Longhand: handwriting, read and written"
_DESCRIPTION = "Recurrent networks that read handwriting and write it, the data that they learnt from, and a page to try them on."
_TO_COME = "0" * 40
"""Stands in a plan for commits that are still to be made."""


def publish(
    root: Path,
    namespace: str,
    *,
    datasets: Sequence[str] = (),
    hardware: str = "zero-a10g",
    dry_run: bool = False,
    tell: Callable[[str], None] = print,
) -> None:
    """Create or update everything.

    Args:
        root: a clone of this repository.
        namespace: user or organisation.
        datasets: folders of data sets that are published too.
        hardware: of the Space, if it is made now; free accounts may make none but ``zero-a10g``.
        dry_run: only tell what would be done.
        tell: is given a line about each repository.

    Raises:
        InputError: something can't be published, or the Hub refuses or can't be reached. What was done until then stays, and the next run
            goes on from there.
    """
    from huggingface_hub import HfApi

    check_repo_id(f"{namespace}/hwr")
    models, sets = model_parts(root, namespace), dataset_parts(datasets, namespace)  # everything is checked before anything is sent
    if len({part.repo_id for part in sets}) < len(sets):
        raise InputError("Two of the data sets have the same name.")
    api, total, pinned = HfApi(), 0, {}
    for name, part in [*models.items(), *((None, part) for part in sets)]:
        step, head = _done(api, part, hardware, dry_run, tell)
        total += step.size
        if name is not None and name != LANGUAGE_MODEL:
            pinned[name] = Pin(part.repo_id, head)
    space = space_part(root, namespace, pinned)
    step, _ = _done(api, space, hardware, dry_run, tell)
    total += step.size
    _collect(api, namespace, [space, *models.values(), *sets], dry_run, tell)
    tell(f"{megabytes(total)} {'would be' if dry_run else 'were'} sent.")


def _done(api: HfApi, part: Part, hardware: str, dry_run: bool, tell: Callable[[str], None]) -> tuple[Step, str]:
    """Bring a repository to what it shall be: what there was to do, and the commit that it is at now."""
    with refusals(part.repo_id):
        step = compare(api, part)
        tell(str(step))
        if step.nothing:
            return step, step.head or ""
        return step, _TO_COME if dry_run else _commit(api, step, hardware)


def _commit(api: HfApi, step: Step, hardware: str) -> str:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    part = step.part
    if step.head is None:
        options: dict[str, Any] = {"space_sdk": "gradio", "space_hardware": hardware} if part.kind == "space" else {}
        api.create_repo(part.repo_id, repo_type=part.kind, exist_ok=True, **options)
        step = compare(api, part)  # the Hub puts files into a new repository
    operations = [
        *(CommitOperationAdd(path, part.files[path]) for path in step.changed),
        *(CommitOperationDelete(path) for path in step.removed),
    ]
    # In one commit, that nothing may have come before since: a repository must never be half one release and half another.
    made = api.create_commit(part.repo_id, operations, repo_type=part.kind, commit_message="Publish", parent_commit=step.head)
    return made.oid


def _collect(api: HfApi, namespace: str, parts: Sequence[Part], dry_run: bool, tell: Callable[[str], None]) -> None:
    """Have the collection hold all repositories; what else somebody put into it stays."""
    with refusals(f"{namespace}'s collection"):
        found = next((each for each in api.list_collections(owner=namespace) if each.title == COLLECTION), None)
        there = {(item.item_type, item.item_id) for item in api.get_collection(found.slug).items} if found else set()
        lacking = [part for part in parts if (part.kind, part.repo_id) not in there]
        tell(f"{'collection':<10} {COLLECTION}: {'as it is' if not lacking else f'{len(lacking)} of {len(parts)} to add'}")
        if dry_run or not lacking:
            return
        if found is None:
            found = api.create_collection(COLLECTION, namespace=namespace, description=_DESCRIPTION, exists_ok=True)
        for part in lacking:
            api.add_collection_item(found.slug, part.repo_id, part.kind, exists_ok=True)
