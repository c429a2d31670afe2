"""DICOM and NIfTI written here: values, windows, geometry, and what must not leak."""

import json
from io import BytesIO

import nibabel
import numpy as np
import pydicom
import pytest
from PIL import Image

from lkc.errors import InputError
from lkc.io import parse_window, read, read_volume, resample_onto, show, write_nifti
from lkc.io.volume import Volume
from tests.fixtures.medical_files import SLICE, scale, uid, write_dicom, write_volume

RNG = np.random.default_rng(0)


def test_slope_intercept_unit_and_range(tmp_path):
    data = read(write_dicom(tmp_path / "a.dcm"))
    assert (data.values == SLICE * 2.0 - 1024).all()
    assert (data.unit, data.modality) == ("HU", "CT")
    assert data.full_range == (-1024, 2 * 4095 - 1024)
    assert data.presets == {"file 0": (0, 80), "file 1": (-100, 900)}


def test_dicom_without_suffix(tmp_path):
    assert read(write_dicom(tmp_path / "IM0001")).unit == "HU"


def test_window_of_the_file_and_of_the_console(tmp_path):
    data = read(write_dicom(tmp_path / "a.dcm"))
    for text in ("file", "brain"):
        pixels, said = show(data, parse_window(text))
        assert np.abs(pixels / 65535 - (data.values / 80).clip(0, 1)).max() < 1e-4
        assert said.endswith("0 to 80 HU")


@pytest.mark.parametrize("syntax", [uid.RLELossless, uid.DeflatedExplicitVRLittleEndian])
def test_compressed(tmp_path, syntax):
    path = tmp_path / "a.dcm"
    if syntax == uid.RLELossless:
        write_dicom(path, syntax=syntax)
    else:
        dataset = pydicom.dcmread(write_dicom(path))
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.save_as(path)
    assert (read(path).values == SLICE * 2.0 - 1024).all()


def test_jpeg_2000(tmp_path):
    path = write_dicom(tmp_path / "a.dcm")
    buffer = BytesIO()
    Image.fromarray(SLICE).save(buffer, "JPEG2000", irreversible=False, no_jp2=True)
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = uid.JPEG2000Lossless
    dataset.BitsStored, dataset.HighBit = 16, 15
    dataset.PixelData = pydicom.encaps.encapsulate([buffer.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)
    assert (read(path).values == SLICE * 2.0 - 1024).all()


def test_missing_plugin_is_one_sentence(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", syntax=uid.RLELossless)
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = uid.HTJ2KLossless
    dataset.save_as(path)
    with pytest.raises(InputError, match="needs a plugin: pip install pylibjpeg"):
        read(path)


def test_colour_and_frames(tmp_path):
    colour = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    data = read(write_dicom(tmp_path / "c.dcm", colour))
    assert (data.values == colour).all()
    assert data.full_range == (0, 255)
    frames = np.stack([SLICE, SLICE[::-1]])
    path = write_dicom(tmp_path / "f.dcm", frames, NumberOfFrames=2)
    assert (read(path, 1).values == SLICE[::-1] * 2.0 - 1024).all()
    with pytest.raises(InputError, match="there is no page 2"):
        read(path, 2)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_nifti_slope_and_affine(tmp_path, suffix):
    affine = np.diag([2.0, 3, 4, 1])
    affine[:3, 3] = 5, 6, 7
    image = nibabel.Nifti1Image(RNG.integers(0, 99, (20, 21, 22), dtype=np.int16), affine)
    image.header.set_slope_inter(0.5, -3)
    nibabel.save(image, tmp_path / f"a{suffix}")
    volume = read_volume(tmp_path / f"a{suffix}")
    assert volume.values.dtype == np.float32
    stored = nibabel.load(tmp_path / f"a{suffix}").get_fdata()
    assert np.allclose(volume.values, stored)
    assert np.allclose(volume.affine, affine)
    assert volume.spacing.tolist() == [2, 3, 4]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.ones((20, 20, 20, 2), np.float32), "holds 2 frames: pick one with --frame N"),
        (np.ones((20, 20), np.float32), "one volume is needed"),
        (np.ones((20, 20, 20), np.complex64), "complex numbers"),
        (np.ones((20, 20, 20), [("R", "u1"), ("G", "u1"), ("B", "u1")]), "holds colour"),
    ],
)
def test_nifti_of_another_kind(tmp_path, values, sentence):
    path = write_volume(tmp_path / "a.nii", values, np.eye(4))
    with pytest.raises(InputError, match=sentence):
        read_volume(path)


@pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
def test_nifti_with_gaps(tmp_path, gap):
    values = RNG.uniform(100, 200, (20, 20, 20)).astype(np.float32)
    values[:10] = gap  # outside of what was measured
    volume = read_volume(write_volume(tmp_path / "a.nii", values, np.eye(4)))
    assert volume.full_range == (values[10:].min(), values[10:].max())
    assert np.isnan(volume.values[:10]).all()
    shown, said = scale(volume, parse_window("percentile:0,100"))
    assert (shown[:10] == 0).all()
    assert said.startswith("percentile 0,100: 100")
    moved = resample_onto(volume, Volume(values, np.diag([2.0, 2, 2, 1]), (0, 1), "MRI"))
    inside = np.isfinite(moved.values)
    assert np.isin(moved.values[inside], volume.values).all()  # gaps are no neighbours
    assert not inside[:5].any()


def test_nifti_without_a_value(tmp_path):
    path = write_volume(tmp_path / "a.nii", np.full((20, 20, 20), np.nan, np.float32), np.eye(4))
    with pytest.raises(InputError, match=r"a\.nii holds no finite value"):
        read_volume(path)


def test_nifti_cut_off(tmp_path):
    path = write_volume(tmp_path / "a.nii", RNG.random((20, 20, 20)), np.eye(4))
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(InputError, match=r"a\.nii is cut off"):
        read_volume(path)


def test_nifti_without_place(tmp_path):
    path = write_volume(tmp_path / "a.nii", np.ones((4, 4, 4)), np.eye(4))
    content = bytearray(path.read_bytes())
    content[280:328] = bytes(48)  # the rows of the affine
    path.write_bytes(content)
    with pytest.raises(InputError, match="no usable geometry"):
        read_volume(path)


def ramp(shape, affine, name):
    """A volume whose values are a linear function of the place in space."""
    grid = np.stack(np.meshgrid(*(np.arange(side) for side in shape), indexing="ij"), axis=-1)
    place = grid @ affine[:3, :3].T + affine[:3, 3]
    values = (place @ [1.0, 2.0, 3.0]).astype(np.float32)
    return Volume(values, affine, (float(values.min()), float(values.max())), name)


def test_resampling_follows_the_places():
    turned = np.array([[0, 1.5, 0, -4], [-1.5, 0, 0, 40], [0, 0, 2, -3], [0, 0, 0, 1.0]])
    moving = ramp((40, 40, 30), turned, "PET")
    fixed = ramp((20, 22, 18), np.diag([1.0, 1.1, 1.2, 1]), "MRI")
    moved = resample_onto(moving, fixed)
    assert np.abs(moved.values - fixed.values).max() < 1e-3
    assert np.allclose(moved.affine, fixed.affine)


def test_resampling_what_lies_elsewhere():
    far = np.eye(4)
    far[:3, 3] = 500
    with pytest.raises(InputError, match=r"PET covers 0% of MRI"):
        resample_onto(ramp((9, 9, 9), far, "PET"), ramp((9, 9, 9), np.eye(4), "MRI"))


def test_resampling_a_sheared_grid():
    sheared = np.eye(4)
    sheared[0, 1] = 0.5
    tilted, plain = ramp((9, 9, 9), sheared, "CT"), ramp((9, 9, 9), np.eye(4), "MRI")
    moved = resample_onto(tilted, plain).values
    x, y, _ = np.indices(moved.shape)
    inside = (x - y / 2 >= 0) & (x - y / 2 <= 8)
    assert np.abs(moved - plain.values)[inside].max() < 1e-4
    assert np.isnan(moved[(x - y / 2 < -0.5) | (x - y / 2 > 8.5)]).all()


def test_written_volume_reads_back(tmp_path):
    fused = RNG.integers(0, 65536, (5, 6, 7), dtype=np.uint16)
    affine = np.diag([2.0, 3, 4, 1])
    write_nifti(tmp_path / "new" / "out.nii.gz", fused, affine, {"window": "full"})
    image = nibabel.load(tmp_path / "new" / "out.nii.gz")
    assert np.abs(image.get_fdata() - fused / 65535).max() < 1e-6
    assert np.allclose(image.affine, affine)
    note = image.header.extensions[0].get_content()
    assert json.loads(note)["window"] == "full"
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["out.nii.gz"]


def test_written_colour_volume(tmp_path):
    fused = RNG.integers(0, 256, (5, 6, 7, 3), dtype=np.uint8)
    write_nifti(tmp_path / "out.nii", fused, np.eye(4), {})
    image = nibabel.load(tmp_path / "out.nii")
    stored = np.asarray(image.dataobj)
    assert (np.stack([stored[c] for c in "RGB"], axis=-1) == fused).all()
