"""Threads that read ahead and write behind keep order, errors and ends."""

import threading
from contextlib import closing

import pytest

from lkc.fusion.overlap import AT_ONCE, TimeSplit, WriteBehind, read_ahead


def test_items_come_in_order_and_only_a_few_ahead():
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield number

    got = []
    for item in read_ahead(items(), TimeSplit()):
        got.append(item)
        assert len(taken) <= len(got) + AT_ONCE
    assert got == taken == list(range(50))


def test_an_error_comes_in_its_turn():
    def items():
        yield 1
        yield 2
        raise ValueError("damaged")

    got = []
    with pytest.raises(ValueError, match="damaged"):
        got.extend(read_ahead(items(), TimeSplit()))
    ahead = read_ahead(items(), TimeSplit())
    assert [next(ahead), next(ahead)] == [1, 2]


def test_closing_stops_the_thread():
    alive = threading.active_count()
    with closing(read_ahead(iter(range(1000)), TimeSplit())) as ahead:
        assert next(ahead) == 0
        assert threading.active_count() > alive
    assert threading.active_count() == alive


def test_reading_and_writing_run_beside_the_caller():
    """The reader is at the third item and the writer at the first while the second is in hand."""
    third, first, going_on = threading.Event(), threading.Event(), threading.Event()

    def items():
        yield 1
        yield 2
        third.set()
        yield 3

    def write(item):
        first.set()
        assert going_on.wait(10)

    split = TimeSplit()
    with WriteBehind(write, split) as behind, closing(read_ahead(items(), split)) as ahead:
        behind(next(ahead))
        next(ahead)
        assert third.wait(10)
        assert first.wait(10)
        going_on.set()
    assert split.keys() == {"decode", "encode", "wait"}


def test_all_is_written_however_the_block_ends():
    for error in (None, KeyboardInterrupt, ValueError):
        written = []
        try:
            with WriteBehind(written.append, TimeSplit()) as write:
                for number in range(20):
                    write(number)
                if error:
                    raise error
        except (KeyboardInterrupt, ValueError):
            assert error
        assert written == list(range(20))


def test_an_error_of_the_writer_reaches_the_caller():
    def write(item):
        raise ValueError("disk is full")

    with pytest.raises(ValueError, match="disk is full"), WriteBehind(write, TimeSplit()) as behind:
        behind(1)
    calls = []

    def call_on():
        with WriteBehind(write, TimeSplit()) as behind:
            while len(calls) < 100:
                calls.append(behind(1))

    with pytest.raises(ValueError, match="disk is full"):
        call_on()
    assert len(calls) < 2 * AT_ONCE
