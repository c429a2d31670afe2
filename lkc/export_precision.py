"""Smaller numbers for an exported graph: half precision, and 8-bit convolutions."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lkc.data.synthetic import TIMES, head_phantom, street_scene
from lkc.io.decoding import need
from lkc.io.pixels import luma, to_unit_range
from lkc.tasks import Task

if TYPE_CHECKING:
    from onnx import ModelProto

HEADS = 8  # generated slices to calibrate on; streets: two per time of day
WHOLE_IMAGE = ["InstanceNormalization", "ReduceMean"]  # sums over a map overflow half precision


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
    """Quantize the convolutions statically: 8-bit weights per channel, 8-bit maps."""
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
            model, target, Reader(), op_types_to_quantize=["Conv"], per_channel=True
        )
        return onnx.load(target)


CONVERTERS: dict[str, Callable[["ModelProto", Task], "ModelProto"]] = {
    "fp32": lambda model, task: model,
    "fp16": to_fp16,
    "int8": to_int8,
}
