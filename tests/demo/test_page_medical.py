"""A doctor's own files in a browser: a tilted series with an MRI, and uptake without colour."""

import io
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

from demo.work import results
from demo.work.prepared import Given, Slice
from demo.work.recipe import recipe_of
from demo.work.slices import count_slices, plane_of_slice
from demo.work.take_away import as_dicom
from demo.work.uploads import prepare
from lkc.io.image_files import read_image
from lkc.io.volume import LPS_FROM_RAS
from tests.demo.steps import say
from tests.demo.test_slices import GRID, give, head, open_empty
from tests.fixtures.medical_files import NAME, write_dicom, write_volume

pytest.importorskip("gradio")
SPOT = (18, 21, 15)  # where `head` is brightest
TILT = np.deg2rad(25)


@pytest.fixture(scope="module")
def mri(tmp_path_factory) -> str:
    values = head()
    values[..., :2] = 900  # so that the percentiles leave the head dark
    return str(write_volume(tmp_path_factory.mktemp("mri") / "mri.nii.gz", values, GRID))


@pytest.fixture(scope="module")
def tilted(tmp_path_factory) -> list[str]:
    """A CT series, tilted by 25 degrees, with a ball around the spot of the MRI."""
    folder = tmp_path_factory.mktemp("ct")
    row, column = np.array([1.0, 0, 0]), np.array([0, np.cos(TILT), np.sin(TILT)])
    normal = np.cross(row, column)
    spot = (LPS_FROM_RAS @ GRID @ [*SPOT, 1])[:3]
    corner = spot - 30 * row - 30 * column - 24 * normal
    files = []
    for number in range(17):
        place = corner + 3 * number * normal
        y, x = np.mgrid[:41, :41] * 1.5
        points = place + x[..., None] * row + y[..., None] * column  # (41, 41, 3)
        near = np.linalg.norm(points - spot, axis=2) < 8
        files.append(
            write_dicom(
                folder / f"IM{number}",
                np.where(near, 700, 500).astype(np.uint16),
                PixelSpacing=[1.5, 1.5],
                ImageOrientationPatient=[*row, *column],
                ImagePositionPatient=place.tolist(),
                FrameOfReferenceUID="1.2.3.4",
            )
        )
    return [str(file) for file in files]


def test_a_slice_on_the_screen_lies_where_its_file_says(tilted):
    folder = str(Path(tilted[0]).parent)
    for axis in ("sagittal", "coronal", "axial"):
        assert count_slices(folder, axis) in (17, 41)
    source = pydicom.dcmread(tilted[6])
    plane = plane_of_slice(Slice("axial", 6, folder))
    assert plane.position == pytest.approx(source.ImagePositionPatient, abs=1e-4)
    assert plane.orientation == pytest.approx(source.ImageOrientationPatient)
    assert (plane.thickness, plane.frame) == (pytest.approx(3), "1.2.3.4")


def test_only_a_dicom_source_brings_a_dicom_result(mri, tilted):
    at = Slice("axial", 15, mri)
    shown = [prepare(Given(file, slice=at))[0] for file in (mri, str(Path(tilted[0]).parent))]
    made = results.Result("mri-ct", *shown, shown[0], shown[0])
    recipe = recipe_of(*shown, "mri-ct", "lite", 1.5, "keep")
    written = pydicom.dcmread(as_dicom(made, recipe))
    assert "task: mri-ct; detail: 1.5" in written.DerivationDescription
    assert np.array_equal(written.pixel_array, read_image(shown[0]))
    column, row = 23 - SPOT[0], 27 - SPOT[1]
    along = np.reshape(written.ImageOrientationPatient, (2, 3))
    here = np.array(written.ImagePositionPatient) + 2 * (column * along[0] + row * along[1])
    assert here == pytest.approx((LPS_FROM_RAS @ GRID @ [*SPOT, 1])[:3])
    assert (
        as_dicom(results.Result("mri-ct", shown[0], shown[0], shown[0], shown[0]), recipe) is None
    )


@pytest.mark.page
@pytest.mark.parametrize("width", [1280, 360])
def test_a_tilted_series_is_laid_on_an_mri_and_taken_away(opened, mri, tilted, width):
    page = opened(width=width)
    open_empty(page)
    give(page, "#first", mri)
    say(page, "#status", "Waiting for the CT image")
    give(page, "#second", tilted)
    say(page, "#status", "24 × 28 pixels, 16 bit")
    page.locator("#slice input[type=range]").fill(str(SPOT[2] + 1))
    say(page, "#slice", "Slice 16 of 20, at 45.0 mm")
    page.wait_for_selector("#fused img[src*='mri-axial-16-fused']")
    page.get_by_text("Take it away").click()
    with page.expect_download() as download:
        page.locator("#download-dicom").click()
    fused = read_image(download.value.path())
    row, column = np.argwhere(fused > fused.max() / 2).mean(axis=0)
    assert np.hypot(row - (27 - SPOT[1]), column - (23 - SPOT[0])) < 1
    assert NAME.split("^")[0] not in page.content()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.page
@pytest.mark.parametrize("width", [1280, 360])
def test_uptake_without_colour_gets_a_palette_and_a_colour_bar(opened, mri, tmp_path, width):
    page = opened(width=width)
    open_empty(page, 2, "mri-pet")
    uptake = head()[::2, ::2, ::2] * np.linspace(0, 0.1, 12, dtype=np.float32)[:, None, None]
    pet = write_volume(tmp_path / "pet.nii.gz", uptake, np.diag([4.0, 4, 6, 1]))
    give(page, "#first", mri)
    say(page, "#status", "Waiting for the PET image")
    give(page, "#second", pet)
    say(page, "#status", "24 × 28 pixels, 16 bit")
    bar = page.locator("#window-second canvas").evaluate(
        "c => [...c.getContext('2d').getImageData(0, c.height - 2, c.width, 1).data]"
    )
    for shown in (np.reshape(bar, (-1, 4)), pixels_of(page, "#second"), pixels_of(page, "#fused")):
        red, _, blue = shown.reshape(-1, shown.shape[-1])[:, :3].astype(int).T
        assert (red - blue).max() > 100  # as no gray is
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def pixels_of(page, place: str) -> np.ndarray:
    """The picture that a place of the page shows: (H, W, 3)."""
    address = page.locator(f"{place} img").first.evaluate("image => image.src")
    return np.array(Image.open(io.BytesIO(page.request.get(address).body())).convert("RGB"))
