"""Heat as colour: hot things glow, the luma stays, and all else keeps its colours."""

import numpy as np
import pytest

import lkc
from lkc.errors import InputError
from lkc.fusion.heat import STRENGTH, heat_share, hot_colour
from lkc.io.image_files import read_image
from lkc.io.pixels import LUMA_WEIGHTS

MAXIMUM = lkc.load_model("maximum")


def street(side=96):
    """A dark street with a warm walker in the middle and a lamp on the left, both gray levels."""
    infrared = np.full((side, side), 60, np.uint8)
    visible = np.full((side, side, 3), (40, 60, 50), np.uint8)
    infrared[40:60, 44:52] = 200
    visible[10:20, 10:20] = 250
    infrared[10:20, 10:20] = 200
    return infrared, visible


def luma_of(image):
    return image @ LUMA_WEIGHTS


def test_the_walker_glows_and_the_lamp_does_not():
    keep, heat = (
        lkc.fuse(*street(), model=MAXIMUM, colour=c).astype(int) for c in ("keep", "heat")
    )
    red, green, blue = heat[45:55, 46:50].mean((0, 1))
    assert red > green + 20 > blue + 60
    assert np.ptp(keep[45:55, 46:50].mean((0, 1))) < 25
    assert np.array_equal(heat[10:20, 10:20], keep[10:20, 10:20])
    assert np.array_equal(heat[70:], keep[70:])


def test_the_luma_stays():
    keep, heat = (lkc.fuse(*street(), model=MAXIMUM, colour=c) for c in ("keep", "heat"))
    assert np.abs(luma_of(keep) - luma_of(heat)).max() <= 1


@pytest.mark.parametrize("luma", [0.0, 0.1, 0.299, 0.5, 0.8, 0.886, 0.95, 1.0])
def test_a_hot_colour_has_the_luma_that_was_asked_for(luma):
    colour = hot_colour(np.full((1, 1), luma, np.float32))[0, 0]
    assert colour @ LUMA_WEIGHTS == pytest.approx(luma, abs=1e-6)
    assert colour[0] >= colour[1] >= colour[2]


def test_shares_follow_infrared_alone_where_visible_is_dark():
    infrared = np.random.default_rng(0).random((64, 80), dtype=np.float32)
    share = heat_share(infrared, np.zeros_like(infrared))
    assert share.shape == infrared.shape
    assert share.min() == 0
    assert share.max() <= STRENGTH + 1e-6
    assert heat_share(infrared, np.ones_like(infrared)).max() == 0
    assert heat_share(np.full_like(infrared, 0.9), np.zeros_like(infrared)).max() < 1e-5


def test_gray_sources_of_16_bits_are_painted_too():
    infrared, visible = street()
    gray = visible[..., 0].astype(np.uint16) * 257
    painted = lkc.fuse(infrared.astype(np.uint16) * 257, gray, model=MAXIMUM, colour="heat")
    assert painted.dtype == np.uint16
    assert painted.shape == (96, 96, 3)
    assert painted[50, 48, 0] > painted[50, 48, 2] + 20_000
    assert np.ptp(painted[80].astype(int), axis=1).max() == 0  # gray stays gray


def test_gray_is_the_fused_luma():
    gray = lkc.fuse(*street(), model=MAXIMUM, colour="gray")
    assert gray.ndim == 2
    assert np.abs(gray - luma_of(lkc.fuse(*street(), model=MAXIMUM))).max() <= 1
    mri, pet = (f"assets/examples/mri-pet/{kind}/head-1.png" for kind in ("mri", "pet"))
    assert lkc.fuse(mri, pet, task="mri-pet", colour="gray").ndim == 2


def test_batches_are_painted_alike():
    pairs = [street(), street()]
    many = lkc.fuse_batch(*zip(*pairs, strict=True), model=MAXIMUM, colour="heat")
    assert all(
        np.array_equal(one, lkc.fuse(*street(), model=MAXIMUM, colour="heat")) for one in many
    )


def test_what_there_is_not_is_refused(lkc_command, tmp_path):
    with pytest.raises(
        InputError, match="unknown colour 'rainbow': choose one of keep, heat, gray"
    ):
        lkc.fuse(*street(), colour="rainbow")
    with pytest.raises(InputError, match="heat is a colour for infrared with visible light"):
        lkc.fuse(*street(), task="mri-pet", colour="heat")
    status, _, err = lkc_command(
        *("fuse", "a.png", "b.png", "-o", "out.png", "--task", "mri-ct", "--colour", "heat")
    )
    assert status == 2
    assert "heat is a colour for infrared" in err


def test_the_command_line_paints(lkc_command, tmp_path):
    pair = [f"assets/examples/ir-vis/{kind}/night.png" for kind in ("ir", "vis")]
    out = tmp_path / "out.png"
    status, _, err = lkc_command("fuse", *pair, "-o", str(out), "--colour", "heat")
    assert status == 0, err
    assert np.array_equal(read_image(out), lkc.fuse(*pair, colour="heat"))
