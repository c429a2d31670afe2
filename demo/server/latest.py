"""What each visitor chose last, so that work for an earlier choice is given up.

No Gradio here: what computes asks `give_up_if_outdated`, whoever it works for.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import nn

chosen: dict[tuple[str, str], str] = {}
"""(session, place or part of the page) -> the latest choice there: a number, or a word."""

is_wanted: ContextVar[Callable[[], bool]] = ContextVar("is_wanted", default=lambda: True)


class Outdated(Exception):
    """The visitor has chosen something else meanwhile, or has left."""


def choose(session: str | None, places: list[str]) -> str:
    """Note that a visitor chose something else in some places; returns the choice's number."""
    number = uuid.uuid4().hex
    for place in places:
        note(session, place, number)
    return number


def note(session: str | None, place: str, word: str) -> None:
    """Note a choice that has a name of its own, such as a view."""
    chosen[str(session), place] = word


def noted(session: str | None, place: str, default: str) -> str:
    """Return the latest choice of a place; the default where none was noted."""
    return chosen.get((str(session), place), default)


def forget(session: str | None) -> None:
    """Let what is under way for a visitor who has left be given up."""
    for key in list(chosen):  # a copy, since others choose meanwhile
        if key[0] == str(session):
            chosen.pop(key, None)


@contextmanager
def working_for(wanted: Callable[[], bool]) -> Iterator[None]:
    """Tell the work inside of the `with` block how to find out whether it is still wanted."""
    before = is_wanted.set(wanted)
    try:
        yield
    finally:
        is_wanted.reset(before)


def give_up_if_outdated() -> None:
    """Raise `Outdated` where nobody wants the present work any more."""
    if not is_wanted.get()():
        raise Outdated


def give_up_between_layers(network: nn.Module) -> nn.Module:
    """Have a network look before each layer, which for a large image is before each band of it.

    A GPU is done before anybody can change their mind, and a graph must be recorded to its end.
    """
    on_cpu = all(weight.device.type == "cpu" for weight in network.parameters())
    for layer in network.modules():
        if on_cpu and not list(layer.children()):
            layer.register_forward_pre_hook(lambda *_: give_up_if_outdated())
    return network
