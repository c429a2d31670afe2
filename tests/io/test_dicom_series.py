"""DICOM of many series and frames: listed, picked, sorted by place over all files."""

from contextlib import contextmanager
from io import BytesIO

import numpy as np
import pydicom
import pytest
from pydicom import uid
from pydicom.dataset import Dataset

from lkc.errors import InputError
from lkc.io import dicom_series, read_volume
from lkc.io.kinds import open_file
from tests.fixtures.medical_files import write_dicom

RNG = np.random.default_rng(0)
STACK = RNG.integers(0, 4096, (6, 20, 30), dtype=np.uint16)  # (Z, Y, X)
HU = STACK.T * 2.0 - 1024  # what the fixture's slope and intercept make of it


def item(**tags):
    dataset = Dataset()
    for tag, value in tags.items():
        setattr(dataset, tag, value)
    return dataset


def write_series(folder, series, stack=STACK, first=0.0, **tags):
    folder.mkdir(exist_ok=True, parents=True)
    for z, pixels in enumerate(stack):
        place = [-10, -20, first + 2.5 * z]
        name = f"{series}-{z:02}-{len(list(folder.iterdir()))}.dcm"
        write_dicom(folder / name, pixels, series=series, ImagePositionPatient=place, **tags)


@pytest.fixture
def study(tmp_path):
    """A folder with an MRI of number 2, a CT of number 5, and a second CT that has no number."""
    tags = {"Modality": "MR", "SeriesNumber": 2, "SeriesDescription": "T1 axial"}
    write_series(tmp_path / "study", "1.2", STACK[::-1], **tags)
    write_series(tmp_path / "study", "1.5", SeriesNumber=5, SeriesDescription="Head")
    write_series(tmp_path / "study", "1.7", STACK[:3])
    return tmp_path / "study"


def test_several_series_are_listed(study):
    with pytest.raises(InputError) as refused:
        read_volume(study)
    sentence = str(refused.value)
    assert "pick one with --series NUMBER: " in sentence
    assert "2 (T1 axial, MR, 30x20, 6 images)" in sentence
    assert "5 (Head, CT, 30x20, 6 images)" in sentence
    assert "1.7 (CT, 30x20, 3 images)" in sentence


def test_a_series_is_picked_by_number_or_uid(study):
    assert (read_volume(study, "5").values == HU).all()
    assert (read_volume(study, "1.5").values == HU).all()
    assert (read_volume(study, "2").values == HU[..., ::-1]).all()
    assert (read_volume(study, "1.7").values == HU[..., :3]).all()
    assert read_volume(study, "5").name == "study, series 5"


def test_a_series_that_is_not_there(study):
    with pytest.raises(InputError, match=r"holds no series 9; it holds these: .*5 \(Head"):
        read_volume(study, "9")
    write_series(study, "1.9", SeriesNumber=5)
    with pytest.raises(InputError, match=r"2 series of number 5: .*1\.5 \(Head.*1\.9 \(CT"):
        read_volume(study, "5")


def test_a_folder_one_level_too_high(tmp_path):
    write_series(tmp_path / "top" / "CT", "1.5", SeriesNumber=5, SeriesDescription="Head")
    write_series(tmp_path / "top" / "deep" / "MR", "1.2", STACK[:4], Modality="MR", SeriesNumber=2)
    with pytest.raises(InputError) as refused:
        read_volume(tmp_path / "top")
    assert f"5 (Head, CT, 30x20, 6 images) in {tmp_path / 'top' / 'CT'}" in str(refused.value)
    assert f"2 (MR, 30x20, 4 images) in {tmp_path / 'top' / 'deep' / 'MR'}" in str(refused.value)
    assert (read_volume(tmp_path / "top", "5").values == HU).all()


def test_a_file_has_no_series(study):
    path = next(study.iterdir())
    with pytest.raises(InputError, match="a series is picked there"):
        read_volume(path, "5")


