"""Pixels that were not measured: a stated value, or one that no thermal camera measures."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lkc.io.image_data import ImageData, of_pixels
from lkc.io.pixels import FULL_SCALE

USUAL = (-9999.0, -32768.0, float(np.finfo(np.float32).min))  # for "no data", where nothing is said
ABSOLUTE_ZERO = -273.15  # degrees Celsius; nothing is colder
FILL_FROM = 9999.0  # Programs fill gaps with this value and larger ones.


def stated_value(stated: object) -> tuple[float, ...]:
    """The value in GDAL's tag, alone in a tuple; an empty one where there is none.

    >>> stated_value("-9999"), stated_value(None)
    ((-9999.0,), ())
    """
    try:
        return () if stated is None else (float(str(stated).strip("\0 ")),)
    except ValueError:
        return ()


def fill_values(values: NDArray) -> tuple[float, ...]:
    """Find values that fill gaps without a word: repeated, far from all others, and implausible.

    >>> fill_values(np.float32([20.5, 21, -999, 22, -999]))
    (-999.0,)
    """
    found = list(USUAL)
    finite = values[np.isfinite(values)]
    others = finite[~np.isin(finite, np.array(USUAL, dtype=np.float32))]
    for end, is_implausible in ((np.min, others <= ABSOLUTE_ZERO), (np.max, others >= FILL_FROM)):
        if not is_implausible.any():
            continue
        value = end(others)
        kept = others[others != value]
        repeated = len(others) - len(kept) > 1 and len(kept) > 1
        if repeated and np.abs(kept - value).min() > np.ptp(kept) > 0:
            found.append(float(value))
            others = kept
    return tuple(value for value in found if (finite == np.float32(value)).any())


def leave_out_nodata(data: ImageData, stated: object = None) -> ImageData:
    """Make what was not measured a gap.

    Args:
        data: a page, an array or a table.
        stated: the text of GDAL's tag, or None; floats may hold a usual or implausible value then.

    Returns:
        The same, with NaN where it has no value; as it is if it has a value everywhere.
    """
    values = data.values
    if values.ndim != 2 or (stated is None and values.dtype in FULL_SCALE):
        return data
    fills = fill_values(values) if stated is None else stated_value(stated)
    gaps = np.isin(values, np.array(fills, dtype=np.float32))
    if not gaps.any() or gaps.all():
        return data
    kept = np.where(gaps, np.float32(np.nan), values.astype(np.float32))
    if values.dtype in FULL_SCALE:
        return replace(data, values=kept)
    return replace(of_pixels(kept, data.name, data.pages, data.notes), place=data.place)


def find_gaps(data: ImageData, stated: object, alpha: NDArray | None) -> ImageData:
    """Note which pixels of a GeoTIFF were not measured, so that what is fused can say so.

    Args:
        data: a page after `leave_out_nodata`.
        stated: the text of the tag, or None.
        alpha: (H, W), upright, 0 where nothing was measured; None without such a band.

    Returns:
        The page with its gaps; the same one if it states no place, or has a value everywhere.
    """
    values = data.values
    if data.place is None:
        return data
    gaps = np.zeros(values.shape[:2], np.bool_) if alpha is None else alpha == 0
    finite, nodata = np.isfinite(values), stated_value(stated)
    if values.ndim == 3:
        if nodata:
            gaps |= (values == np.float32(nodata[0])).all(axis=2)
        finite = finite.all(axis=2)
    gaps |= ~finite
    return replace(data, gaps=gaps) if gaps.any() else data
