"""Pictures and sentences of what the study's norms make of one pair, and of a hot spot in it."""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ..server.temporary_files import new_folder
from ..words.say import say
from .hot_spot import TOUCHED, Effect, HotSpot, measure_effect
from .inside import list_trained, load_network, range_of, to_8_bit, to_gray_map
from .inside_results import Pictures, Spot, Subject, held
from .norms import Column, put_side_by_side
from .results import save
from .signed import common_limit, paint_signed

FRAME_SHARE = 300  # A frame's line is so many times thinner than the image is long.


@lru_cache(maxsize=4)
def seen_side_by_side(subject: Subject, layer: str) -> dict[str, Column]:
    """Look into the networks of all norms, once; the subject's own norm does not count."""
    sources, _ = subject.sources()
    task, kernels = subject.task, subject.kernels
    networks = {norm: load_network(task, norm, kernels) for norm in list_trained(task, kernels)}
    return put_side_by_side(networks, sources, layer)


def show_side_by_side(subject: Subject, layer: str, language: str) -> tuple[Pictures, str]:
    """Show what the networks of all norms make of a pair.

    Args:
        subject: the pair and the kernels.
        layer: a name of `list_layers`.
        language: "en" or "zh".

    Returns:
        Three rows of pictures with a column for each norm: a map of the layer, the fused image,
        and its difference from the first column's; and a text about them.

    Raises:
        InputError: no pair.
    """
    if not list_trained(subject.task):
        return [], say("only_in_a_clone", language)
    columns = seen_side_by_side(subject, layer)
    first = next(iter(columns))
    differences = {norm: column.minus(columns[first]) for norm, column in columns.items()}
    low, high = range_of(*(column.map for column in columns.values()))
    limit = common_limit([*differences.values()])
    rows: list[Pictures] = [[], [], []]
    folder = new_folder()
    for norm, column in columns.items():
        name = say(norm, language)
        values = {"norm": name, "first": say(first, language)}
        gray = to_gray_map(column.map, low, high)
        painted = paint_signed(differences[norm], limit)
        mean = abs(differences[norm]).mean()
        kinds = ("reference_map", "reference") if norm == first else ("like_map", "difference")
        captions = (
            say(kinds[0], language, channel=column.channel, like=column.likeness, **values),
            say("norm_fused", language, **values),
            say(kinds[1], language, mean=mean, **values),
        )
        pictures = gray, (column.fused + 0.5).astype("uint8"), painted
        for row, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
            rows[row].append((save(picture, f"{row}-{norm}", folder), caption))
    ends = {"low": low, "high": high, "limit": limit}
    text = say("side_by_side_text", language, first=say(first, language), **ends)
    return [picture for row in rows for picture in row], text


def measure_all(subject: Subject, spot: HotSpot) -> dict[str, Effect]:
    """Put a spot into a pair, and measure its effect under every norm of the study."""
    sources, _ = subject.sources()
    Spot(spot.row, spot.column, spot.width).inside(sources)
    effects = {}
    for norm in list_trained(subject.task, subject.kernels):
        own = replace(subject, norm=norm)
        model = load_network(own.task, norm, own.kernels)
        effects[norm] = measure_effect(model, *held(own), sources, spot)
    return effects


def paint_effect(effect: Effect, limit: float) -> NDArray[np.uint8]:
    """Paint what changes, with the frame that kernels reach."""
    painted = np.ascontiguousarray(paint_signed(effect.change, limit))  # (H, W, 3)
    corners = (effect.columns.start, effect.rows.start), (effect.columns.stop, effect.rows.stop)
    thick = max(1, round(max(effect.change.shape) / FRAME_SHARE))
    cv2.rectangle(painted, *corners, (0, 0, 0), thick)
    return painted


def show_hot_spot(subject: Subject, spot: HotSpot, language: str) -> tuple[Pictures, str]:
    """Show what a hot spot changes under every norm, near it and far from it.

    Args:
        subject: the pair and the kernels.
        spot: inside the image.
        language: "en" or "zh".

    Returns:
        A map for each norm, all on one scale; and a text with the change beyond the kernels.

    Raises:
        InputError: no pair, or the spot lies outside.
    """
    if not list_trained(subject.task):
        return [], say("only_in_a_clone", language)
    effects = measure_all(subject, spot)
    limit = common_limit([effect.beyond() for effect in effects.values()])
    pictures, folder = [], new_folder()
    lines = [say("hot_text", language, least=TOUCHED, limit=limit)]
    for norm, effect in effects.items():
        name, beyond = say(norm, language), effect.beyond()
        pictures.append((save(paint_effect(effect, limit), norm, folder), name))
        if beyond.size:
            numbers = {"mean": beyond.mean(), "most": beyond.max()}
            lines.append(say("hot_line", language, norm=name, **numbers))
        else:
            lines.append(say("hot_everywhere", language, norm=name))
    return pictures, "\n".join(lines) + "\n\n" + say("hot_batch", language)


def show_first(subject: Subject) -> str:
    """Write the first source as networks see it; returns its file."""
    return save(to_8_bit(subject.sources()[0][:, :1]), "first")
