"""DICOM as scanners write it: frames with their own scale, inverted, padded, series with extras."""

import shutil

import imagecodecs
import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.dataset import Dataset

from lkc.errors import InputError
from lkc.io import parse_window, read, read_volume, show
from lkc.io.reading import read_pixels
from tests.fixtures.medical_files import SLICE, scale, uid, write_dicom

RNG = np.random.default_rng(0)


def change(path, **tags):
    """Set tags of a file; None deletes."""
    dataset = pydicom.dcmread(path)
    for tag, value in tags.items():
        if value is None:
            delattr(dataset, tag)
        else:
            setattr(dataset, tag, value)
    dataset.save_as(path)
    return path


def item(**tags):
    dataset = Dataset()
    for tag, value in tags.items():
        setattr(dataset, tag, value)
    return dataset


@pytest.fixture
def enhanced(tmp_path):
    """Two frames: the scale of the second is its own, the rest is shared."""
    shared = item(
        PixelValueTransformationSequence=[item(RescaleSlope=2, RescaleIntercept=-1024)],
        FrameVOILUTSequence=[item(WindowCenter=40, WindowWidth=80)],
    )
    own = item(PixelValueTransformationSequence=[item(RescaleSlope=3, RescaleIntercept=7)])
    return change(
        write_dicom(tmp_path / "a.dcm", np.stack([SLICE, SLICE]), NumberOfFrames=2),
        **dict.fromkeys(("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth")),
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=[item(), own],
    )


def test_frames_of_enhanced_files_have_their_scale(enhanced):
    first, second = read(enhanced), read(enhanced, 1)
    assert (first.values == SLICE * 2.0 - 1024).all()
    assert first.full_range == (-1024, 2 * 4095 - 1024)
    assert (second.values == SLICE * 3.0 + 7).all()
    assert second.full_range == (7, 3 * 4095 + 7)
    assert first.presets == second.presets == {"file 0": (0, 80)}


