"""`lkc fuse`: two files (images, volumes, clips) into one, or two folders into a third."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.markup import escape

from lkc.alignment.one_grid import check_way
from lkc.alignment.volumes import check_method
from lkc.cli.fuse_job import Job, fuse_pairs, parse_windows
from lkc.cli.fuse_volumes import Choice
from lkc.cli.options import DeviceOption, PresetOption, SteadyOption, TaskOption, WeightsOption
from lkc.console import FAILED, output, say_error
from lkc.errors import InputError
from lkc.fusion.images import check_colour, check_detail
from lkc.fusion.volumes import slice_axis
from lkc.io.clip_writer import is_clip
from lkc.io.kinds import KINDS, has_suffix, looks_like_dicom
from lkc.io.nifti import is_nifti
from lkc.io.pairing import Pairing, pair_folders, refuse_overwriting
from lkc.model.loading import load_model
from lkc.processes import agree, is_first, meet
from lkc.tasks import get_task


def hint_at_volume(folders: tuple[Path, Path], out: Path) -> None:
    """Say how two folders of DICOM slices become one volume, for who forgot the suffix."""
    if all(folder.is_dir() and any(map(looks_like_dicom, folder.rglob("*"))) for folder in folders):
        say_error(
            "the DICOM slices are fused one by one, each with a window of its own; for one volume, "
            f"name the output {out.name}.nii.gz."
        )


def plan_folders(first: Path, second: Path, out: Path) -> tuple[Pairing, list[Path]]:
    """Pair two folders and those in them; results lie in folders of the same names."""
    pairing = pair_folders(first, second, nested=True)
    targets = [(out / a.relative_to(first)).with_suffix(".png") for a, _ in pairing.pairs]
    sources = [source.resolve() for pair in pairing.pairs for source in pair]
    for target in {target.resolve() for target in targets}.intersection(sources):
        raise InputError(f"{target} is one of the sources: choose another name.")
    return pairing, targets


def plan(first: Path, second: Path, out: Path) -> tuple[Pairing, list[Path]]:
    """Decide which files to fuse and where each result goes: never onto a source."""
    refuse_overwriting(out, (first, second))
    if is_clip(out) and first.is_dir():
        raise InputError(
            f"{first} is a folder: give its frames as a numbered series, such as "
            f"{first}/frame_%05d.png."
        )
    if is_nifti(out) or is_clip(out):
        return Pairing([(first, second)], [], []), [out]
    if is_nifti(first) or is_nifti(second):
        raise InputError(f"volumes are fused into NIfTI: name the output {out.stem}.nii.gz.")
    if has_suffix(first, "clip") or has_suffix(second, "clip"):
        raise InputError(f"clips are fused into clips: name the output {out.stem}.mp4 or .mkv.")
    if first.is_dir() != second.is_dir() and first.exists() and second.exists():
        raise InputError("give two files or two folders, not one of each.")
    if first.is_dir() and has_suffix(out, "dicom"):
        raise InputError(f"volumes are fused into NIfTI: name the output {out.stem}.nii.gz.")
    if first.is_dir():
        hint_at_volume((first, second), out)
        return plan_folders(first, second, out)
    target = out / f"{first.stem}.png" if out.is_dir() else out
    if target.suffix.lower() not in (".png", *KINDS["tiff"].suffixes, *KINDS["dicom"].suffixes):
        raise InputError(
            f"results are PNG, TIFF or DICOM files: name the output {target.stem}.png."
        )
    refuse_overwriting(target, (first, second))
    return Pairing([(first, second)], [], []), [target]


def list_plan(pairing: Pairing, targets: list[Path]) -> None:
    """Print what would be done, and which files have no partner."""
    for (a, b), target in zip(pairing.pairs, targets, strict=True):
        output.print(f"{escape(str(a))} + {escape(str(b))} -> {escape(str(target))}")
    for orphan in [*pairing.first_only, *pairing.second_only]:
        output.print(f"[yellow]no partner:[/yellow] {escape(str(orphan))}")


def check_alignment(align: str | None, views: Path | None, out: Path) -> None:
    """Refuse options of alignment that cannot work together."""
    if align is not None:
        check_way(align)
    if align is None and views is not None:
        raise InputError("--views shows an alignment: give --align too.")
    if align is not None and is_nifti(out):
        check_method(align)
    if views is not None and is_nifti(out):
        raise InputError("--views is for images: look at a fused volume in a viewer.")
    if views is not None and is_clip(out):
        raise InputError("--views is for images: align a frame of each clip with lkc align.")


def parse_choice(series: list[str] | None, frames: list[int] | None, out: Path) -> Choice:
    """Turn --series and --frame into what is meant of each source."""
    choice = Choice(series or (), frames or ())
    if choice and not is_nifti(out):
        raise InputError("--series and --frame are for volumes: name the output OUT.nii.gz.")
    return choice


def left_to_do(pairing: Pairing, targets: list[Path]) -> tuple[Pairing, list[Path]]:
    """Leave out pairs whose results are there; the first process looks for all of them."""
    missing = agree([not target.exists() for target in targets])
    pairs = [pair for pair, lacks in zip(pairing.pairs, missing, strict=True) if lacks]
    left = [target for target, lacks in zip(targets, missing, strict=True) if lacks]
    return replace(pairing, pairs=pairs), left


def say_what_was_done(pairing: Pairing, asked: int, failed: int, out: Path) -> None:
    """Print how many pairs were fused, and why others were not."""
    orphans = len(pairing.first_only) + len(pairing.second_only)
    tried = len(pairing.pairs)
    there = f"; {asked - tried} already there" if asked > tried else ""
    left = f"; {orphans} without partner (--dry-run lists them)" if orphans else ""
    output.print(f"fused {tried - failed} of {asked} into {escape(str(out))}{there}{left}")


def fuse(
    first: Annotated[Path, typer.Argument(help="Infrared or MRI: a file or a folder.")],
    second: Annotated[Path, typer.Argument(help="Visible, CT, PET or SPECT: a file or a folder.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="PNG, TIFF, DICOM, NIfTI, MP4, MKV or a folder.")
    ],
    task: TaskOption = "ir-vis",
    preset: PresetOption = "lite",
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    detail: Annotated[float, typer.Option(help="0 = natural, 1 = default, up to 2.")] = 1.0,
    colour: Annotated[
        str,
        typer.Option(
            help="keep = that of the second source, gray = none, heat = what is hot in infrared "
            "but dark in visible light glows."
        ),
    ] = "keep",
    window: Annotated[
        list[str] | None,
        typer.Option(
            help="What to show: full, percentile, percentile:1,99, LOW,HIGH, 20C,40C (thermal), "
            "brain, soft-tissue, bone, lung (CT), file (DICOM). Twice: first and second source."
        ),
    ] = None,
    axis: Annotated[
        str, typer.Option(help="Slices of volumes: axial, coronal, sagittal.")
    ] = "axial",
    align: Annotated[
        str | None,
        typer.Option(
            help="Bring the pair onto one grid: ecc, homography, mutual-information (the only one "
            "for volumes), or the file that lkc align wrote."
        ),
    ] = None,
    views: Annotated[
        Path | None, typer.Option(help="Folder for checkerboards and edge overlays of --align.")
    ] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(
            help="DICOM series of a folder, by number or UID. Twice: first and second source."
        ),
    ] = None,
    frame: Annotated[
        list[int] | None,
        typer.Option(help="Frame of a dynamic volume, from 1. Twice: first and second source."),
    ] = None,
    steady: SteadyOption = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List the pairs, fuse none.")] = False,
    go_on: Annotated[
        bool,
        typer.Option(
            "--continue", help="Folders: leave out pairs whose result an earlier run has written."
        ),
    ] = False,
) -> None:
    """Fuse two files, volumes or clips, or two folders whose files have the same names."""
    check_detail(detail)
    check_colour(colour, get_task(task))
    if colour != "keep" and is_nifti(out):
        raise InputError("--colour is for images and clips: volumes keep their colours.")
    if not steady and not (is_clip(out) or is_nifti(out)):
        raise InputError("--no-steady is for clips and volumes: images are fused one by one.")
    slice_axis(np.eye(4), axis)
    windows = parse_windows(window)
    check_alignment(align, views, out)
    choice = parse_choice(series, frame, out)
    try:
        pairing, targets = plan(first, second, out)
    except InputError as error:
        say_error(str(error))
        raise typer.Exit(FAILED) from None
    asked = len(pairing.pairs)
    if go_on:
        pairing, targets = left_to_do(pairing, targets)
    if dry_run:
        list_plan(pairing, targets)
        return
    meet()
    model = load_model(preset, task, weights, device)
    job = Job(task, model, detail, windows, axis, align, views, colour, choice, steady)
    failed = fuse_pairs(pairing.pairs, targets, job)
    if is_first():
        say_what_was_done(pairing, asked, failed, out)
    if failed:
        raise typer.Exit(FAILED)