@pytest.fixture
def dynamic(tmp_path):
    """Three times of one place, their files and times in no order."""
    for number, time in ((0, 90000), (1, 1000), (2, 20000)):
        tags = {"FrameReferenceTime": time, "Modality": "PT", "SeriesNumber": 4}
        write_series(tmp_path, "1.4", STACK // (number + 1), **tags)
    return tmp_path


def test_frames_of_a_dynamic_series_are_picked_in_the_order_of_time(dynamic):
    with pytest.raises(InputError, match="3 frames set apart by FrameReferenceTime: pick one"):
        read_volume(dynamic)
    for frame, divisor in ((1, 2), (2, 3), (3, 1)):
        volume = read_volume(dynamic, frame=frame)
        assert (volume.values == (STACK // divisor).T * 2.0 - 1024).all()
        assert volume.frames == 3
        assert volume.name.endswith(f"frame {frame} of 3")
    with pytest.raises(InputError, match="has no frame 4: they are counted from 1 to 3"):
        read_volume(dynamic, frame=4)


def test_times_that_miss_a_slice_are_refused(dynamic):
    sorted(dynamic.iterdir())[-1].unlink()
    with pytest.raises(InputError, match="several slices at one place"):
        read_volume(dynamic, frame=1)


def write_enhanced(path, places, pixels, times=None, direction=(1, 0, 0, 0, 1, 0)):
    """A file of many frames, each with a place of its own, as enhanced objects are written."""
    frames = []
    for index, z in enumerate(places):
        content = item(TemporalPositionIndex=times[index]) if times else item(StackID="1")
        frames.append(
            item(
                PlanePositionSequence=[item(ImagePositionPatient=[-10, -20, z])],
                FrameContentSequence=[content],
            )
        )
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=list(direction))],
        PixelMeasuresSequence=[item(PixelSpacing=[0.5, 0.75], SliceThickness=2.5)],
        PixelValueTransformationSequence=[item(RescaleSlope=2, RescaleIntercept=-1024)],
    )
    write_dicom(path, pixels, NumberOfFrames=len(places), PerFrameFunctionalGroupsSequence=frames)
    dataset = pydicom.dcmread(path)
    for tag in ("ImageOrientationPatient", "ImagePositionPatient", "PixelSpacing"):
        delattr(dataset, tag)
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.save_as(path)


def test_enhanced_files_are_sorted_by_place_over_all_files(tmp_path):
    order = [4, 0, 3], [5, 1, 2]
    for name, places in zip("ab", order, strict=True):
        write_enhanced(tmp_path / f"{name}.dcm", [2.5 * z for z in places], STACK[places])
    volume = read_volume(tmp_path)
    assert (volume.values == HU).all()
    assert np.allclose(volume.affine[:3, 3], [10, 20, 0])
    assert np.allclose(volume.spacing, [0.75, 0.5, 2.5])
    (tmp_path / "b.dcm").unlink()
    with pytest.raises(InputError, match="misses slices"):
        read_volume(tmp_path)
    with pytest.raises(InputError, match="misses slices"):
        read_volume(tmp_path / "a.dcm")


def test_one_enhanced_file_is_sorted_by_place(tmp_path):
    places = [4, 0, 3, 5, 1, 2]
    write_enhanced(tmp_path / "a.dcm", [2.5 * z for z in places], STACK[places])
    assert (read_volume(tmp_path / "a.dcm").values == HU).all()


def test_enhanced_copies_and_directions_are_told(tmp_path):
    for name in "ab":
        write_enhanced(tmp_path / f"{name}.dcm", [0, 2.5], STACK[:2])
    with pytest.raises(InputError, match="several slices at one place"):
        read_volume(tmp_path)
    write_enhanced(tmp_path / "b.dcm", [5, 7.5], STACK[2:4], direction=(1, 0, 0, 0, 0, -1))
    with pytest.raises(InputError, match="different direction or pixel size"):
        read_volume(tmp_path)


