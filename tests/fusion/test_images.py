"""`fuse`: what goes in, what comes out, colour, detail, and each bad input."""

import warnings

import cv2
import numpy as np
import pytest
import torch
from PIL import Image

import lkc
from lkc.errors import InputError
from lkc.fusion.images import fuse_luma
from lkc.io import read, show
from lkc.model.loading import load_model
from lkc.tasks import TASKS

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (40, 52), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (40, 52, 3), dtype=np.uint8)
GRAY16 = RNG.integers(0, 65536, (40, 52), dtype=np.uint16)
COLOUR16 = RNG.integers(0, 65536, (40, 52, 3), dtype=np.uint16)


@pytest.fixture(scope="module")
def maximum():
    return load_model("maximum", device="cpu")


def luma_of(pixels):
    return pixels.astype(float) @ [0.299, 0.587, 0.114] if pixels.ndim == 3 else pixels


@pytest.mark.parametrize("task", TASKS)
def test_shipped_weights_fuse_every_task(task):
    fused = lkc.fuse(GRAY, COLOUR, task=task)
    assert fused.dtype == np.uint8
    assert fused.shape == (COLOUR.shape if task != "mri-ct" else GRAY.shape)
    assert np.corrcoef(luma_of(fused).ravel(), luma_of(COLOUR).ravel())[0, 1] > 0.2
    assert lkc.fuse(GRAY, GRAY[::-1], task=task).shape == GRAY.shape


def test_paths_pil_images_and_arrays_agree(tmp_path):
    Image.fromarray(GRAY).save(tmp_path / "a.png")
    Image.fromarray(COLOUR).save(tmp_path / "b.png")
    from_arrays = lkc.fuse(GRAY, COLOUR)
    from_pil = lkc.fuse(Image.fromarray(GRAY), Image.fromarray(COLOUR))
    assert (from_arrays == from_pil).all()
    assert (from_arrays == lkc.fuse(tmp_path / "a.png", str(tmp_path / "b.png"))).all()
    in_unit_range = lkc.fuse(GRAY / 255, (COLOUR / 255).astype(np.float32))
    assert np.abs(from_arrays.astype(int) - in_unit_range).max() <= 1


def test_the_given_model_is_used():
    model = load_model("lite", task="mri-ct", device="cpu")
    assert (
        lkc.fuse(GRAY, GRAY[::-1], "mri-ct", model) == lkc.fuse(GRAY, GRAY[::-1], "mri-ct")
    ).all()
    assert (lkc.fuse(GRAY, GRAY[::-1], "ir-vis", model) != lkc.fuse(GRAY, GRAY[::-1])).any()


