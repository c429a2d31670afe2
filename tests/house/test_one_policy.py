"""Page, Python, command line and API give the same pixels for the same files and settings."""

import shutil

import cv2
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image

import lkc
from demo.server.temporary_files import new_folder
from demo.work import fuse_files
from demo.work.uploads import prepare_upload
from lkc.downstream.msrs import read_msrs
from lkc.evaluation import compare
from lkc.io import read, show
from lkc.io.image_files import read_image
from lkc.io.pixels import luma, to_8_bits, to_unit_range
from lkc.tasks import get_task
from lkc.training.crops import load_pairs
from lkc.tutorial.examples import VARIABLE, load_pair
from tests.fixtures.medical_files import write_dicom

SIZE = (48, 64)
RNG = np.random.default_rng(0)


def smooth(channels: int = 1) -> np.ndarray:
    """A random picture in [0, 1] that reaches both ends: (H, W) or (H, W, 3)."""
    picture = cv2.GaussianBlur(RNG.random((*SIZE, channels)), (0, 0), 3).reshape(*SIZE, channels)
    picture = (picture - picture.min()) / np.ptp(picture)
    return picture[..., 0] if channels == 1 else picture


FIRST, SECOND, COLOUR = smooth(), smooth(), smooth(3)


def write_integers(path, picture, low, high):
    pixels = np.rint(low + picture * (high - low)).astype(np.uint16 if high > 255 else np.uint8)
    Image.fromarray(pixels).save(path) if pixels.ndim == 2 else cv2.imwrite(str(path), pixels)


def write_floats(path, picture, low, high):
    tifffile.imwrite(path, (low + picture * (high - low)).astype(np.float32))


def write_slice(path, picture, modality):
    write_dicom(path, np.rint(picture * 2500).astype(np.uint16), Modality=modality)


PAIRS = {  # task, and how each source is written
    "8-bit": ("ir-vis", (write_integers, ".png", 0, 255), (write_integers, ".jpg", COLOUR, 0, 255)),
    "8-bit-dark": ("mri-ct", (write_integers, ".png", 0, 40), (write_integers, ".png", 0, 99)),
    "12-bit": ("mri-ct", (write_integers, ".png", 0, 4095), (write_integers, ".tif", 0, 4095)),
    "14-bit-counts": (
        "ir-vis",
        (write_integers, ".tif", 7800, 8600),
        (write_integers, ".png", COLOUR, 0, 255),
    ),
    "16-bit": ("mri-ct", (write_integers, ".png", 0, 65535), (write_integers, ".tif", 9, 60000)),
    "16-bit-colour": (
        "ir-vis",
        (write_integers, ".png", 0, 65535),
        (write_integers, ".png", COLOUR, 0, 4095),
    ),
    "celsius": (
        "ir-vis",
        (write_floats, ".tif", 11.5, 34.25),
        (write_integers, ".png", COLOUR, 0, 255),
    ),
    "unit-floats": ("mri-ct", (write_floats, ".tif", 0, 1), (write_floats, ".tif", 0.4, 0.5)),
    "dicom": ("mri-ct", (write_slice, ".dcm", "MR"), (write_slice, ".dcm", "CT")),
    "dicom-tracer": ("mri-pet", (write_slice, ".dcm", "MR"), (write_slice, ".dcm", "PT")),
}


@pytest.fixture(params=PAIRS)
def pair(request, tmp_path):
    """A pair on disk in the folders of its task: task, first file, second file."""
    task, *sides = PAIRS[request.param]
    names = get_task(task).first_folders[0], get_task(task).second_folders[0]
    paths = []
    for name, picture, (write, suffix, *arguments) in zip(
        names, (FIRST, SECOND), sides, strict=True
    ):
        if isinstance(arguments[0], np.ndarray):
            picture, *arguments = arguments
        (tmp_path / name).mkdir()
        paths.append(tmp_path / name / f"1{suffix}")
        write(paths[-1], picture, *arguments)
    return task, *paths


def shown(path):
    """What the library says that it shows of a file."""
    return show(read(path))[0]


