"""`lkc erf`: how far one pixel of the fused image sees, in both sources."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from rich import box
from rich.markup import escape
from rich.table import Table
from torch import Tensor, nn

from lkc.analysis.features import capture_features, layer_names
from lkc.analysis.receptive_field import (
    SHARES,
    area_by_mass,
    effective_field,
    replknet_ratio,
    side_by_source,
    theoretical_field,
)
from lkc.cli.options import DeviceOption, PresetOption, TaskOption, WeightsOption
from lkc.console import output, print_whole
from lkc.errors import InputError, writing
from lkc.fusion.images import as_pixels, check_pair
from lkc.io.pixels import luma, to_unit_range
from lkc.io.result_files import check_figure, check_targets, write_numbers
from lkc.model.cuda_graph import plain_network
from lkc.model.loading import RuleModel, load_model
from lkc.model.network import FusionNet
from lkc.tasks import Task, get_task

PixelOption = Annotated[
    tuple[int, int] | None,
    typer.Option(help="Row and column in the image; the centre if not given."),
]
LayerOption = Annotated[str | None, typer.Option(help="A layer's map instead of the fused image.")]
FigureOption = Annotated[
    Path | None, typer.Option("-o", "--out", help="A figure: PNG, PDF or SVG.")
]
# The gradient keeps every map of the network, so images of more pixels are refused.
FIELD_PIXELS = 4_000_000
GRADIENTS = {"true gradient": False, "statistics detached": True}


def load_network(preset: str, task: str, weights: Path | None, device: str) -> FusionNet:
    """Load a network, or say that a rule has no gradient."""
    model = plain_network(load_model(preset, task, weights, device))
    if isinstance(model, RuleModel):
        raise InputError(f"{preset!r} is a rule without gradients: choose lite or base.")
    assert isinstance(model, FusionNet)
    return model


def read_sources(first: Path, second: Path, task: Task) -> Tensor:
    """Read a pair as a network takes it: (1, 2, H, W) luma in [0, 1], first source first."""
    (a, a_name), (b, b_name) = as_pixels(first, task.first), as_pixels(second, task.second)
    check_pair(a, b, (a_name, b_name))
    height, width = a.shape[:2]
    if height * width > FIELD_PIXELS:
        raise InputError(
            f"{a_name} is {width}x{height}: a field needs every map in memory, "
            f"crop the pair to {FIELD_PIXELS // 10**6} megapixels."
        )
    planes = [luma(to_unit_range(a, a_name)), luma(to_unit_range(b, b_name))]
    return torch.from_numpy(np.stack(planes)[None])  # (1, 2, H, W)


def choose_pixel(given: tuple[int, int] | None, sources: Tensor) -> tuple[int, int]:
    """Return the pixel, or the centre, or say that it lies outside."""
    height, width = sources.shape[-2:]
    row, column = given or (height // 2, width // 2)
    if not (0 <= row < height and 0 <= column < width):
        raise InputError(
            f"pixel {row} {column} lies outside: rows are 0 to {height - 1}, "
            f"columns 0 to {width - 1}."
        )
    return row, column


def pixel_of_layer(
    model: FusionNet, sources: Tensor, layer: str | None, pixel: tuple[int, int]
) -> tuple[int, int]:
    """Find the layer_pixel in a layer's map that lies on a pixel of the image."""
    if layer is None:
        return pixel
    if layer not in layer_names(model):
        raise InputError(f"no layer {layer!r}: choose one of {', '.join(layer_names(model))}.")
    with capture_features(model, [layer]) as features, torch.inference_mode():
        model(sources)
    height = sources.shape[-2]
    padded = height + -height % model.model.multiple
    stride = padded // features[layer].shape[-2]
    return pixel[0] // stride, pixel[1] // stride


def field_numbers(field: Tensor, pixel: tuple[int, int]) -> dict[str, Any] | None:
    """Sides of the squares that hold each share, and the RepLKNet ratio; None for an empty field.

    Keys are percentages, as JSON has no numbers for keys.
    """
    if field.sum() <= 0:
        return None
    sides, ratios = area_by_mass(field, SHARES, pixel), replknet_ratio(field, SHARES, pixel)
    return {
        "sides": {f"{share:.0%}": side for share, side in sides.items()},
        "replknet_ratio": {f"{share:.0%}": ratio for share, ratio in ratios.items()},
    }


