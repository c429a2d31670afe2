"""Pairs of files: one file given twice, radiometric files, and folders without one window."""

import cv2
import numpy as np
import pytest
from PIL import Image

from lkc.errors import InputError
from lkc.fusion.files import fuse_files, read_pair
from tests.fixtures.medical_files import write_dicom
from tests.fixtures.radiometric_files import as_jpeg, to_counts, write_flir

ROWS, COLUMNS = np.mgrid[:48, :64]
CELSIUS = 10 + COLUMNS / 3 + 5 * np.sin(ROWS / 8)
RNG = np.random.default_rng(0)
VISIBLE = cv2.resize(RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8), (64, 48))


def write_gray(path, pixels):
    Image.fromarray(pixels).save(path)
    return path


def test_one_file_as_both_sources_is_refused(tmp_path):
    path = write_gray(tmp_path / "a.png", VISIBLE[..., 0])
    (tmp_path / "link.png").symlink_to(path)
    for other in (path, tmp_path / "link.png"):
        with pytest.raises(InputError, match="is given as both sources: give two images"):
            fuse_files(path, other, tmp_path / "out.png")
    assert not (tmp_path / "out.png").exists()


def test_a_dicom_image_as_both_sources_is_fused_and_said(tmp_path):
    image = write_dicom(tmp_path / "ct.dcm")
    with pytest.warns(UserWarning, match=r"ct\.dcm is given as both sources"):
        first, second = read_pair(image, image)
    assert np.array_equal(first.pixels, second.pixels)


def test_temperatures_are_fused_not_the_coloured_picture(tmp_path, lkc_command):
    flir = write_flir(tmp_path / "flir.jpg", to_counts(CELSIUS))
    gray = write_gray(tmp_path / "gray.png", np.zeros((48, 64), np.uint8))
    status, out, err = lkc_command(
        *("fuse", flir, gray, "-o", tmp_path / "out.png", "--preset", "maximum"),
        *("--window", "10C,30C", "--window", "full"),
    )
    assert status == 0, err
    assert "has colour" not in err
    assert "window of first: fixed: 10 to 30 C, temperatures, not the picture" in out
    fused = cv2.imread(str(tmp_path / "out.png"), cv2.IMREAD_UNCHANGED)
    top = np.iinfo(fused.dtype).max
    assert np.abs(fused / top - ((CELSIUS - 10) / 20).clip(0, 1)).max() < 0.006


def test_a_radiometric_file_twice_is_its_two_pictures(tmp_path, lkc_command):
    flir = write_flir(tmp_path / "flir.jpg", to_counts(CELSIUS), VISIBLE)
    with pytest.warns(UserWarning, match="another field of view than its thermal image"):
        thermal, visible = read_pair(flir, flir)
    assert thermal.shown.startswith("percentile 1,99: ")
    expected = cv2.imdecode(np.frombuffer(as_jpeg(VISIBLE), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(visible.pixels, expected)
    wide = write_flir(tmp_path / "wide.jpg", to_counts(CELSIUS), VISIBLE.repeat(2, 0).repeat(2, 1))
    status, _, err = lkc_command(
        "fuse", wide, wide, "-o", tmp_path / "o.png", "--preset", "maximum"
    )
    assert status == 1
    assert "wide.jpg is 64x48 but the visible picture in wide.jpg is 128x96" in err
    assert "--align" in err


def test_info_tells_a_radiometric_file(tmp_path, lkc_command):
    flir = write_flir(tmp_path / "flir.jpg", to_counts(CELSIUS))
    _, out, _ = lkc_command("info", flir)
    assert "flir.jpg: radiometric" in out
    assert "unit: C" in out
    assert "temperatures, not the picture, for emissivity 0.95 at 1 m" in out


def fuse_folder(tmp_path, lkc_command, *windows):
    for side in ("ir", "vis"):
        (tmp_path / side).mkdir(exist_ok=True)
    for number in range(3):
        counts = np.rint(29000 + 10 * CELSIUS).astype(np.uint16)
        counts[: 10 * (number == 1)] = 40000  # an exhaust enters
        write_gray(tmp_path / "ir" / f"{number}.png", counts)
        write_gray(tmp_path / "vis" / f"{number}.png", VISIBLE)
    options = ("--preset", "maximum", *(part for w in windows for part in ("--window", w)))
    status, out, err = lkc_command(
        "fuse", tmp_path / "ir", tmp_path / "vis", "-o", tmp_path, *options
    )
    assert status == 0
    return out, err


def test_a_folder_of_different_windows_says_so_once(tmp_path, lkc_command):
    for windows in ((), ("percentile", "full")):
        _, err = fuse_folder(tmp_path, lkc_command, *windows)
        assert err.count("gray values of different images do not compare") == 1
        assert "the first sources have a window each" in err
        low, high = (float(v) for v in err.partition(" compare: ")[2].split(" ")[0].split(","))
        assert 29000 < low < 29200
        assert high == 40000
    write_gray(tmp_path / "ir" / "plain.png", VISIBLE[..., 0])  # has 8 bits, and none to compare
    write_gray(tmp_path / "vis" / "plain.png", VISIBLE)
    _, err = fuse_folder(tmp_path, lkc_command)
    assert f" compare: {low:g},{high:g} as the first" in err
    for side in ("ir", "vis"):
        (tmp_path / side / "plain.png").unlink()
    _, err = fuse_folder(tmp_path, lkc_command, f"{low:g},{high:g}", "full")
    assert "compare" not in err
    _, err = fuse_folder(tmp_path, lkc_command, "percentile:0,100", "full")
    assert "compare" in err
