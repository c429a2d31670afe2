"""`lkc live`: fuse two cameras while they film, on a page and into a file."""

from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from lkc.alignment.one_grid import check_way
from lkc.cli.fuse_job import parse_windows, warnings_as_sentences
from lkc.cli.options import DeviceOption, PresetOption, SteadyOption, TaskOption, WeightsOption
from lkc.console import FAILED, output, say_error
from lkc.errors import InputError
from lkc.fusion.images import check_colour, check_detail
from lkc.io.clip_writer import ClipWriter, is_clip
from lkc.live.loop import LiveFrame, fuse_live
from lkc.live.mjpeg import PictureServer
from lkc.live.steady_window import check_windows
from lkc.model.loading import load_model
from lkc.tasks import get_task

TICK = Fraction(1, 1000)
USUAL_RATE = Fraction(25)  # A recording states it; the times of its frames are the true ones.


def say_rate(frame: LiveFrame) -> None:
    """Print how fast it goes, on one line that is written over."""
    said = f"{frame.rate:.1f} frames a second, {1000 * frame.latency:.0f} ms each"
    output.print(f"{said}, {frame.skipped} skipped   ", end="\r")


def check_options(windows: tuple, align: str | None, out: Path | None) -> None:
    """Refuse options that cannot work, before a camera is opened."""
    check_windows(windows)
    if align is not None:
        check_way(align)
    if out is not None and not is_clip(out):
        raise InputError(f"recordings are MP4 or lossless MKV: name it {out.stem}.mp4.")


def live(
    first: Annotated[str, typer.Option(help="Infrared: a camera's number or address, or a clip.")],
    second: Annotated[str, typer.Option(help="Visible: a camera's number or address, or a clip.")],
    task: TaskOption = "ir-vis",
    preset: PresetOption = "lite",
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    detail: Annotated[float, typer.Option(help="0 = natural, 1 = default, up to 2.")] = 1.0,
    colour: Annotated[str, typer.Option(help="keep, heat or gray.")] = "keep",
    window: Annotated[
        list[str] | None,
        typer.Option(
            help="LOW,HIGH, 20C,40C or full; without it, deep frames are followed slowly."
        ),
    ] = None,
    align: Annotated[
        str | None, typer.Option(help="The file of lkc align, or a method for the first frames.")
    ] = None,
    steady: SteadyOption = True,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Record: MP4 or MKV.")] = None,
    host: Annotated[str, typer.Option(help="Address of the page.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page.")] = 7861,
) -> None:
    """Fuse two cameras while they film: a page shows it, and a file can record it."""
    check_detail(detail)
    check_colour(colour, get_task(task))
    windows = parse_windows(window)
    check_options(windows, align, out)
    model = load_model(preset, task, weights, device)
    frames = fuse_live(first, second, task, model, detail, windows, align, colour, steady)
    try:
        with ExitStack() as stack:
            stack.enter_context(warnings_as_sentences())
            server = stack.enter_context(PictureServer(host, port))
            notes = {"task": task}
            writer = out and stack.enter_context(ClipWriter(out, USUAL_RATE, TICK, notes))
            output.print(f"Look at {server.address} (Ctrl-C ends it).")
            for frame in frames:
                server.show(frame.fused)
                if writer:
                    writer.write(frame.fused, round(frame.seconds / TICK) * TICK)
                say_rate(frame)
    except InputError as error:
        say_error(str(error))
        raise typer.Exit(FAILED) from None
    except KeyboardInterrupt:
        pass
    output.print("")
    if out and out.exists():
        output.print(f"recorded {escape(str(out))}")
