"""One ONNX file that fuses luma of any size: for phones, browsers, and programs without Python.

What `lkc.fuse` does around the network is in the graph: the stacking of the two planes, the reflect
padding to the size a U-Net needs, the crop, and the clamp to [0, 1]. What is left to the caller is
colour: feed luma, then add (fused - second) to R, G and B of the colour source.
"""

import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.export import Dim

from lkc.data.synthetic import TIMES, head_phantom, street_scene
from lkc.errors import InputError, replacing
from lkc.export_operators import fast_operators
from lkc.extras import need
from lkc.io.pixels import luma, to_unit_range
from lkc.model.loading import load_model
from lkc.model.network import MIN_SIDE, FusionNet
from lkc.tasks import Task, get_task

if TYPE_CHECKING:
    from onnx import ModelProto

OPSET = 18  # Every runtime of the last years reads this version.
TRACED = (61, 83)  # Any size serves, since the graph keeps height and width free.
HEADS = 8  # So many generated slices are calibrated on, and two streets for each time of day.
# Sums over a whole map overflow half precision.
WHOLE_IMAGE = ["ReduceSumSquare", "ReduceMean"]


class ExportableFusion(nn.Module):
    """A network with all that `lkc.fuse` does to luma, in a form that exports with free sizes.

    `FusionNet` pads only where it must; a graph cannot choose, so its padding may be of no pixels.

    Args:
        network: a trained network.
    """

    def __init__(self, network: FusionNet) -> None:
        super().__init__()
        self.body = network.model

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Fuse two (1, 1, H, W) in [0, 1], in the order of the task's name, to (1, 1, H, W)."""
        height, width = first.shape[-2:]
        multiple = self.body.multiple
        below, right = ((n + multiple - 1) // multiple * multiple - n for n in (height, width))
        sources = torch.cat([first, second], dim=1)  # (1, 2, H, W)
        padded = F.pad(sources, (0, right, 0, below), mode="reflect")
        return self.body(padded)[..., :height, :width].clamp(0, 1)  # (1, 1, H, W)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep away what the exporter and the quantizer say about themselves and about torchvision."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def name_sides(model: "ModelProto") -> None:
    """Call the sides of the output what they are: the exporter leaves formulas of the padding."""
    sides = model.graph.output[0].type.tensor_type.shape.dim[2:]
    for side, name in zip(sides, ("height", "width"), strict=True):
        side.dim_param = name


def forget_traces(model: "ModelProto") -> None:
    """Remove the exporter's notes: they hold this machine's paths and a fifth of the file."""
    del model.graph.value_info[:]  # a runtime infers these; after a conversion they would be wrong
    for part in (model.graph, *model.graph.node):
        del part.metadata_props[:]
        part.doc_string = ""


def network_to_onnx(network: FusionNet) -> "ModelProto":
    """Turn a network into an ONNX graph with free height and width.

    Args:
        network: on the CPU, in evaluation mode.

    Returns:
        Graph of `ExportableFusion`: inputs "first" and "second", output "fused".

    Raises:
        InputError: onnx or onnxscript is not installed.
    """
    for library in ("onnx", "onnxscript"):
        need(library, "exporting to ONNX", extra="export")
    sides = {axis: Dim(name, min=MIN_SIDE) for axis, name in ((2, "height"), (3, "width"))}
    example = torch.rand(1, 1, *TRACED)
    with quiet():
        program = torch.onnx.export(
            ExportableFusion(network).eval(),
            (example, example.clone()),
            dynamo=True,
            dynamic_shapes=(sides, sides),
            input_names=["first", "second"],
            output_names=["fused"],
            opset_version=OPSET,
            custom_translation_table=fast_operators(),
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    forget_traces(model)
    name_sides(model)
    return model


def calibration_pairs(task: Task) -> Iterator[tuple[NDArray, NDArray]]:
    """Yield generated pairs of a task, first and second source, (H, W) or (H, W, 3) uint8."""
    if task.name == "ir-vis":
        for time in TIMES:
            for seed in (0, 1):
                street = street_scene(seed, height=240, width=320, time=time)
                yield street.infrared, street.visible
        return
    for seed in range(HEADS):
        head = head_phantom(seed, lesion=seed % 2 == 0)
        yield head.mri, getattr(head, task.second.lower())


def as_inputs(first: NDArray, second: NDArray) -> dict[str, NDArray[np.float32]]:
    """What an exported graph takes, for a pair of images."""
    planes = {"first": first, "second": second}
    return {name: luma(to_unit_range(image, name))[None, None] for name, image in planes.items()}


def to_fp16(model: "ModelProto", task: Task) -> "ModelProto":
    """Keep weights and maps in half precision; statistics, inputs and output stay float32."""
    float16 = need("onnxruntime.transformers.float16", "half precision", extra="export")
    from onnxruntime.transformers.onnx_model import OnnxModel

    keep = [*float16.DEFAULT_OP_BLOCK_LIST, *WHOLE_IMAGE]
    halved = OnnxModel(
        float16.convert_float_to_float16(model, keep_io_types=True, op_block_list=keep)
    )
    halved.topological_sort()  # the converter puts the casts of inputs behind their first use
    del halved.model.graph.value_info[:]  # still of the types before
    return halved.model


def to_int8(model: "ModelProto", task: Task) -> "ModelProto":
    """Quantize the convolutions statically: weights per channel, maps as a whole.

    Weights fill 7 of the 8 bits: processors without VNNI add two products in 16 bits, where the
    full range would be clipped in silence.
    """
    need("onnxruntime.quantization", "8-bit weights", extra="export")
    import onnx
    from onnxruntime import quantization

    pairs = (as_inputs(first, second) for first, second in calibration_pairs(task))

    class Reader(quantization.CalibrationDataReader):
        def get_next(self) -> dict | None:
            return next(pairs, None)

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "int8.onnx"
        quantization.quantize_static(
            model,
            target,
            Reader(),
            op_types_to_quantize=["Conv"],
            per_channel=True,
            reduce_range=True,
        )
        return onnx.load(target)


CONVERTERS: dict[str, Callable[["ModelProto", Task], "ModelProto"]] = {
    "fp32": lambda model, task: model,
    "fp16": to_fp16,
    "int8": to_int8,
}


def file_notes(task: Task, network: FusionNet, precision: str, shipped: bool) -> dict[str, str]:
    """What a stranger needs to know to run the file, as texts by key."""
    colour = f"add (fused - second) to R, G, B of the {task.second} image"
    return {
        "task": task.name,
        "first": f"{task.first}: float32 (1, 1, height, width), gray or BT.601 luma",
        "second": f"{task.second}: the same; registered, same size",
        "range": "[0, 1] in and out",
        "size": f"any from {MIN_SIDE}x{MIN_SIDE}; padding is in the graph",
        "colour": colour if task.second_has_colour else "none: the fused image is gray",
        "preset": network.config.preset,
        "norm": network.config.norm,
        "precision": precision,
        "made by": f"lkc {version('lkc')}",
        "licence": "Apache-2.0" if shipped else "that of the weights",
        "purpose": "for study, not for diagnosis",
    }


def write_onnx(path: Path, model: "ModelProto", notes: Mapping[str, str]) -> None:
    """Check a model and write it as one file under a temporary name, then rename it."""
    import onnx

    onnx.helper.set_model_props(model, dict(notes))
    onnx.checker.check_model(model, full_check=True)
    with replacing(path) as temporary:
        onnx.save(model, temporary)


def export_onnx(
    path: str | PathLike,
    task: str = "ir-vis",
    preset: str = "lite",
    weights: str | PathLike | None = None,
    precision: str = "fp32",
) -> dict[str, str]:
    """Write a network as one self-contained ONNX file.

    Args:
        path: target, *.onnx.
        task: "ir-vis", "mri-ct", "mri-pet" or "mri-spect".
        preset: "lite", "nano" or "base".
        weights: a .safetensors or .pth file; None takes the shipped weights of the task.
        precision: "fp32", "fp16" (half the size, for GPUs), or "int8" (convolutions in 8 bits,
            calibrated on generated pairs; a third of the size).

    Returns:
        What the file says about itself: task, sources, range, colour, licence, version.

    Raises:
        InputError: a rule instead of a network, an unknown precision, or what `load_model` refuses.

    Example:
        >>> export_onnx("ir-vis.onnx")["range"]  # doctest: +SKIP
        '[0, 1] in and out'
    """
    path, chosen = Path(path), get_task(task)
    if precision not in CONVERTERS:
        raise InputError(f"unknown precision {precision!r}: choose one of {', '.join(CONVERTERS)}.")
    network = load_model(preset, task, weights, device="cpu")
    if not isinstance(network, FusionNet):
        raise InputError(f"{preset!r} is a rule without weights: choose lite or base.")
    model = network_to_onnx(network)
    with quiet():
        model = CONVERTERS[precision](model, chosen)
    notes = file_notes(chosen, network, precision, shipped=weights is None)
    write_onnx(path, model, notes)
    return notes
