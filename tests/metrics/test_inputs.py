"""What metrics refuse, and what they take as an image."""

import numpy as np
import pytest
import torch
from PIL import Image

from lkc.errors import InputError
from lkc.metrics import EXTRA_METRICS, METRICS, evaluate, evaluate_batch, to_gray

ALL = METRICS | EXTRA_METRICS
GOOD = (torch.arange(192.0) + torch.zeros(1, 1, 192, 1)).contiguous()


def changed(**pixel):
    image = GOOD.clone()
    image[0, 0, 3, 5] = pixel["to"]
    return image


BAD = {
    "NaN": changed(to=float("nan")),
    "0 to 255": changed(to=255.5),
    "-1": changed(to=-1.0),
    "inf": changed(to=float("inf")),
    "0 to 1": GOOD / 255,
    "shape": GOOD[0],
    r"\(1, 3, 192, 192\)": GOOD.expand(1, 3, 192, 192),
}


@pytest.mark.parametrize("message", BAD)
@pytest.mark.parametrize("key", ALL)
def test_every_metric_refuses(key, message):
    with pytest.raises(InputError, match=message) as error:
        ALL[key](BAD[message], GOOD, GOOD)
    assert "fused image" in str(error.value)


@pytest.mark.parametrize("key", [key for key, metric in ALL.items() if metric.uses_sources])
def test_sources_are_checked_too(key):
    with pytest.raises(InputError, match="first source contains NaN"):
        ALL[key](GOOD, BAD["NaN"], GOOD)
    with pytest.raises(InputError, match=r"second source .* same size"):
        ALL[key](GOOD, GOOD, GOOD[..., :-1])


@pytest.mark.parametrize(
    ("key", "smallest"), [("VIFF", 41), ("SSIM", 7), ("SF", 2), ("AG", 2), ("MS_SSIM", 176)]
)
def test_smallest_size(key, smallest):
    fits = GOOD[..., :smallest, : smallest + 1]
    assert torch.isfinite(ALL[key](fits, fits, fits)).all()
    small = GOOD[..., :smallest, : smallest - 1]
    with pytest.raises(InputError, match=f"at least {smallest}x{smallest}"):
        ALL[key](small, small, small)


def test_one_bad_image_in_a_batch_is_found():
    batch = torch.cat([GOOD, GOOD / 255])
    with pytest.raises(InputError, match="0 to 1"):
        evaluate_batch(batch, batch, batch)


def test_black_images_are_not_mistaken_for_0_to_1():
    black = torch.zeros_like(GOOD)
    assert not any(value.isnan().any() for value in evaluate_batch(black, black, black).values())


def test_inputs_are_left_alone():
    images = [GOOD.clone(), GOOD.clone(), GOOD.clone()]
    evaluate_batch(*images, extra=True)
    assert all(torch.equal(image, GOOD) for image in images)


COLOUR = np.random.default_rng(0).integers(0, 256, (48, 50, 3), dtype=np.uint8)
GRAY = np.round(COLOUR @ [0.299, 0.587, 0.114])


@pytest.mark.parametrize(
    "image",
    [
        COLOUR,
        COLOUR.astype(np.float32),
        COLOUR[::-1][::-1],
        Image.fromarray(COLOUR),
        Image.fromarray(COLOUR).convert("RGBA"),
        torch.from_numpy(COLOUR).permute(2, 0, 1),
        torch.from_numpy(COLOUR).permute(2, 0, 1)[None].float(),
        GRAY,
        GRAY.astype(np.uint8)[..., None],
        (GRAY * 257).astype(np.uint16),
        (GRAY * 257).astype(">u2"),
        Image.fromarray(GRAY.astype(np.uint8)),
        Image.fromarray((GRAY * 257).astype(np.uint16)),
        torch.from_numpy(GRAY),
        torch.from_numpy((GRAY * 257).astype(np.uint16)),
        torch.from_numpy(GRAY)[None],
        torch.from_numpy(GRAY)[None, None],
    ],
    ids=lambda image: (
        f"{type(image).__name__}-{image.mode if isinstance(image, Image.Image) else image.dtype}"
    ),
)
def test_any_kind_of_image(image):
    gray = to_gray(image)
    assert gray.dtype == torch.float32
    assert np.abs(gray.numpy() - GRAY).max() <= 1e-4 or (gray.numpy() != GRAY).mean() < 1e-3
    assert gray.shape == (1, 1, 48, 50)
    assert evaluate(image, GRAY, GRAY)["CC"] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4, 2)), np.zeros(4), torch.zeros(2, 1, 4, 4), torch.zeros(2, 4, 4)]
)
def test_no_image(image):
    with pytest.raises(InputError, match="gray"):
        to_gray(image)


@pytest.mark.parametrize(("scale", "message"), [(1 / 512, "0 to 1"), (2.0, "0 to 255")])
def test_colour_is_checked_before_it_is_rounded(scale, message):
    with pytest.raises(InputError, match=message):
        to_gray(COLOUR * scale)


def test_no_numbers():
    with pytest.raises(InputError, match="numbers"):
        to_gray(np.array([["fused.png"]]))


def test_registry_tells_how_to_read_the_values():
    assert " ".join(METRICS) == "EN MI VIFF Qabf SSIM PSNR CC SCD SD SF AG"
    assert [key for key, metric in ALL.items() if metric.better == "lower"] == [
        "Nabf",
        "hallucination",
        "CE",
        "Qcv",
    ]
    assert all(metric.key == key and metric.description for key, metric in ALL.items())
