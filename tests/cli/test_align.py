"""`lkc fuse --align`: other sizes are brought onto one grid, with a figure and views."""

import numpy as np
import pytest
from PIL import Image

from lkc.io.image_files import read_image, write_image

SOURCES = "assets/examples/ir-vis/{}/fog.png"


@pytest.fixture
def cameras(tmp_path, monkeypatch):
    """An infrared camera of half the resolution whose view lies inside the visible one's."""
    infrared, visible = (read_image(SOURCES.format(kind))[::2, ::2] for kind in ("ir", "vis"))
    monkeypatch.chdir(tmp_path)
    small = Image.fromarray(infrared[20:-20, 30:-30]).resize((130, 100), Image.Resampling.BOX)
    for folder in ("ir", "vi"):
        (tmp_path / folder).mkdir()
    small.save("ir/fog.png")
    write_image("vi/fog.png", visible)
    return infrared


def test_other_size_is_refused_with_a_hint(cameras, lkc_command):
    status, _, err = lkc_command("fuse", "ir/fog.png", "vi/fog.png", "-o", "out.png")
    assert status == 1
    assert "130x100 but fog.png is 320x240" in err
    assert "--align" in err


def test_aligned_files_with_figure_and_views(cameras, lkc_command):
    status, out, err = lkc_command(
        *("fuse", "ir/fog.png", "vi/fog.png", "-o", "out.png", "--align", "ecc"),
        *("--views", "views"),
    )
    assert status == 0, err
    assert "alignment: ecc, edge agreement 0." in out
    assert "% of the image is covered" in out
    assert read_image("out.png").shape == (240, 320, 3)
    with Image.open("out.png") as image:
        assert image.text["alignment"].startswith("ecc, edge agreement 0.")
    assert read_image("views/out-checkerboard.png").shape == (240, 320)
    assert read_image("views/out-edges.png").shape == (240, 320, 3)


@pytest.mark.slow
def test_a_folder_names_the_pair_that_fails(cameras, lkc_command):
    noise = np.random.default_rng(0).integers(0, 256, (100, 130), dtype=np.uint8)
    write_image("ir/noise.png", noise)
    write_image("vi/noise.png", cameras)
    status, out, err = lkc_command("fuse", "ir", "vi", "-o", "out", "--align", "ecc")
    assert status == 1
    assert "noise.png: alignment failed: edge agreement" in err
    assert "searched: turns up to 12 degrees, and 0.65 to 1.80 times the size that fits" in err
    assert "fog.png: ecc, edge agreement 0." in out
    assert "fused 1 of 2" in out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--align", "magic"), "unknown way to align 'magic'"),
        (("--views", "views"), "give --align too"),
        (("--align", "ecc", "-o", "out.nii"), "volumes are aligned by mutual-information only"),
        (("--align", "mutual-information", "-o", "out.nii", "--views", "v"), "--views is for"),
        (("--series", "3"), "--series and --frame are for volumes"),
        (("--frame", "1", "--frame", "2", "--frame", "3"), "--frame is given at most twice"),
        (("--align", "ecc", "--views", "views", "-o", "out.mp4"), "--views is for images"),
    ],
)
def test_wrong_usage(cameras, lkc_command, options, sentence):
    out = () if "-o" in options else ("-o", "out.png")
    status, _, err = lkc_command("fuse", "ir/fog.png", "vi/fog.png", *options, *out)
    assert status == 2
    assert sentence in err


@pytest.mark.slow
def test_a_transform_is_kept_and_used_for_a_folder_and_a_clip(cameras, lkc_command, tmp_path):
    status, out, err = lkc_command(
        *("align", "ir/fog.png", "vi/fog.png", "-o", "rig.json", "--views", "views")
    )
    assert status == 0, err
    assert "ecc, edge agreement 0." in out
    assert "wrote rig.json" in out
    assert read_image("views/rig-edges.png").shape == (240, 320, 3)
    status, out, err = lkc_command("fuse", "ir", "vi", "-o", "out", "--align", "rig.json")
    assert status == 0, err
    assert read_image("out/fog.png").shape == (240, 320, 3)


def test_wrong_uses_of_align(cameras, lkc_command):
    status, _, err = lkc_command("align", "ir/fog.png", "vi/fog.png", "-o", "rig.txt")
    assert status == 2
    assert "name it rig.json" in err
    status, _, err = lkc_command("align", "ir/fog.png", "gone.png", "-o", "rig.json")
    assert status == 1
    assert "gone.png" in err
