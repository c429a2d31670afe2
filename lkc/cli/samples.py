"""`lkc samples`: a few real pairs of public data sets, after asking."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lkc.console import FAILED, output, progress_bar, say_error
from lkc.data.samples import NOT_OFFERED, SAMPLES, NoConnectionError, SampleSet, fetch_samples
from lkc.errors import InputError


def choose(names: list[str]) -> list[SampleSet]:
    """Look up sets by name, all of them without a name; "Harvard" means its three parts."""
    chosen = []
    for name in names or SAMPLES:
        found = [s for s in SAMPLES.values() if f"{s.name}/".startswith(f"{name.rstrip('/')}/")]
        if name in NOT_OFFERED:
            reason, page = NOT_OFFERED[name]
            raise InputError(f"{name} is not offered ({reason}): get it at {page}.")
        if not found:
            raise InputError(f"unknown set {name!r}: choose one of {', '.join(SAMPLES)}.")
        chosen += [sample for sample in found if sample not in chosen]
    return chosen


def list_sets() -> None:
    """Print what can be fetched, and what cannot, and why."""
    for sample in SAMPLES.values():
        output.print(f"{sample.name} ({sample.task}): {len(sample.pairs)} pairs, {sample.page}")
        output.print(f"  {sample.terms}")
    for name, (reason, page) in NOT_OFFERED.items():
        output.print(f"{name}: not offered, {reason}. Get it at {page}")


def ask(chosen: list[SampleSet], out: Path) -> None:
    """Name sizes, origins and terms, and end unless the user agrees."""
    for sample in chosen:
        output.print(f"{sample.name}: {len(sample.pairs)} pairs from {sample.page}")
    for terms in dict.fromkeys(sample.terms for sample in chosen):
        names = ", ".join(sample.name for sample in chosen if sample.terms == terms)
        output.print(f"  {names}: {terms}")
    typer.confirm(f"Download into {out}?", abort=True)


def samples(
    names: Annotated[
        list[str] | None, typer.Argument(help="MSRS, Harvard, Harvard/CT-MRI, ... (all)")
    ] = None,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for the pairs.")] = Path(
        "samples"
    ),
    only_list: Annotated[bool, typer.Option("--list", help="Name sets and terms.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="I agree to the terms: do not ask.")] = False,
) -> None:
    """Download a few real pairs of public data sets, after asking.

    Every file is checked, and none is fetched twice.
    """
    if only_list:
        list_sets()
        return
    chosen = choose(names or [])
    if not yes:
        ask(chosen, out)
    failed = 0
    try:
        with progress_bar() as progress:
            for sample in chosen:
                bar = progress.add_task(sample.name, total=2 * len(sample.pairs))
                failed += fetch_samples(sample, out, say_error, partial(progress.advance, bar))
    except NoConnectionError as error:
        say_error(str(error))
        raise typer.Exit(FAILED) from None
    for sample in chosen:
        first, second = (escape(str(out / sample.name / folder)) for folder in sample.folders)
        output.print(f"lkc fuse {first} {second} -o fused/{sample.name} --task {sample.task}")
    if failed:
        raise typer.Exit(FAILED)
