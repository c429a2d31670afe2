"""The lines that make the same result elsewhere: a command, and Python."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from .prepared import given_for
from .windows import default_words


@dataclass(frozen=True)
class Recipe:
    """How a result was made.

    Attributes:
        files: of the two sources, as on the visitor's machine.
        windows: of both, in the words of `--window`, or ("", "") where each has its default.
        task, method, detail, colour: as in `fuse_files`.
    """

    files: tuple[str, str]
    windows: tuple[str, str]
    task: str
    method: str = "lite"
    detail: float = 1.0
    colour: str = "keep"

    @property
    def out(self) -> str:
        """The PNG that is written."""
        return f"{Path(self.files[0]).stem}-fused.png"


def recipe_of(
    first: str, second: str, task: str, method: str, detail: float, colour: str
) -> Recipe:
    """Find the recipe of a pair of pictures as they were fused."""
    given = given_for(first), given_for(second)
    names = [Path(source.file).name for source in given]
    if names[0] == names[1]:  # such as that of an example: they lie in folders of their own
        names = [f"{folder}/{name}" for folder, name in zip(task.split("-"), names, strict=True)]
    colour = "keep" if colour == "heat" and task != "ir-vis" else colour
    windows = [source.window for source in given]
    if any(windows):  # the command line would take one window for both
        windows = [w or default_words(source) for w, source in zip(windows, given, strict=True)]
    return Recipe((names[0], names[1]), (windows[0], windows[1]), task, method, detail, colour)


def command(recipe: Recipe) -> str:
    """One line for a shell.

    >>> command(Recipe(("a b.tif", "b.png"), ("20,40", "full"), "ir-vis", detail=1.5))
    "lkc fuse 'a b.tif' b.png -o 'a b-fused.png' --window 20,40 --window full --detail 1.5"
    """
    words = ["lkc", "fuse", *map(not_an_option, recipe.files), "-o", not_an_option(recipe.out)]
    for window in filter(None, recipe.windows):
        words += ["--window", window]
    for name, value in changed(recipe).items():
        words += [f"--{name}", str(value)]
    return shlex.join(words)


def not_an_option(name: str) -> str:
    """A file name that starts with "-" as a path."""
    return f"./{name}" if name.startswith("-") else name


def changed(recipe: Recipe) -> dict[str, str | float]:
    """The options that are not the default, as the command line calls them."""
    options: dict[str, tuple[str | float, str | float]] = {
        "task": (recipe.task, "ir-vis"),
        "preset": (recipe.method, "lite"),
        "detail": (recipe.detail, 1),
        "colour": (recipe.colour, "keep"),
    }
    return {name: value for name, (value, usual) in options.items() if value != usual}


def python_lines(recipe: Recipe) -> str:
    """The same in Python."""
    options = changed(recipe)
    preset = options.pop("preset", None)
    lines = ["import lkc"]
    sources = [repr(file) for file in recipe.files]
    if any(recipe.windows):
        lines.append("from lkc.io import parse_window, read, show")
    lines += ["from lkc.io.image_files import write_image", ""]
    if any(recipe.windows):
        for name, source, window in zip(("a", "b"), sources, recipe.windows, strict=True):
            lines.append(f"{name}, _ = show(read({source}), parse_window({window!r}))")
        sources = ["a", "b"]
    arguments = [f"{name}={value!r}" for name, value in options.items()]
    if preset:
        lines.append(f"model = lkc.load_model({preset!r}, task={recipe.task!r})")
        arguments.append("model=model")
    lines.append(f"fused = lkc.fuse({', '.join([*sources, *arguments])})")
    lines.append(f"write_image({recipe.out!r}, fused)")
    return "\n".join(lines)


def as_markdown(recipe: Recipe) -> str:
    """Both as blocks of code, whatever files are called."""
    blocks = [("sh", command(recipe)), ("python", python_lines(recipe))]
    fence = "`" * (3 + max(text.count("`") for _, text in blocks))
    return "\n\n".join(f"{fence}{language}\n{text}\n{fence}" for language, text in blocks)
