"""Let reading, fusing and writing of a clip overlap: a thread reads ahead, another writes behind.

PyAV and torch release Python's lock while they work, so three threads keep three things busy: on a
GPU, a clip takes as long as the slowest of them instead of their sum.
"""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import TracebackType
from typing import Generic, ParamSpec, Self, TypeVar

AT_ONCE = 3  # So many frames wait on either side, enough to even out slow ones.
Item = TypeVar("Item")
Given = ParamSpec("Given")


class TimeSplit(dict[str, float]):
    """Seconds by what they were spent on.

    Example:
        >>> split = TimeSplit()
        >>> with split.of("fuse"):
        ...     pass
        >>> list(split)
        ['fuse']
    """

    @contextmanager
    def of(self, what: str) -> Iterator[None]:
        """Count the time that the `with` block takes."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self[what] = self.get(what, 0.0) + time.perf_counter() - start


def read_ahead(items: Iterator[Item], split: TimeSplit) -> Generator[Item, None, None]:
    """Yield what an iterator yields; a thread advances it meanwhile, by a few items only.

    Args:
        items: what it raises is raised here, in its turn.
        split: counts the time of `items` as "decode", and that without an item as "wait".

    Yields:
        The items.

    Example:
        >>> list(read_ahead(iter("abc"), TimeSplit()))
        ['a', 'b', 'c']
    """
    end = object()

    def following() -> Item | object:
        with split.of("decode"):
            return next(items, end)

    worker = ThreadPoolExecutor(1, "read ahead")
    try:
        waiting = deque(worker.submit(following) for _ in range(AT_ONCE))
        while True:
            with split.of("wait"):
                item = waiting.popleft().result()
            if item is end:
                return
            waiting.append(worker.submit(following))
            yield item  # type: ignore[misc]
    finally:
        worker.shutdown(cancel_futures=True)


class WriteBehind(Generic[Given]):
    """Call a function in a thread, in order; leaving the `with` block waits for all calls.

    Args:
        write: what to call. An error of it is raised by a later call, or at the end.
        split: counts its time as "encode", and that spent on waiting for it as "wait".

    Example:
        >>> written = []
        >>> with WriteBehind(written.append, TimeSplit()) as write:
        ...     write("a")
        >>> written
        ['a']
    """

    def __init__(self, write: Callable[Given, object], split: TimeSplit) -> None:
        self.write, self.split = write, split
        self.waiting: deque[Future[None]] = deque()
        self.worker = ThreadPoolExecutor(1, "write behind")

    def timed(self, *args: Given.args, **kwargs: Given.kwargs) -> None:
        """Call the function and count its time."""
        with self.split.of("encode"):
            self.write(*args, **kwargs)

    def __call__(self, *args: Given.args, **kwargs: Given.kwargs) -> None:
        """Have the function called; wait where too many calls are open."""
        self.wait_until_open(AT_ONCE - 1)
        self.waiting.append(self.worker.submit(self.timed, *args, **kwargs))

    def wait_until_open(self, calls: int) -> None:
        """Wait until so many calls at most are open."""
        with self.split.of("wait"):
            while len(self.waiting) > calls:
                self.waiting.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self.worker:
            if error is None or isinstance(error, GeneratorExit):
                self.wait_until_open(0)