def test_every_way_to_fuse_gives_the_same_pixels(pair, tmp_path, lkc_command):
    api = pytest.importorskip("demo.api")
    task, a, b = pair
    expected = lkc.fuse(a, b, task=task)
    assert expected.std() > 1
    assert (lkc.fuse(shown(a), shown(b), task=task) == expected).all()

    status, _, err = lkc_command("fuse", a, b, "-o", tmp_path / "out.png", "--task", task)
    assert status == 0, err
    folders = tmp_path / a.parent.name, tmp_path / b.parent.name
    status, _, err = lkc_command("fuse", *folders, "-o", tmp_path / "out", "--task", task)
    assert status == 0, err

    uploads = [shutil.copy(path, new_folder()) for path in (a, b)]
    page = fuse_files.fuse_files(*uploads, task)
    prepared = [prepare_upload(str(path))[0] for path in uploads]
    answered, _ = api.fuse(*({"path": str(path)} for path in uploads), task)
    results = {
        "command": read_image(tmp_path / "out.png"),
        "command on folders": read_image(tmp_path / "out" / "1.png"),
        "page": page.fused,
        "page on what it shows": fuse_files.fuse_files(*prepared, task).fused,
        "API": read_image(answered),
    }
    for name, fused in results.items():
        assert fused.dtype == expected.dtype, name
        assert (fused == expected).all(), name
    assert all((seen == shown(path)).all() for seen, path in zip(page.sources, (a, b), strict=True))


def test_metrics_see_what_was_fused(pair, tmp_path, lkc_command):
    api = pytest.importorskip("demo.api")
    task, a, b = pair
    assert lkc_command("fuse", a, b, "-o", tmp_path / "out" / "1.png", "--task", task)[0] == 0
    fused = read_image(tmp_path / "out" / "1.png")
    expected = lkc.metrics.evaluate(fused, shown(a), shown(b))
    methods = {"file": tmp_path / "out", "model": lkc.load_model("lite", task=task)}
    table = compare(a.parent, b.parent, methods, task)
    for method in methods:
        assert table.loc[method, "1"].to_dict() == pytest.approx(expected, rel=1e-5)
    files = tmp_path / "out" / "1.png", a, b
    uploads = ({"path": str(shutil.copy(path, new_folder()))} for path in files)
    assert api.evaluate(*uploads) == pytest.approx(expected, rel=1e-5)


def test_training_sees_what_is_fused(pair, tmp_path):
    task, a, b = pair
    (planes,) = load_pairs([tmp_path], get_task(task)).values()
    expected = [to_8_bits(luma(to_unit_range(shown(path), "x"))) for path in (a, b)]
    assert {plane.numpy().tobytes() for plane in planes} == {x.tobytes() for x in expected}
    assert planes.dtype == torch.uint8


def test_downstream_and_notebooks_see_what_is_fused(pair, tmp_path, monkeypatch):
    task, a, b = pair
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    loaded = load_pair(task)
    assert (loaded.first == shown(a)).all()
    assert (loaded.second == shown(b)).all()
    if task != "ir-vis":
        return
    (tmp_path / "Segmentation_labels").mkdir()
    Image.fromarray(np.zeros(SIZE, np.uint8)).save(tmp_path / "Segmentation_labels" / "1.png")
    labelled = read_msrs(tmp_path)
    assert (labelled.first[0] == to_8_bits(to_unit_range(shown(a), "a"))).all()
    assert (labelled.second[0] == to_8_bits(to_unit_range(shown(b), "b"))).all()


def test_evaluate_takes_the_window_that_is_noted_in_the_fused_file(tmp_path, lkc_command):
    celsius = (8 + 40 * FIRST).astype(np.float32)
    for name in ("counts", "celsius", "eight", "vis"):
        (tmp_path / name).mkdir()
    counts = np.rint((celsius.astype(float) + 273.15) * 100).astype(np.uint16)
    tifffile.imwrite(tmp_path / "counts" / "1.tif", counts)
    tifffile.imwrite(tmp_path / "celsius" / "1.tif", celsius)
    eight = to_8_bits((celsius - 10) / 30)
    Image.fromarray(eight).save(tmp_path / "eight" / "1.png")
    write_integers(tmp_path / "vis" / "1.png", COLOUR, 0, 255)
    status, _, err = lkc_command(
        *("fuse", tmp_path / "counts", tmp_path / "vis", "-o", tmp_path / "fused"),
        *("--window", "10C,40C", "--window", "full"),
    )
    assert status == 0, err
    expected = lkc.metrics.evaluate(
        read_image(tmp_path / "fused" / "1.png"), eight, read_image(tmp_path / "vis" / "1.png")
    )
    for folder in ("counts", "celsius", "eight"):
        table = compare(tmp_path / folder, tmp_path / "vis", {"x": tmp_path / "fused"})
        assert table.loc["x", "1"].to_dict() == pytest.approx(expected, rel=0.02), folder
    (tmp_path / "noteless").mkdir()
    fused = read_image(tmp_path / "fused" / "1.png")
    Image.fromarray(fused).save(tmp_path / "noteless" / "1.png")
    table = compare(tmp_path / "counts", tmp_path / "vis", {"x": tmp_path / "noteless"})
    by_default = lkc.metrics.evaluate(
        fused, shown(tmp_path / "counts" / "1.tif"), shown(tmp_path / "vis" / "1.png")
    )
    assert table.loc["x", "1"].to_dict() == pytest.approx(by_default, rel=1e-5)
