"""Operators of torch in the ONNX form that runtimes compute fastest, above all in a browser.

The exporter's own forms are right but slow there: onnxruntime computes an instance norm on one
thread, takes a maximum over channels value by value, and gets seven passes for an interpolation.
Every operator used here has a kernel for WebGPU too: one without would copy maps to the CPU.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import torch


def fast_operators() -> dict[Callable, Callable]:
    """Return what stands for which operator of torch, as `torch.onnx.export` takes it.

    Returns:
        Functions of onnxscript by operator: interpolation, maximum over channels, and group norm.

    Example:
        >>> len(fast_operators())  # doctest: +SKIP
        3
    """
    import onnxscript
    from onnxscript.function_libs.torch_lib.ops import core

    op: Any = onnxscript.opset18

    def larger(a: Any, b: Any) -> Any:
        return op.Add(a, op.Relu(op.Sub(b, a)))  # WebGPU has no Max

    def lerp(start: Any, end: Any, weight: Any) -> Any:
        return op.Add(start, op.Mul(weight, op.Sub(end, start)))

    def amax(x: Any, dim: Sequence[int] = (), keepdim: bool = False) -> Any:
        if list(dim) != [1] or not keepdim:
            return core.aten_amax(x, dim, keepdim)
        left = x.shape[1]
        while left % 2 == 0:  # halves lie in one piece, which makes them fast
            x, left = larger(*op.Split(x, axis=1, num_outputs=2)), left // 2
        return x if left == 1 else reduce(larger, op.Split(x, axis=1, num_outputs=left))

    # The sum of squares is taken of centred values: in a flat image the difference of two large
    # sums would be noise. InstanceNormalization is as exact, but runs on one thread.
    def group_norm(
        x: Any, groups: int, weight: Any, bias: Any, eps: float = 1e-5, enabled: bool = True
    ) -> Any:
        inside = op.Constant(value_ints=[2, 3])
        grouped = op.Constant(value_ints=[1, groups, x.shape[1] // groups, -1])
        x4 = op.Reshape(x, grouped)  # (1, groups, channels of a group, H W)
        centred = op.Sub(x4, op.ReduceMean(x4, inside))
        pixels = op.Cast(op.ReduceProd(op.Shape(x, start=2)), to=1)
        count = op.Mul(pixels, op.Constant(value_float=x.shape[1] / groups))
        variance = op.Div(op.ReduceSumSquare(centred, inside), count)
        deviation = op.Sqrt(op.Add(variance, op.Constant(value_float=eps)))
        scale = op.Div(op.Reshape(weight, grouped), deviation)
        y = op.Add(op.Mul(centred, scale), op.Reshape(bias, grouped))
        return op.Reshape(y, op.Shape(x))

    aten = torch.ops.aten
    return {
        aten.lerp.Tensor: lerp,
        aten.amax.default: amax,
        aten.group_norm.default: group_norm,
    }
