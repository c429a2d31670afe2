"""Radiometric thermal files: counts or floats as degrees Celsius."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lkc.errors import InputError
from lkc.io.image_data import ImageData
from lkc.io.window import EIGHT_BITS, SIXTEEN_BITS, Window, finite_ends

KELVIN = 273.15  # of 0 degrees Celsius
COUNTS_PER_KELVIN = 100  # FLIR's TLinear in its high resolution, and most radiometric TIFF
COLDEST_SCENE = -60  # degrees Celsius; kelvin below this are no kelvin
STUCK_AT_MOST = 0.05  # of all pixels; more of one value are a background, or not measured
FAR = 8  # times the range of the others: so far from them lies no background
PLAUSIBLE = (-80, 1500)  # degrees Celsius, of the middle half of what thermal cameras see


def without_stuck_pixels(data: ImageData) -> ImageData:
    """Leave out broken pixels of a thermal image, for judging what its values are.

    Args:
        data: any image.

    Returns:
        The same with values (N,), without those of 0 or 65535 where these lie further from all
        others than those do from one another, many of them much further; without such ones the
        image as it is.

    Example:
        >>> counts = np.arange(29000, 29100, dtype=np.uint16).reshape(10, 10)
        >>> counts[0, 0] = 0
        >>> without_stuck_pixels(ImageData(counts, (0, 65535), "x.tif")).values.min()
        np.uint16(29001)
    """
    values = data.values
    deep = data.measured or data.full_range == SIXTEEN_BITS
    if values.ndim != 2 or not deep or data.modality:
        return data
    at_end = (values == SIXTEEN_BITS[0]) | (values == SIXTEEN_BITS[1])
    if not at_end.any() or at_end.all():
        return data
    low, high = finite_ends(values[~at_end], data.name)
    stuck = np.zeros_like(at_end)
    far = 1 if np.count_nonzero(at_end) <= STUCK_AT_MOST * values.size else FAR
    for end, distance in zip(SIXTEEN_BITS, (low, SIXTEEN_BITS[1] - high), strict=True):
        if distance > far * (high - low) > 0:
            stuck |= values == end
    if not stuck.any():
        return data
    kept = values[~stuck]
    full_range = finite_ends(kept, data.name) if data.measured else data.full_range
    return replace(data, values=kept, full_range=full_range)


def to_counts(celsius: float) -> float:
    """Turn degrees Celsius into the counts of a radiometric file.

    >>> round(to_counts(20))
    29315
    """
    return (celsius + KELVIN) * COUNTS_PER_KELVIN


def fixed_limits(window: Window) -> tuple[float, float]:
    """What a fixed window makes black and white, in counts where it is stated in Celsius.

    >>> fixed_limits(Window("fixed", 7800, 8600))
    (7800, 8600)
    """
    if window.unit != "C":
        return window.low, window.high
    return to_counts(window.low), to_counts(window.high)


def to_celsius(data: ImageData, judged: ImageData | None = None) -> ImageData:
    """Turn a radiometric thermal file into degrees Celsius.

    Cameras write counts of 0.01 kelvin; float files hold degrees Celsius already.

    Args:
        data: a gray image of 16-bit counts, or of floats.
        judged: the same without broken pixels, whose temperatures must be plausible; None if there
            are none.

    Returns:
        The same image in degrees Celsius.

    Raises:
        InputError: colour, 8 bits, or temperatures that no thermal camera measures.

    Source:
        "TLinear" mode of FLIR's core manuals: temperature in kelvin = counts * 0.01.

    Example:
        >>> counts = ImageData(np.full((2, 2), 29315, dtype=np.float32), (0, 65535), "x.tif")
        >>> to_celsius(counts).values[0, 0].round(2)
        np.float32(20.0)
    """
    if data.values.ndim == 3 or data.full_range == EIGHT_BITS:
        raise InputError(f"{data.name} is not radiometric: it has 8 bits or colour.")
    values = data.values
    if data.full_range == SIXTEEN_BITS and not data.measured:
        values = values * np.float32(1 / COUNTS_PER_KELVIN) - np.float32(KELVIN)
    limits = finite_ends(values, data.name)
    if judged is not None:
        to_celsius(judged)
        return replace(data, values=values, full_range=limits, unit="C")
    quarter, median, most = np.percentile(values[np.isfinite(values)], [25, 50, 75])
    if quarter < PLAUSIBLE[0] or most > PLAUSIBLE[1]:
        low, high = finite_ends(data.values, data.name)
        raise InputError(
            f"{data.name} is not radiometric, or of another scale than 0.01 kelvin: its median "
            f"would be {median:.0f} degrees Celsius, and a quarter of it below {quarter:.0f}; give "
            f"the window in its own values, such as --window {low:g},{high:g}, or --window "
            "percentile."
        )
    return replace(data, values=values, full_range=limits, unit="C")


def check_unit(frame: NDArray, full_range: tuple[float, float], window: Window, name: str) -> None:
    """Refuse a window in degrees for frames of a film that are no counts of temperature.

    Args:
        frame: (H, W) or (H, W, 3), as the clip or camera gives it.
        full_range: lowest and highest value that it can hold.
        window: a fixed one, in any unit.
        name: what to call the film in messages.

    Raises:
        InputError: colour, other than 16 bits, or temperatures that no thermal camera measures.

    Example:
        >>> frame = np.zeros((2, 2), np.uint8)
        >>> check_unit(frame, EIGHT_BITS, Window("fixed", 20, 40, "C"), "camera 0")
        Traceback (most recent call last):
        ...
        lkc.errors.InputError: camera 0 is not radiometric: it is not gray of 16 bits.
    """
    if window.unit != "C":
        return
    if frame.ndim == 3 or full_range != SIXTEEN_BITS:
        raise InputError(f"{name} is not radiometric: it is not gray of 16 bits.")
    data = ImageData(frame.astype(np.float32), full_range, name)
    to_celsius(data, without_stuck_pixels(data))


def refuse_kelvin(data: ImageData, window: Window) -> None:
    """Refuse floats of which a window in Celsius shows nothing, but would if they were kelvin."""
    low, high = data.full_range
    overlap = low - KELVIN <= window.high and high - KELVIN >= window.low
    is_kelvin = overlap and low - KELVIN >= COLDEST_SCENE
    if data.full_range != SIXTEEN_BITS and low > window.high and is_kelvin:
        raise InputError(
            f"{data.name} has values from {low:g} to {high:g}, which look like kelvin, not degrees "
            f"Celsius: give --window {window.low + KELVIN:g},{window.high + KELVIN:g}."
        )
