"""The comparison sheet of a result: its sources and what other methods made, with words below."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import lkc
from lkc.io.image_files import read_image
from lkc.tasks import TASKS
from lkc.viz import comparison_sheet
from lkc.viz.sheet import can_draw

from ..words.say import say
from .fuse_files import read_source, to_display
from .prepared import given_for
from .recipe import Recipe
from .results import Result, colour_name, labels, method_name, save
from .slices import count_slices, millimetres
from .windows import find_shown


@dataclass(frozen=True)
class Made:
    """What is on the screen.

    Attributes:
        number: of the choice that it belongs to.
        result: its files.
        recipe: how it was made.
        others: what other methods made of the same pair before, as fused PNG by method.
    """

    number: str
    result: Result
    recipe: Recipe
    others: Mapping[str, str] = field(default_factory=dict)


def made_after(before: Made | None, number: str, result: Result, recipe: Recipe) -> Made:
    """What is on the screen now, with what other methods made of the same before."""
    made = Made(number, result, recipe)
    if before is None or before.number != number:
        return made
    if replace(before.recipe, method=recipe.method) != recipe:
        return made
    others = {**before.others, before.recipe.method: before.result.fused}
    others.pop(recipe.method, None)
    return replace(made, others=others)


def label_of(source: str, name: str, language: str) -> str:
    """What a source is called, and which of its values are shown."""
    shown = find_shown(given_for(source))
    if shown is None:
        return name
    return say("window", language, name=name, low=shown.limits[0], high=shown.limits[1])


def lines_for(made: Made, language: str) -> list[str]:
    """What was done, in words."""
    recipe, at = made.recipe, given_for(made.result.first).slice
    facts = [(say("task", language), " + ".join(labels(recipe.task, language)))]
    facts.append((say("method", language), method_name(recipe.method, language)))
    facts.append((say("detail", language), f"{recipe.detail:g}"))
    if TASKS[recipe.task].second_has_colour:
        colour = colour_name(recipe.colour, recipe.task, language)
        facts.append((say("colour", language), colour))
    said = (say("sheet_fact", language, name=name, value=value) for name, value in facts)
    lines = [" · ".join(said)]
    if at:
        count, place = count_slices(at.grid, at.axis), millimetres(at)
        where = say("slice", language, number=at.index + 1, count=count, place=place)
        lines.append(f"{say(at.axis, language)} · {where}")
    if recipe.align:
        lines.append(say("sheet_moved", language))
    return [*lines, say("sheet_end", language, version=lkc.__version__)]


def write_sheet(made: Made, language: str) -> str:
    """Write the sheet as a PNG, in English where this machine has no font for the language."""
    result = made.result
    if not can_draw("".join([*lines_for(made, language), *labels(result.task, language)])):
        language = "en"
    images = {}
    for source, name in zip(
        (result.first, result.second), labels(result.task, language), strict=True
    ):
        images[label_of(source, name, language)] = to_display(read_source(source, name))
    for method, file in {made.recipe.method: result.fused, **made.others}.items():
        name = method_name(method, language)
        label = say("sheet_fact", language, name=say("fused", language), value=name)
        images[label] = to_display(read_image(file))
    reduced = say("sheet_reduced", language, factor="{factor}")
    sheet = comparison_sheet(images, lines_for(made, language), reduced_line=reduced)
    return save(sheet, f"{Path(result.fused).stem.removesuffix('-fused')}-sheet")