def test_enhanced_frames_in_time(tmp_path):
    pixels = np.concatenate([STACK, STACK // 2])
    places = [2.5 * z for z in range(6)] * 2
    write_enhanced(tmp_path / "a.dcm", places, pixels, times=[2] * 6 + [1] * 6)
    with pytest.raises(InputError, match="2 frames set apart by TemporalPositionIndex"):
        read_volume(tmp_path / "a.dcm")
    assert (read_volume(tmp_path / "a.dcm", frame=2).values == HU).all()
    assert (read_volume(tmp_path / "a.dcm", frame=1).values == (STACK // 2).T * 2.0 - 1024).all()


def test_images_of_a_gamma_camera_that_are_no_slices(tmp_path):
    tags = {"Modality": "NM", "ImageType": ["ORIGINAL", "PRIMARY", "DYNAMIC", "EMISSION"]}
    write_dicom(tmp_path / "a.dcm", STACK, NumberOfFrames=6, **tags)
    with pytest.raises(InputError, match="nuclear medicine of the kind DYNAMIC"):
        read_volume(tmp_path / "a.dcm")


def test_whole_frames_are_read(tmp_path):
    """What the tests below damage is not refused as it is, in any syntax."""
    detector = item(ImagePositionPatient=[1, 2, 3], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    tags = {"NumberOfFrames": 6, "DetectorInformationSequence": [detector]}
    for syntax in (uid.ExplicitVRLittleEndian, uid.RLELossless):
        path = write_dicom(tmp_path / "a.dcm", STACK, syntax=syntax, **tags)
        assert (read_volume(path).values == HU).all()
    implicit = pydicom.dcmread(write_dicom(tmp_path / "a.dcm", STACK, **tags))
    implicit.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian
    implicit.save_as(tmp_path / "b.dcm", implicit_vr=True, little_endian=True)
    assert (read_volume(tmp_path / "b.dcm").values == HU).all()


@pytest.mark.parametrize(
    ("garbage", "sentence"),
    [
        (b"\xfc\xff\xfc\xffOB\0\0\xf0\xff\xff\xef", r"element \(FFFC,FFFC\) is cut off"),
        (b"\xfc\xff\xfc\xffQX\x04\0abcd", r"element \(FFFC,FFFC\) is .* unreadable"),
        (b"\xfe\xff\x0d\xe0" + bytes(20), "tags end 16 bytes before the file does"),
    ],
    ids=["promises-gigabytes", "unknown-type", "a-mark-that-ends-the-tags"],
)
def test_garbage_behind_the_frames(tmp_path, garbage, sentence):
    path = write_dicom(tmp_path / "a.dcm", STACK, NumberOfFrames=6)
    path.write_bytes(path.read_bytes() + garbage)
    for source in (path, tmp_path):  # alone, or in its folder
        with pytest.raises(InputError, match=r"^a\.dcm is damaged: its .*" + sentence):
            read_volume(source)


def test_an_element_inside_a_sequence_that_is_cut_off(tmp_path):
    sequence = [item(SeriesDescription="abcdefgh")]
    path = write_dicom(
        tmp_path / "a.dcm", STACK, NumberOfFrames=6, ReferencedImageSequence=sequence
    )
    content = path.read_bytes().replace(b"LO\x08\0abcdefgh", b"LO\xf8\xffabcdefgh")
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"its element \(0008,103E\) is cut off or unreadable"):
        read_volume(path)


@pytest.mark.parametrize(
    "tags",
    [{"NumberOfFrames": 1_000_000}, {"NumberOfFrames": 7}, {"Rows": 65535}, {"BitsAllocated": 32}],
    ids=str,
)
def test_frames_that_promise_more_than_there_is(tmp_path, tags):
    path = write_dicom(tmp_path / "a.dcm", STACK, **{"NumberOfFrames": 6, **tags})
    with pytest.raises(InputError, match="is cut off: its header promises more than it holds"):
        read_volume(path)


def test_frames_without_a_size(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", STACK, NumberOfFrames=6, Rows=0)
    with pytest.raises(InputError, match="its header states images without pixels"):
        read_volume(path)


def test_compressed_frames_that_are_not_there(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", STACK, syntax=uid.RLELossless, NumberOfFrames=6)
    dataset = pydicom.dcmread(path)
    dataset.NumberOfFrames = 1000
    dataset.save_as(path)
    with pytest.raises(InputError, match="has 6 pieces of compressed pixels for 1000 images"):
        read_volume(path)
    dataset.NumberOfFrames = 2_000_000
    dataset.save_as(path)
    with pytest.raises(InputError, match="more than 1000 million voxels"):
        read_volume(path)


def test_compressed_frames_whose_lengths_are_wrong(tmp_path):
    path = write_dicom(tmp_path / "a.dcm", STACK, syntax=uid.RLELossless, NumberOfFrames=6)
    dataset = pydicom.dcmread(path)
    whole = dataset.PixelData
    last = whole.rindex(b"\xfe\xff\x00\xe0") + 4
    for length in (b"\xf0\xff\xff\x7f", b"\0\0\0\0"):
        dataset.PixelData = whole[:last] + length + whole[last + 4 :]
        dataset.save_as(path)
        with pytest.raises(InputError, match="damaged: its compressed pixels are no whole pieces"):
            read_volume(path)


def test_files_are_sorted_without_their_pixels(study, monkeypatch):
    """The files of other series need not be read whole, and those of this one only once."""
    taken = []

    class Counting(BytesIO):
        def read(self, size=-1):
            content = super().read(size)
            taken.append(len(content))
            return content

    @contextmanager
    def counted(path):
        with open_file(path) as (file, kind):
            yield Counting(file.read()), kind

    monkeypatch.setattr(dicom_series, "open_file", counted)
    found = dicom_series.find_series(sorted(study.iterdir()))
    assert [series.count() for series in found.series] == [3, 6, 6]
    assert sum(taken) < 15 * STACK[0].nbytes  # half of what the pixels take
    assert max(taken) < STACK[0].nbytes


def test_series_of_which_files_are_cut_off(tmp_path):
    """In the pixels: damaged. Before them: still of the series, and damaged. Without tags: lost."""
    write_series(tmp_path / "ct", "1.5")
    last = sorted((tmp_path / "ct").iterdir())[-1]
    whole = last.read_bytes()
    pixels = whole.index(b"\xe0\x7f\x10\x00")
    cuts = (len(whole) - 300, pixels + 12, pixels, pixels - 30, 132)
    for cut in cuts:
        last.write_bytes(whole[:cut])
        with pytest.raises(InputError, match=r"damaged|cannot be read|without an image|has lost"):
            read_volume(tmp_path / "ct")
