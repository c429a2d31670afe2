"""What each visitor chose last, so that work for an earlier choice is given up.

No Gradio here: what computes asks `give_up_if_outdated`, whoever it works for.
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from torch import nn

chosen: dict[tuple[str, str], str] = {}
"""(session, place or part of the page) -> the latest choice there: a number, or a word."""

noting = threading.Lock()
ORDER_DIGITS = 8  # A number starts with its order, in hexadecimal digits.

is_wanted: ContextVar[Callable[[], bool]] = ContextVar("is_wanted", default=lambda: True)


class Outdated(Exception):
    """The visitor has chosen something else meanwhile, or has left."""


def choose(session: str | None, places: list[str], order: int = 0) -> str:
    """Note that a visitor chose something else in some places, unless a later choice is known.

    Requests overtake one another: a file's upload can be reported after the click that follows it.

    Args:
        session: of the visitor.
        places: that change.
        order: of the visitor's acts, as the browser counts them; equal ones come as they are made.

    Returns:
        The choice's number.
    """
    start = f"{order:0{ORDER_DIGITS}x}"
    number = start + uuid.uuid4().hex[ORDER_DIGITS:]
    with noting:
        for place in places:
            if noted(session, place, "")[:ORDER_DIGITS] <= start:
                note(session, place, number)
    return number


def note(session: str | None, place: str, word: str) -> None:
    """Note a choice that has a name of its own, such as a view."""
    chosen[str(session), place] = word


def note_in_order(session: str | None, place: str, word: str, order: int) -> None:
    """Note a choice that has a name of its own, unless a later one is known, see `choose`."""
    with noting:
        if order >= int(noted(session, f"order of {place}", "0")):
            note(session, place, word)
            note(session, f"order of {place}", str(order))


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
