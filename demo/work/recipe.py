"""The lines that make the same result elsewhere: a command, and Python."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from lkc.fusion.images import colours_of
from lkc.tasks import TASKS

from .prepared import given_for
from .windows import default_words


@dataclass(frozen=True)
class Recipe:
    """How a result was made.

    Attributes:
        files: of the two sources, as on the visitor's machine.
        windows: of both, in the words of `--window`, or ("", "") where each has its default.
        task, method, detail, colour: as in `fuse_files`.
        axis: in which volumes are cut into slices; "" for images.
        align: the file with the transform, where one source was moved onto the other's grid.
    """

    files: tuple[str, str]
    windows: tuple[str, str]
    task: str
    method: str = "lite"
    detail: float = 1.0
    colour: str = "keep"
    axis: str = ""
    align: str = ""

    @property
    def out(self) -> str:
        """The PNG or NIfTI that is written."""
        stem = Path(Path(self.files[0]).name.removesuffix(".gz")).stem
        return f"{stem}-fused.{'nii.gz' if self.axis else 'png'}"


def recipe_of(
    first: str, second: str, task: str, method: str, detail: float, colour: str
) -> Recipe:
    """Find the recipe of a pair of pictures as they were fused."""
    given = given_for(first), given_for(second)
    names = [Path(source.file).name for source in given]
    if names[0] == names[1]:  # such as that of an example: they lie in folders of their own
        names = [f"{folder}/{name}" for folder, name in zip(task.split("-"), names, strict=True)]
    axis = given[0].slice.axis if given[0].slice else ""
    colour = "keep" if axis or colour not in colours_of(TASKS[task]) else colour
    windows = [source.window for source in given]
    if any(windows):  # the command line would take one window for both
        windows = [w or default_words(source) for w, source in zip(windows, given, strict=True)]
    moved = [source.moved for source in given if source.moved]
    align = Path(moved[0].transform).name if moved else ""
    return Recipe(
        (names[0], names[1]), (windows[0], windows[1]), task, method, detail, colour, axis, align
    )


def command(recipe: Recipe) -> str:
    """One line for a shell.

    >>> command(Recipe(("a b.tif", "b.png"), ("20,40", "full"), "ir-vis", detail=1.5))
    "lkc fuse 'a b.tif' b.png -o 'a b-fused.png' --window 20,40 --window full --detail 1.5"
    """
    words = ["lkc", "fuse", *map(not_an_option, recipe.files), "-o", not_an_option(recipe.out)]
    for window in filter(None, recipe.windows):
        words += ["--window", window]
    if recipe.align:
        words += ["--align", not_an_option(recipe.align)]
    for name, value in changed(recipe).items():
        words += [f"--{name}", str(value)]
    return shlex.join([*words, "--no-steady"] if recipe.axis else words)


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
        "axis": (recipe.axis or "axial", "axial"),
    }
    return {name: value for name, (value, usual) in options.items() if value != usual}


def python_lines(recipe: Recipe) -> str:
    """The same in Python."""
    options = changed(recipe)
    before = []
    if preset := options.pop("preset", None):
        before.append(f"model = lkc.load_model({preset!r}, task={recipe.task!r})")
    arguments = [f"{name}={value!r}" for name, value in options.items()]
    arguments += ["model=model"] if preset else []
    if recipe.axis:
        first = ["import lkc"] if preset else []
        return "\n".join([*first, *lines_for_volumes(recipe, before, arguments)])
    return "\n".join(["import lkc", *lines_for_images(recipe, before, arguments)])


def lines_for_images(recipe: Recipe, before: list[str], arguments: list[str]) -> list[str]:
    sources, imported = [repr(file) for file in recipe.files], []
    has_windows = any(recipe.windows)
    if has_windows or recipe.align:
        parsing = "parse_window, " if has_windows else ""
        imported = [f"from lkc.io import {parsing}read, show"]
        for name, source, window in zip(("a", "b"), sources, recipe.windows, strict=True):
            shown = f", parse_window({window!r})" if window else ""
            before.append(f"{name}, _ = show(read({source}){shown})")
        sources = ["a", "b"]
    if recipe.align:
        imported.insert(0, "from lkc.alignment import align_sources")
        before.append(f"a, b, _ = align_sources(a, b, {recipe.align!r}, {recipe.task!r})")
    return [
        *imported, "from lkc.io.image_files import write_image", "", *before,
        f"fused = lkc.fuse({', '.join([*sources, *arguments])})",
        f"write_image({recipe.out!r}, fused)",
    ]  # fmt: skip


def lines_for_volumes(recipe: Recipe, before: list[str], arguments: list[str]) -> list[str]:
    reading = "parse_window, read_volume" if any(recipe.windows) else "read_volume"
    if any(recipe.windows):
        windows = ", ".join(f"parse_window({window!r})" for window in recipe.windows)
        arguments = [f"windows=({windows})", *arguments]
    arguments = ["a", "b", *arguments, "steady=False"]
    return [
        "from pathlib import Path",
        "from lkc.fusion import fuse_volumes",
        f"from lkc.io import {reading}, write_nifti", "", *before,
        *(f"{n} = read_volume({f!r})" for n, f in zip("ab", recipe.files, strict=True)),
        f"fused = fuse_volumes({', '.join(arguments)})",
        f"write_nifti(Path({recipe.out!r}), fused.values, fused.affine, fused.notes)",
    ]  # fmt: skip


def as_markdown(recipe: Recipe) -> str:
    """Both as blocks of code, whatever files are called."""
    blocks = [("sh", command(recipe)), ("python", python_lines(recipe))]
    fence = "`" * (3 + max(text.count("`") for _, text in blocks))
    return "\n\n".join(f"{fence}{language}\n{text}\n{fence}" for language, text in blocks)