def test_scale_that_is_there_but_empty(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", RescaleSlope="", RescaleIntercept="")
    assert (read(path).values == SLICE).all()
    assert read(path).full_range == (0, 4095)


def test_range_of_a_modality_lut(tmp_path):
    pixels = (SLICE // 16).astype(np.uint8)
    path = write_dicom(tmp_path / "a.dcm", pixels)
    table = np.concatenate([np.arange(255) * 10, [100]]).astype(np.uint16)  # not monotonic
    lut = item(LUTDescriptor=[256, 0, 16], ModalityLUTType="HU")
    lut.add_new("LUTData", "OW", table.tobytes())
    path = change(path, RescaleSlope=None, RescaleIntercept=None, ModalityLUTSequence=[lut])
    data = read(path)
    assert (data.values == table[pixels]).all()
    assert data.full_range == (0, 2540)


LEVELS = np.full((20, 30), 1064, np.uint16)  # 40 HU
LEVELS[:, :10], LEVELS[:, 20:] = 1024, 1104  # 0 and 80 HU
IN_HOUNSFIELD = {"RescaleSlope": 1, "RescaleIntercept": -1024}


@pytest.mark.parametrize("window", ["brain", "0,80", "file", "percentile:0,100"])
def test_monochrome1_is_inverted_after_the_window(tmp_path, window):
    plain = read(write_dicom(tmp_path / "a.dcm", LEVELS, **IN_HOUNSFIELD))
    inverse = read(
        write_dicom(
            tmp_path / "b.dcm", LEVELS, PhotometricInterpretation="MONOCHROME1", **IN_HOUNSFIELD
        )
    )
    assert (inverse.values == plain.values).all()
    assert inverse.presets == plain.presets
    shown, said = show(inverse, parse_window(window))
    assert shown[0, ::10].tolist() == [65535, 32768, 0]
    assert show(plain, parse_window(window))[0][0, ::10].tolist() == [0, 32768, 65535]
    assert said.endswith("0 to 80 HU, inverted")


@pytest.mark.parametrize("modality", ["PT", "NM"])
def test_uptake_stays_bright(tmp_path, modality):
    tags = {"PhotometricInterpretation": "MONOCHROME1", "Modality": modality}
    path = write_dicom(tmp_path / "a.dcm", LEVELS, **tags)
    assert not read(path).inverted
    colour = read_pixels(path)[0].mean(axis=2)
    assert colour[0, 0] < colour[0, 15] < colour[0, 29]


def test_inverted_in_eight_bits(tmp_path):
    pixels = (SLICE // 16).astype(np.uint8)
    tags = {"PhotometricInterpretation": "MONOCHROME1", "RescaleSlope": 1, "RescaleIntercept": 0}
    path = write_dicom(tmp_path / "a.dcm", pixels, **tags)
    assert (show(read(path), parse_window("full"))[0] == (255 - pixels.astype(int)) * 257).all()


@pytest.mark.filterwarnings("error", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_eight_bits_stay_as_they_are_with_black_padding(tmp_path):
    pixels = (SLICE // 16).astype(np.uint8)
    tags = {"RescaleSlope": 1, "RescaleIntercept": 0, "Modality": "OT"}
    path = write_dicom(tmp_path / "a.dcm", pixels, PixelPaddingValue=7, **tags)
    shown, said = show(read(path))
    assert shown.dtype == np.uint8
    assert (shown == np.where(pixels == 7, 0, pixels)).all()
    assert said == "full: 0 to 255, gaps black"


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("limit", [{}, {"PixelPaddingRangeLimit": -1990}])
def test_padding_is_black_and_left_out_of_percentiles(tmp_path, kind, limit):
    pixels = RNG.integers(0, 80, (20, 30)).astype(np.int16)
    pixels[:, :12] = -2000
    pixels[:2, :12] = -1995 if limit else -2000
    path = write_dicom(
        tmp_path / "a.dcm",
        pixels,
        PixelRepresentation=1,
        BitsStored=16,
        HighBit=15,
        PixelPaddingValue=-2000,
        PhotometricInterpretation=kind,
        RescaleSlope=1,
        RescaleIntercept=0,
        **limit,
    )
    shown, said = show(read(path), parse_window("percentile:0,100"))
    assert said.startswith("percentile 0,100: 0 to 79 HU")
    assert (shown[:, :12] == 0).all()


def test_presets_are_for_ct(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", Modality="MR")
    with pytest.raises(InputError, match=r"'bone' is for CT: a\.dcm is not in Hounsfield units"):
        show(read(path), parse_window("bone"))


@pytest.fixture
def series(tmp_path):
    """Five slices, written in an order that is not that of space."""
    folder = tmp_path / "series"
    folder.mkdir()
    stack = RNG.integers(0, 4096, (5, 20, 30), dtype=np.uint16)
    for number, z in enumerate([2, 0, 4, 1, 3]):
        place = [-10, -20, 5 + 2.5 * z]
        write_dicom(folder / f"{number}.dcm", stack[z], ImagePositionPatient=place)
    (folder / "notes.txt").write_text("not DICOM")
    return folder, stack


def test_series_is_sorted_and_placed(series):
    folder, stack = series
    volume = read_volume(folder)
    assert (volume.values == stack.T * 2.0 - 1024).all()  # (X, Y, Z)
    expected = np.diag([-0.75, -0.5, 2.5, 1])
    expected[:3, 3] = [10, 20, 5]
    assert np.allclose(volume.affine, expected)
    assert np.allclose(volume.spacing, [0.75, 0.5, 2.5])
    assert volume.unit == "HU"


@pytest.mark.parametrize("kind", [uid.MediaStorageDirectoryStorage, uid.BasicTextSRStorage])
def test_indices_and_reports_are_passed_over(series, kind):
    folder, stack = series
    dataset = pydicom.dcmread(folder / "0.dcm")
    document = item(SOPInstanceUID="1.2.3.4", SeriesInstanceUID="9.9", Modality="SR")
    document.file_meta = dataset.file_meta
    document.file_meta.MediaStorageSOPClassUID = document.SOPClassUID = kind
    document.save_as(folder / "DICOMDIR", enforce_file_format=True)
    assert (read_volume(folder).values == stack.T * 2.0 - 1024).all()


def test_a_slice_without_its_pixels_is_not_passed_over(series):
    folder, _ = series
    change(folder / "2.dcm", PixelData=None)  # the last in space: no hole would show
    with pytest.raises(InputError, match=r"2\.dcm is DICOM without an image"):
        read_volume(folder)


@pytest.mark.parametrize("tag", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
def test_a_slice_without_a_place(series, tag):
    folder, _ = series
    change(folder / "2.dcm", **{tag: None})
    with pytest.raises(InputError, match=rf"2\.dcm states no position in space: it has no {tag}"):
        read_volume(folder)


def test_series_with_a_hole(series):
    folder, _ = series
    (folder / "4.dcm").unlink()
    with pytest.raises(InputError, match="series misses slices"):
        read_volume(folder)


@pytest.mark.parametrize("copied", ["012340", "0123401234"])
def test_slices_at_one_place(series, copied):
    folder, _ = series
    for number, name in enumerate(copied[5:]):
        shutil.copy(folder / f"{name}.dcm", folder / f"again-{number}.dcm")
    with pytest.raises(InputError, match="series holds several slices at one place: give every"):
        read_volume(folder)


@pytest.mark.parametrize(("distance", "digits"), [(7 / 3, 1), (0.625, 2), (0.7, 1), (1.25, 1)])
def test_places_that_the_scanner_rounded(tmp_path, distance, digits):
    for z in range(9):
        place = [-10, -20, round(5 + distance * z, digits)]
        write_dicom(tmp_path / f"{z}.dcm", ImagePositionPatient=place)
    assert read_volume(tmp_path).spacing[2] == pytest.approx(distance, abs=0.02)
    (tmp_path / "4.dcm").unlink()
    with pytest.raises(InputError, match="misses slices"):
        read_volume(tmp_path)


def test_inverted_series(series):
    folder, stack = series
    for path in folder.glob("*.dcm"):
        change(path, PhotometricInterpretation="MONOCHROME1")
    volume = read_volume(folder)
    assert (volume.values == stack.T * 2.0 - 1024).all()
    shown, said = scale(volume, parse_window("bone"))
    assert np.abs(shown - 1 + ((volume.values + 450) / 1500).clip(0, 1)).max() < 1e-6
    assert said == "preset bone: -450 to 1050 HU, inverted"


def test_presets_of_volumes(series):
    folder, _ = series
    for path in folder.glob("*.dcm"):
        change(path, Modality="MR")
    with pytest.raises(InputError, match="'bone' is for CT: series is not in Hounsfield units"):
        scale(read_volume(folder), parse_window("bone"))


def test_two_series_in_a_folder(series):
    folder, _ = series
    whole = read_volume(folder).values
    write_dicom(folder / "x.dcm", series="9.9", ImagePositionPatient=[-10, -20, 17.5])
    with pytest.warns(UserWarning, match=r"left out were: .*x\.dcm is of another"):
        assert (read_volume(folder).values == whole).all()
    write_dicom(folder / "y.dcm", series="9.9", ImagePositionPatient=[-10, -20, 22.5])
    with pytest.raises(InputError, match="several DICOM series"):
        read_volume(folder)


def test_what_is_no_slice_is_named(series):
    folder, _ = series
    whole = read_volume(folder).values
    (folder / "empty.txt").touch()
    (folder / "notes.txt").write_text("hello")
    sentence = r"notes\.txt is not DICOM, .*empty\.txt is empty"
    with pytest.warns(UserWarning, match=sentence):
        assert (read_volume(folder).values == whole).all()


@pytest.mark.parametrize("content", [b"", bytes(2000)])
def test_slices_that_a_copy_has_lost_are_not_passed_over(series, content):
    folder, _ = series
    for name in ("0.dcm", "2.dcm"):  # the last two in space: no hole would show
        (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=r"has lost 2 of its files \(0\.dcm .*, 2\.dcm .*\)"):
        read_volume(folder)


def test_slices_without_preamble(series):
    folder, _ = series
    whole = read_volume(folder).values
    for path in folder.glob("*.dcm"):
        dataset = pydicom.dcmread(path)
        bare = pydicom.Dataset(dataset)
        bare.save_as(path, implicit_vr=True, little_endian=True)
        assert path.read_bytes()[128:132] != b"DICM"
        path.rename(path.with_suffix(""))  # by its first tag, not by its name
    assert (read_volume(folder).values == whole).all()


def test_a_mosaic_is_refused(series):
    folder, _ = series
    for path in folder.glob("*.dcm"):
        change(path, ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"])
    with pytest.raises(InputError, match="is a mosaic of many slices"):
        read_volume(folder)


def test_frames_are_a_volume_as_simpleitk_places_it(tmp_path):
    frames = np.stack([SLICE, SLICE[::-1], SLICE // 2])
    path = write_dicom(tmp_path / "f.dcm", frames, NumberOfFrames=3)
    volume = read_volume(path)
    image = sitk.ReadImage(str(path))
    assert (volume.values == sitk.GetArrayFromImage(image).T).all()
    assert volume.spacing == pytest.approx(image.GetSpacing())
    assert (read_volume(tmp_path).values == volume.values).all()  # alone in its folder


@pytest.mark.parametrize(
    ("syntax", "encoder"),
    [("1.2.840.10008.1.2.4.70", "ljpeg_encode"), ("1.2.840.10008.1.2.4.80", "jpegls_encode")],
)
def test_lossless_jpeg_keeps_every_value(tmp_path, syntax, encoder):
    pixels = (SLICE % 4096).astype(np.uint16)
    path = write_dicom(tmp_path / "a.dcm", pixels)
    dataset = pydicom.dcmread(path)
    encoded = getattr(imagecodecs, encoder)(pixels)
    dataset.PixelData = pydicom.encaps.encapsulate([encoded])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path)
    stored = (read(path).values + 1024) / 2  # the slope and intercept of the fixture
    assert (stored == pixels).all()
    assert (sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[0] == read(path).values).all()


def test_folder_without_dicom(tmp_path):
    with pytest.raises(InputError, match="holds no DICOM image"):
        read_volume(tmp_path)


def test_compressed_series(series):
    folder, stack = series
    for path in folder.glob("*.dcm"):
        dataset = pydicom.dcmread(path)
        dataset.compress(uid.RLELossless)
        dataset.save_as(path)
    assert (read_volume(folder).values == stack.T * 2.0 - 1024).all()
