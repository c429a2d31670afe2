"""The intensity window: which values become black and white, always said.

Scanners and thermal cameras store more values than an image shows. A window names the range that is
mapped to [0, 1]; what lies outside is clipped. `default_window` is the policy for sources for which
no window is given, the same in Python, on the command line and on the page.
"""

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError

CT_PRESETS = {  # Hounsfield units, as consoles name them
    "brain": (0.0, 80.0),
    "soft-tissue": (-160.0, 240.0),
    "bone": (-450.0, 1050.0),
    "lung": (-1350.0, 150.0),
}
NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
PERCENTILE = re.compile(rf"percentile(?::{NUMBER},{NUMBER})?$")
FIXED = re.compile(rf"{NUMBER}(C?),{NUMBER}(C?)$")
SAID = re.compile(
    rf"(percentile|preset|fixed|full|file)(?: (.+?))?: {NUMBER} to {NUMBER}(?: (C|HU)\b)?"
)
SAMPLES = 2_000_000  # These are enough for a percentile; sorting a whole volume takes seconds.
UNIT_RANGE, EIGHT_BITS, SIXTEEN_BITS = (0.0, 1.0), (0.0, 255.0), (0.0, 65535.0)
LITTLE = 1 / 4  # of a range: 14 bits in a file of 16 cover this much
NEARLY_ALL = (0.1, 99.9)  # percentiles: a few broken pixels do not count
NOTES = ("window of first", "window of second")  # keywords of what was shown, in results


@dataclass(frozen=True)
class Window:
    """How black and white are found.

    Attributes:
        kind: "full" (all that the file can hold), "percentile", "fixed", "preset" (of a CT) or
            "file" (what a DICOM file asks for).
        low, high: percentiles or values.
        unit: "C" where the values are degrees Celsius.
        name: the preset.
    """

    kind: str
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    name: str = ""


Windows = tuple[Window | None, Window | None]
"""Of the first and of the second source; None takes the default."""


IN_FULL, BY_PERCENTILE = Window("full"), Window("percentile", 1, 99)


def parse_window(text: str) -> Window:
    """Read a window as users write it.

    Args:
        text: "full"; "percentile" (1,99) or "percentile:LOW,HIGH"; "LOW,HIGH" in the file's own
            units; "20C,40C" for radiometric thermal files; "brain", "soft-tissue", "bone" or "lung"
            for CT; "file" for what a DICOM file asks for.

    Returns:
        The window.

    Raises:
        InputError: the text is none of these, or its range is empty.

    Example:
        >>> parse_window("percentile:0.5,99.5")
        Window(kind='percentile', low=0.5, high=99.5, unit='', name='')
        >>> parse_window("20C,40C").unit
        'C'
    """
    if text in ("full", "file"):
        return Window(text)
    if text in CT_PRESETS:
        return Window("preset", *CT_PRESETS[text], name=text)
    if match := PERCENTILE.match(text):
        low, high = float(match[1] or 1), float(match[2] or 99)
        if not 0 <= low < high <= 100:
            raise InputError(f"window {text!r}: percentiles must rise from 0 to 100.")
        return Window("percentile", low, high)
    if match := FIXED.match(text):
        first, unit, second, other_unit = match.groups()
        low, high = float(first), float(second)
        if unit != other_unit or not low < high:
            raise InputError(f"window {text!r}: the second value must be the larger, in one unit.")
        return Window("fixed", low, high, unit)
    presets = ", ".join(CT_PRESETS)
    raise InputError(
        f"unknown window {text!r}: use full, percentile, percentile:1,99, LOW,HIGH, 20C,40C, file "
        f"or one of {presets}."
    )


def finite_ends(values: NDArray, name: str) -> tuple[float, float]:
    """Lowest and highest finite value of an array that holds any."""
    finite = np.isfinite(values)
    if not finite.any():
        raise InputError(f"{name} holds no finite value.")
    if finite.all():
        return float(values.min()), float(values.max())
    kept = values[finite]
    return float(kept.min()), float(kept.max())


def find_percentiles(values: NDArray, low: float, high: float) -> tuple[float, float]:
    """Percentiles of the finite values, from a random sample of large arrays.

    Every n-th value of a volume would come from few of its slices wherever n and the slices agree.
    """
    if (low, high) == (0, 100):
        return finite_ends(values, "the image")
    sample = values.reshape(-1)
    if sample.size > SAMPLES:
        sample = sample[np.random.default_rng(0).integers(0, sample.size, SAMPLES)]
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        raise InputError("the image holds no finite value.")
    first, second = np.percentile(sample, [low, high])
    return float(first), float(second)


def check_preset(window: Window, in_hounsfield: bool, name: str) -> None:
    """Refuse a window in Hounsfield units for what is measured in others."""
    if window.kind == "preset" and not in_hounsfield:
        raise InputError(
            f"window {window.name!r} is for CT: {name} is not in Hounsfield units; choose another, "
            "such as --window percentile."
        )


def check_seen(values: NDArray[np.float32], limits: tuple[float, float], name: str) -> None:
    """Refuse limits that leave everything black, or everything white."""
    if not values.size:
        return  # a clip, whose values are not known yet
    low, high = finite_ends(values, name)
    if high < limits[0] or low > limits[1]:
        raise InputError(
            f"{name} has no value in the window from {limits[0]:g} to {limits[1]:g}: its values "
            f"lie between {low:g} and {high:g}."
        )