def test_a_model_in_training_mode_is_left_as_it_is():
    """Its batch norms would take the pair into their running averages, its drop paths drop."""
    model = lkc.create_model("lite", norm="batch", shortcut=False).train()
    model.model.stem.eval()  # frozen by its owner
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fused = lkc.fuse(GRAY, COLOUR, model=model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert model.training
    assert model.model.mid.training
    assert not model.model.stem.training
    assert (fused == lkc.fuse(GRAY, COLOUR, model=model.eval())).all()


def test_byte_order_does_not_matter(maximum):
    for pair in ((GRAY16, COLOUR16), (GRAY / np.float32(255), COLOUR / np.float32(255))):
        swapped = [image.astype(image.dtype.newbyteorder("S")) for image in pair]
        fused, expected = lkc.fuse(*swapped, model=maximum), lkc.fuse(*pair, model=maximum)
        assert fused.dtype == expected.dtype
        assert (fused == expected).all()


def test_a_file_is_shown_and_an_array_means_what_its_numbers_say(tmp_path, maximum):
    deep = (GRAY16 // 16).astype(np.uint16)  # 12 bits
    black = np.zeros_like(deep)
    Image.fromarray(deep).save(tmp_path / "a.png")
    assert (lkc.fuse(deep, black, "mri-ct", maximum) == deep).all()
    low, high = np.percentile(deep, [1, 99])
    expected = ((deep - low) / (high - low)).clip(0, 1) * 65535
    fused = lkc.fuse(tmp_path / "a.png", black, "mri-ct", maximum)
    assert fused.dtype == np.uint16
    assert np.abs(fused - expected).max() < 2
    assert (lkc.fuse(show(read(tmp_path / "a.png"))[0], black, "mri-ct", maximum) == fused).all()


def test_sources_are_left_alone(maximum):
    a, b = GRAY / np.float32(255), COLOUR / np.float32(255)
    before = a.copy(), b.copy()
    lkc.fuse(a, b, model=maximum)
    assert (a == before[0]).all()
    assert (b == before[1]).all()


def test_sixteen_bits_if_both_have_them(maximum):
    fused = lkc.fuse(GRAY16, GRAY16[::-1], model=maximum)
    assert fused.dtype == np.uint16
    assert np.abs(fused.astype(int) - np.maximum(GRAY16, GRAY16[::-1])).max() <= 1
    assert lkc.fuse(GRAY16, COLOUR16, model=maximum).dtype == np.uint16
    assert lkc.fuse(GRAY16, COLOUR, model=maximum).dtype == np.uint8
    assert lkc.fuse(GRAY, COLOUR16, model=maximum).dtype == np.uint8


def test_first_and_second_source_are_not_swapped(maximum):
    """Red stays red if it is in the second source, and is only luma in the first."""
    red = np.zeros((20, 20, 3), dtype=np.uint8)
    red[..., 0] = 200
    black = np.zeros((20, 20), dtype=np.uint8)
    assert (lkc.fuse(black, red, model=maximum) == red).all()
    assert (lkc.fuse(red, black, model=maximum) == 60).all()  # 0.299 * 200
    assert (lkc.fuse(black, red, "mri-ct", model=maximum) == 60).all()


def test_chroma_of_the_second_source_is_kept():
    colour = (COLOUR // 4 + 96).astype(np.uint8)  # nothing clips
    gray = (GRAY // 4 + 96).astype(np.uint8)
    fused = lkc.fuse(gray, colour, task="mri-pet")
    before, after = (cv2.cvtColor(c, cv2.COLOR_RGB2YCrCb).astype(int) for c in (colour, fused))
    assert np.abs(before - after)[..., 1:].max() <= 2  # both were rounded
    assert np.abs(before - after)[..., 0].max() > 2


def test_detail(maximum):
    def result(detail):
        return lkc.fuse(GRAY, GRAY[::-1], detail=detail).astype(int)

    brighter = np.maximum(GRAY, GRAY[::-1]).astype(int)
    assert (result(0) == brighter).all()
    assert (result(0) == lkc.fuse(GRAY, GRAY[::-1], model=maximum)).all()
    changes = [np.abs(result(detail) - brighter).mean() for detail in (0, 0.5, 1, 2)]
    assert changes == sorted(changes)
    assert (result(1) != brighter).any()
    assert (result(1) == lkc.fuse(GRAY, GRAY[::-1])).all()


@pytest.mark.parametrize("detail", [-0.1, 2.1, float("nan")])
def test_detail_out_of_range(detail):
    with pytest.raises(InputError, match="between 0 and 2"):
        lkc.fuse(GRAY, GRAY, detail=detail)


def test_the_batch_of_a_model_does_not_matter():
    model = load_model("lite", task="ir-vis", device="cpu")
    sources = torch.rand(3, 2, 33, 40)
    together = fuse_luma(sources, model)
    alone = torch.cat([fuse_luma(s[None], model) for s in sources])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-5)
    assert together.min() >= 0
    assert together.max() <= 1


@pytest.mark.parametrize("size", [(16, 16), (16, 97), (35, 17)])
def test_odd_sizes(size):
    a = RNG.integers(0, 256, size, dtype=np.uint8)
    assert lkc.fuse(a, a[::-1].copy()).shape == size


def test_black_stays_black():
    black = np.zeros((32, 32), dtype=np.uint8)
    assert (lkc.fuse(black, black) == 0).all()


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        (GRAY, GRAY[:, :50], "infrared is 52x40 but visible is 50x40"),
        (GRAY, COLOUR[:15], "infrared is 52x40 but visible is 52x15"),
        (GRAY[:15], GRAY[:15], "infrared is 52x15: at least 16x16"),
        (GRAY, np.full((40, 52), np.nan), "visible contains NaN"),
        (np.full((40, 52), 255.0), GRAY, "infrared has float values from 255 to 255"),
        (GRAY, np.zeros((40, 52, 4), np.uint8), r"visible has shape \(40, 52, 4\)"),
        (GRAY[None], GRAY[None], r"infrared .*\(1, 40, 52\)"),
        (GRAY.astype(int), GRAY, "infrared has type int64"),
        (GRAY[0], GRAY[0], r"infrared has shape \(52,\)"),
        (np.array(3), GRAY, r"infrared has shape \(\)"),
        (None, GRAY, "infrared is a NoneType"),
        (GRAY, [[1, 2]], "visible is a list"),
        ("nowhere.png", GRAY, "nowhere.png does not exist"),
        (np.zeros((0, 0), np.uint8), np.zeros((0, 0), np.uint8), "at least 16x16"),
    ],
)
def test_bad_input(a, b, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        lkc.fuse(a, b)
    assert "\n" not in str(caught.value)


def test_files_are_named_in_errors(tmp_path):
    Image.fromarray(GRAY).save(tmp_path / "ir7.png")
    Image.fromarray(COLOUR[:30]).save(tmp_path / "vi7.png")
    with pytest.raises(InputError, match=r"ir7\.png is 52x40 but vi7\.png is 52x30"):
        lkc.fuse(tmp_path / "ir7.png", tmp_path / "vi7.png")


def test_unknown_task():
    with pytest.raises(InputError, match=r"unknown task 'ct-mri'.*mri-ct"):
        lkc.fuse(GRAY, GRAY, task="ct-mri")


@pytest.mark.parametrize("task", ["ir-vis", "mri-ct"])
def test_a_batch_is_its_pairs_one_by_one(task, monkeypatch):
    rng = np.random.default_rng(0)
    firsts = [rng.integers(0, 256, (40, 52), dtype=np.uint8) for _ in range(3)]
    seconds = [
        rng.integers(0, 256, (40, 52, 3), dtype=np.uint8),
        rng.integers(0, 256, (40, 52), dtype=np.uint8),
        rng.integers(0, 65536, (40, 52), dtype=np.uint16),
    ]
    firsts[2] = firsts[2].astype(np.uint16) * 257
    expected = [lkc.fuse(a, b, task, detail=1.5) for a, b in zip(firsts, seconds, strict=True)]
    for at_once in (1, 2, 3):
        monkeypatch.setattr("lkc.fusion.images.BATCH_PIXELS", at_once * 40 * 52)
        found = lkc.fuse_batch(firsts, seconds, task, detail=1.5)
        for image, other in zip(found, expected, strict=True):
            assert image.dtype == other.dtype
            assert image.shape == other.shape
            levels = 1 if image.dtype == np.uint8 else 8
            assert np.abs(image.astype(int) - other).max() <= levels


def test_what_is_no_batch_is_refused():
    image, other = np.zeros((40, 52), np.uint8), np.zeros((48, 52), np.uint8)
    assert lkc.fuse_batch([], []) == []
    with pytest.raises(lkc.InputError, match="2 first sources but 1 second"):
        lkc.fuse_batch([image, image], [image])
    with pytest.raises(lkc.InputError, match=r"pair 1 is 52x48 but pair 0 is 52x40: a batch holds"):
        lkc.fuse_batch([image, other], [image, other])


@pytest.mark.parametrize("preset", ["lite", "nano"])
def test_pairs_that_show_nothing_give_the_brighter_source(preset):
    model = lkc.load_model(preset, "ir-vis", device="cpu")
    noise = np.random.default_rng(0).integers(0, 2, (64, 80))
    dim, bright = np.full((64, 80), 51, np.uint8), (200 + noise).astype(np.uint8)
    with pytest.warns(UserWarning, match="both sources are nearly flat"):
        fused = lkc.fuse(dim, bright, model=model)
    assert np.array_equal(fused, bright)
    spot = dim.copy()
    spot[30:40, 30:40] = 90  # Now one source shows something, and the network fuses.
    assert not np.array_equal(lkc.fuse(spot, bright, model=model), bright)
    average = lkc.load_model("average", device="cpu")
    assert np.array_equal(lkc.fuse(dim, dim, model=average), dim)  # Rules have no norms.


def test_black_pairs_stay_black_without_a_word():
    black = np.zeros((64, 80), np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not lkc.fuse(black, black).any()
