"""The engine: Ray Data gives the numbers of missing shards to workers, on this machine or on a cluster that ``RAY_ADDRESS`` names.

A worker is made once in its process, with its networks, and makes shard after shard; only counts travel back.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any

from hwr.bulk.shards import Shards
from hwr.errors import InputError, extra_imports

_OBJECTS_BYTES = 100 << 20
"""Of shared memory on one machine, in which nothing but counts is kept."""


def work(shards: Shards, worker: Any, arguments: dict[str, Any], *, workers: int, done: Callable[[dict[str, Any]], None]) -> None:
    """Make the missing shards of a job.

    Args:
        shards: of the job.
        worker: a class that can be pickled; called with ``{"shard": number}`` for each shard, it makes it and returns ``shard``, ``rows``
            and ``errors``.
        arguments: it is made of.
        workers: how many of them, each on one core.
        done: told what a worker returned, in the order in which shards are done.

    Raises:
        InputError: Ray isn't installed or can't be started or reached, there are no such workers, or one couldn't be made or do its work.
    """
    if workers < 1:
        raise InputError("There must be at least one worker.")
    missing = shards.missing()
    if not missing:
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with extra_imports():
        import ray
        import ray.data  # it logs what only its makers want to know
        from ray.exceptions import RayError
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    workers = min(workers, len(missing))
    here: dict[str, Any] = {}
    if not os.environ.get("RAY_ADDRESS"):  # "local": else Ray looks for a cluster that this machine once was of
        here = {"address": "local", "object_store_memory": _OBJECTS_BYTES, "num_cpus": workers + 1, "include_dashboard": False}
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **here)
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        numbers = ray.data.from_items([{"shard": number} for number in missing], override_num_blocks=len(missing))
        pool = ray.data.ActorPoolStrategy(size=workers, max_tasks_in_flight_per_actor=1)
        for row in numbers.map(worker, fn_constructor_kwargs=arguments, compute=pool, num_cpus=1).iter_rows():
            done(row)
    except (RayError, ConnectionError, RuntimeError) as error:
        cause = error.__cause__ or error
        raise InputError(f"Ray gave up: {(str(cause).strip() or type(cause).__name__).splitlines()[-1][:500]}") from error
    finally:
        ray.shutdown()
