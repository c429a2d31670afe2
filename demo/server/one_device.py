"""One device for everybody: every call, and every step of a long job, takes its turn."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import gradio as gr

QUEUE = {"concurrency_id": "fuse", "concurrency_limit": 1}
"""Gradio's queue of calls that take a second: they wait for one another."""
JOBS = {"concurrency_id": "jobs", "concurrency_limit": 1}
"""Its queue of batches and clips, so that one call and one job at most want the device."""
BACKGROUND = {"concurrency_id": "background", "concurrency_limit": 1}
"""Its queue of what is measured in advance, a step at a time, so that others hardly wait for it."""

MAX_WAITING = 32
"""Calls and jobs that wait in both queues; who comes then is told to try again."""

PRIVATE = {"api_visibility": "private"}
"""What is no endpoint of its own."""

next_in_line, device = Lock(), Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Hold the device; who waits for it is next, so that a long job cannot take it twice."""
    with next_in_line:
        device.acquire()
    try:
        yield
    finally:
        device.release()


def in_turns(function: Callable) -> Callable:
    """Let a function hold the device while it runs; one that yields, from step to step."""
    if not inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def call(*given: Any) -> Any:
            with turn():
                return function(*given)

        return call

    @functools.wraps(function)
    def steps(*given: Any) -> Iterator[Any]:
        iterator, end = function(*given), object()
        try:
            while True:
                with turn():
                    step = next(iterator, end)
                if step is end:
                    return
                yield step
        finally:
            iterator.close()

    return steps


def wants_device(event: Any) -> bool:
    """Whether an event of a page is one that takes turns."""
    return event.concurrency_id in [queue["concurrency_id"] for queue in (QUEUE, JOBS, BACKGROUND)]


def take_turns(page: gr.Blocks) -> None:
    """Have every event of these queues take turns."""
    for event in filter(wants_device, page.fns.values()):
        event.fn = in_turns(event.fn)
