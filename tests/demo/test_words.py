"""Sentences of the library as the Chinese page says them."""

import ast
from pathlib import Path

import numpy as np
import pytest

import lkc
from demo.words import chinese
from demo.words import say as words
from demo.words.say import explain
from demo.work import fuse_files
from demo.work.slices import read_cached
from lkc.errors import InputError
from lkc.io.reading import NOT_IMAGES, VOLUME_READERS
from tests.demo.steps import NIGHT, write


def refusal(function, *arguments) -> InputError:
    with pytest.raises(InputError) as refused:
        function(*arguments)
    return refused.value


def test_what_cannot_be_read_is_said_in_chinese(tmp_path):
    text, short = tmp_path / "text.png", tmp_path / "short.png"
    text.write_text("hello")
    with open(NIGHT[0], "rb") as whole:
        short.write_bytes(whole.read(5000))
    errors = [refusal(fuse_files.read_source, path, "infrared") for path in (text, short)]
    assert explain(errors[0], "zh") == "text.png 不是可读的图像。"
    assert explain(errors[1], "zh") in (
        "short.png 无法读取，可能不完整或已损坏。",
        "short.png 已损坏。",
    )
    assert "short.png" in explain(errors[1], "en")


def test_what_cannot_be_fused_is_said_in_chinese(tmp_path):
    small = np.zeros((8, 8), np.uint8)
    holes = np.full((32, 32), np.nan, np.float32)
    bright = np.full((32, 32), 3, np.float32)
    said = [explain(refusal(lkc.fuse, image, image), "zh") for image in (small, holes, bright)]
    assert said == [
        "红外 为 8x8：至少需要 16x16 像素。",
        "红外 含有 NaN 或无穷大的值。",
        "红外 的浮点值从 3 到 3：请缩放到 0 至 1。",
    ]
    files = [write(tmp_path / f"{n}.png", np.zeros((n, 32), np.uint8)) for n in (32, 40)]
    error = refusal(fuse_files.fuse_files, *files, "ir-vis")
    assert explain(error, "zh").startswith("红外图像为 32×32，而可见光图像为 32×40")


def test_clips_that_cannot_be_fused_are_refused_in_chinese(tmp_path):
    pytest.importorskip("av")
    from demo.work.video import fuse_pair_of_clips
    from tests.fixtures.clip_files import smooth, write_clip

    sizes = {"a.mkv": (32, 48), "b.mkv": (32, 64)}
    a, b = (str(write_clip(tmp_path / n, [[smooth(s)] * 3])) for n, s in sizes.items())
    text = tmp_path / "text.mp4"
    text.write_text("hello")

    def fuse(first, second):
        options = ("ir-vis", "maximum", 1.0, "full", lambda: False)
        list(fuse_pair_of_clips(first, second, *options))

    said = [explain(refusal(fuse, a, other), "zh") for other in (b, str(text), a)]
    assert said == [
        "a.mkv 为 48x32，而 b.mkv 为 64x32：两段视频必须逐像素对应、尺寸相同"
        "（参见 lkc fuse --align）。",
        "text.mp4 不是可读的视频。",
        "a.mkv 只含一路画面：请提供两段视频，或把含两路画面的文件提供两次。",
    ]


def test_volumes_that_cannot_be_fused_are_refused_in_chinese(tmp_path):
    from tests.fixtures.medical_files import write_dicom, write_volume

    frames = write_volume(tmp_path / "pet.nii.gz", np.zeros((4, 5, 6, 3)), np.eye(4))
    for folder, places, series in (("gap", (0, 3, 9), "1"), ("two", (0, 3, 6), "12")):
        (tmp_path / folder).mkdir()
        for at in places:
            for uid in series:
                write_dicom(
                    tmp_path / folder / f"{uid}-{at}.dcm",
                    series=f"1.{uid}",
                    ImagePositionPatient=[0, 0, at],
                )
    sources = (frames, tmp_path / "gap", tmp_path / "two")
    said = [explain(refusal(read_cached, str(source)), "zh") for source in sources]
    assert said == [
        "pet.nii.gz 含 3 个时相：请只给其中一个，或用命令行的 --frame。",
        "gap 缺少切片，或层间距不均匀。",
        f"{tmp_path / 'two'} 含有多个 DICOM 序列：请只给其中一个。",
    ]


