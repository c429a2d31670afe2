"""`lkc downstream contrast`: is what the infrared shows hot still seen in the fused image?"""

from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from rich import box
from rich.table import Table
from torch import Tensor

from lkc.cli.options import DeviceOption, split_name
from lkc.console import output, print_whole, progress_bar
from lkc.downstream.contrast import measure_contrasts, summarise_contrasts
from lkc.errors import InputError, writing
from lkc.fusion.images import fuse_luma
from lkc.io.pairing import images_by_stem
from lkc.io.result_files import check_targets
from lkc.model.baselines import BASELINES
from lkc.model.loading import load_model, pick_device
from lkc.tasks import get_task
from lkc.training.crops import load_pairs, read_luma


def to_gray(fused: Tensor) -> np.ndarray:
    """(1, 1, H, W) in [0, 1] to (H, W) uint8."""
    return fused[0, 0].mul(255).round().byte().cpu().numpy()


def read_fused(name: str, files: dict[str, dict[str, Path]]) -> dict[str, np.ndarray]:
    """Read the luma of one pair's published images, by method."""
    for method, by_stem in files.items():
        if name not in by_stem:
            raise InputError(f"--fused {method} has no image {name}.")
    return {method: read_luma(by_stem[name]).numpy() for method, by_stem in files.items()}


def contrast_table(rows: pd.DataFrame) -> Table:
    """A line per image: medians over the objects, and how often they are seen."""
    titles = (
        "image",
        "contrast",
        "noise",
        "ratio",
        "mean of pairs",
        "at least both",
        "seen",
        "brightest",
    )
    table = Table(*titles, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, line in summarise_contrasts(rows).iterrows():
        table.add_row(
            str(name),
            f"{line['contrast']:.0f}",
            f"{line['noise']:.0f}",
            f"{line['ratio']:.1f}",
            f"{line['mean']:.1f} [{line['low']:.1f}, {line['high']:.1f}]",
            f"{line['both']:.0%}",
            f"{line['seen']:.0%}",
            f"{line['brightest']:.0%}",
        )
    return table


def contrast(
    data: Annotated[Path, typer.Option(help="Holds the infrared and the visible folder.")],
    names: Annotated[
        str, typer.Option(help="Pairs to take, such as '*N' for MSRS by night.")
    ] = "*",
    fused: Annotated[
        list[str] | None, typer.Option(help="NAME=FOLDER of images fused elsewhere; repeatable.")
    ] = None,
    csv_file: Annotated[
        Path | None, typer.Option("--csv", help="One row per object and image.")
    ] = None,
    device: DeviceOption = "auto",
) -> None:
    """Measure how well hot upright objects stand out, without labels.

    Contrast to a ring around each, and the ring's own variation, in gray levels: in both sources,
    fused by every baseline and by lite, and in the images of --fused. The infrared chooses the
    objects and is favoured by that; cold objects are not asked for.
    """
    check_targets(csv_file)
    files = {n: images_by_stem(p) for n, p in (split_name("--fused", g) for g in fused or [])}
    pairs = {n.rsplit("/")[-1]: p for n, p in load_pairs([data], get_task("ir-vis")).items()}
    chosen = {name: pair for name, pair in pairs.items() if fnmatch(name, names)}
    if not chosen:
        raise InputError(f"--names {names} matches none of the {len(pairs)} pairs.")
    place = pick_device(device)
    models = {n: load_model(n, "ir-vis", device=place.type) for n in ("lite", *BASELINES)}
    found = []
    with progress_bar() as progress:
        for name, pair in progress.track(chosen.items(), description="pairs"):
            sources = pair[None].to(place).float() / 255  # (1, 2, H, W)
            images = {n: to_gray(fuse_luma(sources, model)) for n, model in models.items()}
            images |= read_fused(name, files)
            second, first = pair.numpy()
            found += [{"pair": name, **row} for row in measure_contrasts(first, second, images)]
    if not found:
        raise InputError("no hot upright object was found in these pairs.")
    rows = pd.DataFrame(found)
    print_whole(contrast_table(rows))
    objects = len(rows[["pair", "object"]].drop_duplicates())
    output.print(f"{objects} objects in {rows['pair'].nunique()} of {len(chosen)} pairs")
    if csv_file:
        with writing(csv_file):
            rows.round(3).to_csv(csv_file, index=False)