def uses_little(values: NDArray, full_range: tuple[float, float]) -> bool:
    """Whether values cover less than a quarter of their range, but for a few broken pixels.

    >>> uses_little(np.arange(4096), SIXTEEN_BITS), uses_little(np.arange(40_000), SIXTEEN_BITS)
    (True, False)
    """
    low, high = find_percentiles(values, *NEARLY_ALL)
    if low == high:  # mostly background
        low, high = find_percentiles(values, 0, 100)
    return 0 < high - low < LITTLE * (full_range[1] - full_range[0])


def default_window(values: NDArray, full_range: tuple[float, float], measured: bool) -> Window:
    """Choose the window of a source for which none is given.

    Files of 8 bits are shown as they are. What has more is shown in full where it uses at least a
    quarter of what its file can hold, else from percentile 1 to 99. What an instrument measured in
    its own unit (DICOM, NIfTI, floats beyond [0, 1]) has no natural black and white, and is always
    shown from percentile 1 to 99.

    Args:
        values: the image, any shape.
        full_range: lowest and highest value that the file can hold.
        measured: whether the values are in a unit of their own.

    Returns:
        The window.

    Raises:
        InputError: there is no finite value.

    Example:
        >>> twelve_bits = np.arange(4096).reshape(64, 64)
        >>> default_window(twelve_bits, SIXTEEN_BITS, measured=False).kind
        'percentile'
    """
    if measured:
        return BY_PERCENTILE
    little = full_range != EIGHT_BITS and uses_little(values, full_range)
    return BY_PERCENTILE if little else IN_FULL


def warn_if_narrow(values: NDArray, full_range: tuple[float, float], name: str) -> None:
    """Say what helps where deep values that a user wants in full would look like one gray."""
    if full_range == SIXTEEN_BITS and uses_little(values, full_range):
        low, high = finite_ends(values, name)
        warnings.warn(
            f"{name} is shown in full, but its values only lie between {low:g} and {high:g} of "
            f"{full_range[1]:g}: --window percentile shows more.",
            stacklevel=2,
        )


def find_limits(
    window: Window,
    values: NDArray[np.float32],
    full_range: tuple[float, float],
    presets: Mapping[str, tuple[float, float]],
    name: str,
) -> tuple[float, float]:
    """Find the values that become black and white.

    Args:
        window: from `parse_window`.
        values: the image or volume, any shape.
        full_range: what the file can hold.
        presets: windows that the file names; the first one is taken for "file".
        name: what to call the file in an error.

    Returns:
        The value of black and the value of white.

    Raises:
        InputError: the file names no window, every value is the same, or none lies in the window.

    Example:
        >>> ramp = np.arange(101, dtype=np.float32)
        >>> find_limits(parse_window("percentile"), ramp, (0, 255), {}, "x")
        (1.0, 99.0)
    """
    if window.kind in ("fixed", "preset", "file"):
        if window.kind == "file" and not presets:
            raise InputError(f"{name} names no window of its own: choose another --window.")
        limits = (
            next(iter(presets.values())) if window.kind == "file" else (window.low, window.high)
        )
        check_seen(values, limits, name)
        return limits
    limits = full_range
    if window.kind == "percentile":
        limits = find_percentiles(values, window.low, window.high)
        if limits[0] == limits[1]:  # mostly background
            limits = find_percentiles(values, 0, 100)
    if not limits[0] < limits[1]:
        raise InputError(f"{name} has one value everywhere ({limits[0]:g}): nothing to show.")
    return limits


def apply_limits(
    values: NDArray[np.float32], limits: tuple[float, float], inverted: bool = False
) -> NDArray[np.float32]:
    """Map limits to [0, 1], or to [1, 0], and clip; what is not a number becomes black.

    >>> apply_limits(np.array([-5, 20, 99], dtype=np.float32), (0, 80))
    array([0.  , 0.25, 1.  ], dtype=float32)
    """
    low, high = limits
    with np.errstate(all="ignore"):  # of values near the end of float32
        scaled = ((values - np.float32(low)) / np.float32(high - low)).clip(0, 1)
    return np.nan_to_num(1 - scaled if inverted else scaled, nan=0.0)


def describe(
    window: Window, limits: tuple[float, float], unit: str = "", inverted: bool = False
) -> str:
    """Say in words what was shown, for messages and metadata.

    >>> describe(parse_window("brain"), (0, 80), "HU")
    'preset brain: 0 to 80 HU'
    """
    kind = {
        "percentile": f"percentile {window.low:g},{window.high:g}",
        "preset": f"preset {window.name}",
    }.get(window.kind, window.kind)
    digits = ".10g" if window.kind == "fixed" else "g"  # given ones are read again, see parse_said
    shown = f"{kind}: {limits[0]:{digits}} to {limits[1]:{digits}} {unit}".rstrip()
    return f"{shown}, inverted" if inverted else shown


def parse_said(text: str) -> tuple[Window, tuple[float, float]]:
    """Find the window in what `describe` said, as it stands in a fused PNG.

    Args:
        text: what was said; more words may follow.

    Returns:
        The window, which shows the same source in the same way again, and the values that became
        black and white.

    Raises:
        InputError: the text says something else.

    Example:
        >>> parse_said("percentile 1,99: 20.5 to 63 HU, inverted")[0] == BY_PERCENTILE
        True
        >>> parse_said("fixed: 20 to 40 C")[0] == parse_window("20C,40C")
        True
    """
    said = SAID.match(text)
    if not said:
        raise InputError(f"{text!r} does not say what was shown.")
    kind, detail, low, high, unit = said.groups()
    written = {
        "percentile": f"percentile:{detail}",
        "preset": detail,
        "fixed": f"{low}C,{high}C" if unit == "C" else f"{low},{high}",
    }.get(kind, kind)
    return parse_window(written), (float(low), float(high))
