"""Split work over the processes that `accelerate launch` or `torchrun` starts.

Started alone, a process does everything, and accelerate is not even imported.
"""

import atexit
import os
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from lkc.errors import InputError
from lkc.extras import need

if TYPE_CHECKING:
    from accelerate import PartialState

Some = TypeVar("Some")
PATIENCE = timedelta(days=7)  # A process that is done waits so long for the others.


def count_processes() -> int:
    """How many processes a launcher started; 1 without one.

    >>> count_processes()
    1
    """
    return int(os.environ.get("WORLD_SIZE", "1"))


@cache
def state() -> "PartialState":
    """Meet the other processes, which must call this as well."""
    import torch

    need("accelerate", "work of several processes", extra="train")
    from accelerate import PartialState

    met = PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)
    if met.num_processes != count_processes():  # Each process would do all of the work.
        raise InputError(
            f"{count_processes()} processes were started, but only {met.num_processes} found each "
            "other: start them by accelerate launch or torchrun."
        )
    atexit.register(met.destroy_process_group)
    return met


def meet() -> None:
    """Meet the others, and take a GPU of one's own: to be called before a network is loaded."""
    if count_processes() > 1:
        state()


def is_first() -> bool:
    """Whether this process speaks and writes for all of them.

    >>> is_first()
    True
    """
    return count_processes() == 1 or state().is_main_process


def agree(value: Some) -> Some:
    """Return what the first process passes, in every process.

    >>> agree("as it is")
    'as it is'
    """
    if count_processes() == 1:
        return value
    from accelerate.utils import broadcast_object_list

    state()
    held = [value]
    broadcast_object_list(held)
    return held[0]


def share(items: Sequence[Some]) -> list[Some]:
    """Return this process's part of the items; each item is in one part.

    >>> share(["a", "b"])
    ['a', 'b']
    """
    if count_processes() == 1:
        return list(items)
    with state().split_between_processes(list(items)) as own:
        # Earlier versions of accelerate give the last item to processes that none is left for.
        return own if state().process_index < len(items) else []


def gather(items: list[Some]) -> list[Some]:
    """Wait for all processes, and join their lists in their order.

    >>> gather(["a", "b"])
    ['a', 'b']
    """
    if count_processes() == 1:
        return items
    from accelerate.utils import gather_object

    state()
    return gather_object(items)
