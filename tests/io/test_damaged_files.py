"""Damaged headers and truncated files of every format: an image, or one clear sentence.

The suite tries a few hundred. Ten thousand:
    LKC_FUZZ_EXAMPLES=10000 .venv/bin/pytest tests/io/test_damaged_files.py
"""

import faulthandler
import os
import re
import warnings
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pydicom
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import uid

from lkc.errors import InputError
from lkc.io import Volume, parse_window, read, read_volume, show
from lkc.io.reading import read_pixels
from tests.fixtures.medical_files import write_dicom, write_volume

EXAMPLES = int(os.environ.get("LKC_FUZZ_EXAMPLES", "300"))
HANG = 60  # seconds after which the run is stopped with a traceback of where it stood
RNG = np.random.default_rng(0)
GRAY, COLOUR = (RNG.integers(0, 256, (20, 30, *c), dtype=np.uint8) for c in ((), (3,)))
DEEP = RNG.integers(0, 65536, (20, 30), dtype=np.uint16)
DEEP_COLOUR = RNG.integers(0, 65536, (20, 30, 3), dtype=np.uint16)
VALUES = RNG.random((16, 17, 4)).astype(np.float32)
PLANES = {"photometric": "rgb", "planarconfig": "separate"}
LZW = [cv2.IMWRITE_TIFF_COMPRESSION, 5]
PYTHON_WORDS = re.compile(
    "object has no attribute|operand type|ufunc|NoneType|unpack requires|codec can't|not subscript"
)


def with_pillow(pixels, kind, **options):
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def with_tifffile(pixels, **options):
    buffer = BytesIO()
    tifffile.imwrite(buffer, pixels, **options)
    return buffer.getvalue()


def with_opencv(pixels, suffix, options=()):
    return cv2.imencode(suffix, pixels, options)[1].tobytes()


def enhanced_dicom(folder):
    """Two frames, inverted and padded, with the scale where enhanced files keep it."""
    scale, groups = pydicom.Dataset(), pydicom.Dataset()
    scale.RescaleSlope, scale.RescaleIntercept = 2, -1024
    groups.PixelValueTransformationSequence = [scale]
    tags = {"PixelPaddingValue": 7, "PhotometricInterpretation": "MONOCHROME1"}
    frames = np.stack([DEEP // 16] * 2)
    shared = {"SharedFunctionalGroupsSequence": [groups]}
    return write_dicom(folder / "a", frames, NumberOfFrames=2, **shared, **tags).read_bytes()


@cache
def whole_files():
    """One intact file of every format: suffix and contents."""
    turned = Image.Exif()
    turned[0x0112] = 6
    with TemporaryDirectory() as name:
        folder = Path(name)
        return [
            (".png", with_pillow(COLOUR, "PNG", exif=turned)),
            (".png", with_pillow(DEEP, "PNG")),
            (".jpg", with_pillow(COLOUR, "JPEG", exif=turned)),
            (".webp", with_pillow(COLOUR, "WEBP")),
            (".bmp", with_pillow(COLOUR, "BMP")),
            (".tif", with_pillow(GRAY, "TIFF", compression="tiff_lzw")),
            (".tif", with_tifffile(RNG.random((20, 30, 3)).astype(np.float32), photometric="rgb")),
            (".tif", with_tifffile(np.stack([DEEP] * 3), photometric="minisblack")),
            (".png", with_opencv(DEEP_COLOUR, ".png")),
            (".tif", with_opencv(DEEP_COLOUR, ".tif", LZW)),
            (".tif", with_tifffile(DEEP_COLOUR, photometric="rgb")),
            (".tif", with_tifffile(DEEP_COLOUR.transpose(2, 0, 1), **PLANES)),
            (".tif", with_opencv(DEEP, ".tif", LZW)),
            (".tif", with_opencv(DEEP.astype(np.int16), ".tif", LZW)),
            (".tif", with_pillow(COLOUR, "TIFF", compression="jpeg")),
            (".tif", with_pillow(COLOUR, "TIFF", compression="tiff_adobe_deflate")),
            (".tif", with_pillow(GRAY > 127, "TIFF", compression="group4")),
            (".ppm", b"P6 30 20 65535\n" + DEEP_COLOUR.astype(">u2").tobytes()),
            (".dcm", enhanced_dicom(folder)),
            (".dcm", write_dicom(folder / "a").read_bytes()),
            (".dcm", write_dicom(folder / "a", syntax=uid.RLELossless).read_bytes()),
            (".nii", write_volume(folder / "a.nii", VALUES, np.eye(4)).read_bytes()),
            (".nii.gz", write_volume(folder / "a.nii.gz", VALUES, np.eye(4)).read_bytes()),
        ]


def damage(content, cuts, patches):
    """Overwrite bytes, mostly in the header, then cut the file off."""
    broken = bytearray(content)
    for near_start, place, patch in patches:
        start = int(place * min(len(broken), 400 if near_start else len(broken)))
        broken[start : start + len(patch)] = patch
    return bytes(broken[: round(cuts * len(broken))])


extremes = st.sampled_from([b"\0", b"\xff", b"\x7f\xff", b"\xff" * 4, b"\0" * 4, b"\x80\0\0\0"])
patches = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1), extremes | st.binary(min_size=1, max_size=8)),
    max_size=4,
)
cuts = st.just(1.0) | st.floats(0, 1)


def check_sentence(error):
    sentence = str(error)
    assert 10 < len(sentence) < 400
    assert sentence.endswith((".", '".'))
    assert "\n" not in sentence
    assert "Traceback" not in sentence
    assert not PYTHON_WORDS.search(sentence)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 300,  # the suite's few are the same ones every time
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(number=st.integers(0, 22), cut=cuts, patches=patches)
def test_damaged_file(tmp_path, capfd, number, cut, patches):
    suffix, content = whole_files()[number]
    folder = tmp_path / "series"
    folder.mkdir(exist_ok=True)
    path = folder / f"a{suffix}"
    path.write_bytes(damage(content, cut, patches))
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # nothing but the sentence reaches a user
            if suffix.startswith(".nii"):
                assert isinstance(read_volume(path), Volume)
            else:
                data = read(path)
                assert data.values.dtype == np.float32
                show(data, parse_window("percentile"))
                read_pixels(path)
            if suffix == ".dcm":
                assert isinstance(read_volume(folder), Volume)
    except InputError as error:
        check_sentence(error)
    finally:
        faulthandler.cancel_dump_traceback_later()
        path.unlink()
    assert capfd.readouterr() == ("", "")  # nor what C libraries print