def measure_gradient(
    model: nn.Module,
    sources: Tensor,
    pixel: tuple[int, int],
    layer_pixel: tuple[int, int],
    layer: str | None,
    task: Task,
    detach: bool,
) -> tuple[dict[str, Any], Tensor]:
    """Measure one kind of gradient: what goes into the JSON, and the field (2, H, W), first first.

    `pixel` lies in the image and `layer_pixel`, the same point, in the layer's map.
    """
    field = effective_field(model, sources, layer_pixel, layer, detach_norms=detach).cpu()
    if field.sum() <= 0:
        raise InputError(f"nothing reaches pixel {pixel[0]} {pixel[1]}: the field is zero.")
    numbers: dict[str, Any] = {"both": field_numbers(field.sum(0), pixel)}
    numbers |= {
        name: field_numbers(part, pixel)
        for name, part in zip((task.first, task.second), field, strict=True)
    }
    numbers["first_share"] = (field[0].sum() / field.sum()).item()
    return numbers, field


def sides_table(gradients: dict[str, dict[str, Any]], names: tuple[str, ...]) -> Table:
    """Sides in pixels by gradient and source, and the RepLKNet ratio over both sources."""
    shares = [f"{share:.0%}" for share in SHARES]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("side of the square that holds")
    for share in shares:
        table.add_column(share, justify="right")
    for title, numbers in gradients.items():
        for name in names:
            part = numbers[name]
            cells = [str(part["sides"][share]) if part else "–" for share in shares]
            table.add_row(f"{title}, {name}", *cells)
    table.add_section()
    for title, numbers in gradients.items():
        ratios = numbers["both"]["replknet_ratio"]
        cells = [f"{100 * ratios[share]:.2f} %" for share in shares]
        table.add_row(f"RepLKNet ratio (area, log scale), {title}", *cells)
    return table


def write_figure(
    images: dict[str, Tensor], fields: dict[str, Tensor], pixel: tuple[int, int], path: Path
) -> None:
    """Write the figure; the import takes a second that a table need not wait."""
    from matplotlib import rc_context

    from lkc.viz.pixel_fields import plot_pixel_fields
    from lkc.viz.style import DPI, style

    with rc_context(style()), writing(path):
        sides = {title: side_by_source(field, 0.99, pixel) for title, field in fields.items()}
        plot_pixel_fields(images, fields, sides, pixel).savefig(path, dpi=2 * DPI)


def print_results(results: dict[str, Any], task: Task) -> None:
    """Print the table, and what it cannot hold."""
    row, column = results["pixel"]
    target = f"layer {results['layer']}" if results["layer"] else "the fused image"
    first, second = (escape(Path(results[side]).name) for side in ("first", "second"))
    output.print(
        f"{first} + {second}, {results['width']}x{results['height']}: "
        f"pixel {row} {column} of {target}; sides in pixels"
    )
    gradients = {title: results[title] for title in GRADIENTS}
    print_whole(sides_table(gradients, ("both", task.first, task.second)))
    share = results["statistics detached"]["first_share"]
    output.print(f"{task.first} holds {share:.0%} of the field (statistics detached)")
    theoretical = results["theoretical_field"]
    output.print(f"theoretical field, of kernels, strides and upsampling: {theoretical} pixels")


def erf(
    first: Annotated[Path, typer.Argument(help="Infrared or MRI.")],
    second: Annotated[Path, typer.Argument(help="Visible, CT, PET or SPECT.")],
    task: TaskOption = "ir-vis",
    preset: PresetOption = "lite",
    weights: WeightsOption = None,
    device: DeviceOption = "auto",
    pixel: PixelOption = None,
    layer: LayerOption = None,
    out: FigureOption = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="The numbers.")] = None,
) -> None:
    """Measure the effective receptive field: which source pixels change one fused pixel.

    Once with the true gradient, and once with the norms' whole-image statistics held constant,
    which leaves what the kernels see.
    """
    check_figure(out)
    check_targets(json_file)
    chosen = get_task(task)
    sources = read_sources(first, second, chosen)
    where = choose_pixel(pixel, sources)
    model = load_network(preset, task, weights, device)
    sources = sources.to(next(model.parameters()).device)
    layer_pixel = pixel_of_layer(model, sources, layer, where)
    height, width = sources.shape[-2:]
    results: dict[str, Any] = {
        "first": str(first), "second": str(second), "task": task, "preset": preset,
        "weights": str(weights) if weights else None, "height": height, "width": width,
        "pixel": where, "layer": layer, "theoretical_field": theoretical_field(model, layer),
    }  # fmt: skip
    fields = {}
    for title, detach in GRADIENTS.items():
        results[title], fields[title] = measure_gradient(
            model, sources, where, layer_pixel, layer, chosen, detach
        )
    print_results(results, chosen)
    if json_file:
        write_numbers(json_file, results)
    if out:
        images = {chosen.first: sources[0, 0], chosen.second: sources[0, 1]}
        write_figure(images, fields, where, out)