def test_an_unknown_sentence_stays_as_it_is_and_modalities_agree():
    assert words.to_chinese("something else.") == "something else."
    assert words.modality("visible", "zh") == chinese.MODALITIES["visible"]


ROOT = Path(lkc.__file__).parent
MET = (  # modules whose refusals a visitor can read
    *(f"alignment/{name}.py" for name in ("align", "one_grid")),
    "errors.py",
    "extras.py",
    "fusion/clips.py",
    *(f"fusion/{name}.py" for name in ("images", "volumes")),
    *(f"io/{name}.py" for name in ("clip", "clip_writer", "decoding", "dicom", "pictures")),
    *(f"io/{name}.py" for name in ("pixels", "reading", "tiff", "window")),
    *(f"io/{name}.py" for name in ("arrays", "jpeg_segments", "pairing", "radiometric_jpeg")),
    *(f"io/{name}.py" for name in ("dicom_series", "dicom_stack", "frames", "image_data", "itk")),
    *(f"io/{name}.py" for name in ("nifti", "nodata", "other_volumes", "volume")),
)
NOT_MET = {  # part of a sentence: why no visitor reads it
    "unknown way to align": "the page offers one",
    "does not exist.": "the page says itself that a file is gone",
    "is a folder, not an image": "uploads are files",
    "is not a volume": "the page takes no volumes",
    "does not say what was shown": "the page writes what it reads",
    "names no window of its own": "the page offers the whole range and percentiles",
    "unknown window": "as above",
    "percentiles must rise": "as above",
    "must be the larger": "as above",
    "is for CT": "as above",
    "holds no visible picture": "the page reads no file as both sources",
    "clips are written as MP4": "the page names the file",
    "expected an array": "the page gives arrays",
    "first sources but": "the page fuses pairs one by one",
    "tensor": "as above",
    "unknown colour": "the page offers a choice",
    "heat is a colour": "the page keeps the colours there",
    "detail must lie": "the page says so itself",
    "is one of the sources": "the page names its files",
    "is not a folder": "the page makes the folders of a batch",
    "which one is meant?": "as above",
    "put each into a folder of its own": "as above",
    "has no folder named": "the page looks for them itself",
    "holds no series": "the page picks no series and no frame",
    "series of number": "as above",
    "has no frame": "as above",
    "there is no page": "as above",
    "but the folders in it do": "the page puts the files of a series into one folder",
    "give a smaller folder": "as above",
    "unknown axis": "the page offers the three",
}
PUT_TOGETHER = {  # as the source has it: what it can be
    "7: 7.": (
        "a is 32x32 but b is 40x32: the clips must be registered and have the same size "
        "(see lkc fuse --align).",
    ),
    "7 7.": tuple(
        f"a {refusal}." for kind, refusal in NOT_IMAGES.items() if kind not in VOLUME_READERS
    ),
    "7 holds no images7.": ("a holds no images.",),
    "7": ("a is not a clip that can be read: b.",),
}


def as_said(node: ast.expr) -> str:
    """A sentence as the source has it, with a 7 for each value."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(as_said, node.values))
    return "7"


def refusals() -> list[str]:
    """Every sentence of an InputError in the modules that visitors meet."""
    said = []
    for module in MET:
        for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None)
            if name in ("InputError", "TooLargeError"):
                said.append(as_said(node.args[0]))
    return said


def met() -> list[str]:
    """Every sentence that a visitor can meet, with values in it."""
    sentences = [s for s in refusals() if not any(part in s for part in NOT_MET)]
    return [said for sentence in sentences for said in PUT_TOGETHER.get(sentence, (sentence,))]


def test_every_refusal_that_a_visitor_can_meet_is_said_in_chinese():
    assert len(met()) > 30
    for said in met():
        assert words.to_chinese(said) != said, said


def test_no_refusal_names_an_option_that_the_page_does_not_have():
    advised = [said for said in met() if "--" in said]
    assert len(advised) > 3
    for said in advised:
        assert "--" not in explain(InputError(said), "en"), said


def test_the_lists_of_what_is_not_met_are_not_longer_than_needed():
    found = refusals()
    assert {part for part in NOT_MET if not any(part in said for said in found)} == set()
    assert PUT_TOGETHER.keys() <= set(found)
