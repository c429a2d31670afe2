"""Profiles: each variant against plain numpy, colour by channel, and how far they are apart."""

import itertools
import math

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.fft import dctn
from scipy.ndimage import uniform_filter
from scipy.signal import convolve2d

from benchmarks import plain_metrics
from lkc.errors import InputError
from lkc.metrics import EXTRA_METRICS, METRICS, PROFILES, evaluate, evaluate_batch, get_profile
from tests.metrics.test_metrics import reference_images

RNG = np.random.default_rng(0)


def pictures(count=3, size=(48, 52)):
    """Smooth noise with flat black corners, as float64 whole numbers in 0 to 255."""
    images = []
    for _ in range(count):
        image = uniform_filter(RNG.uniform(-400, 700, size), 5)
        images.append(image.clip(0, 255).round())
        images[-1][:12, :12] = 0
    return images


def value(profile, key, *images):
    """One metric of one profile."""
    extra = key in EXTRA_METRICS
    metric = get_profile(profile).metrics(extra)[key]
    return metric(*(torch.tensor(x)[None, None] for x in images)).item()


def similarity(f, s, window, data_range, unbiased=1.0):
    """Plain SSIM of one source in full windows."""

    def mean(x):
        return convolve2d(x, window, mode="valid")

    mean_f, mean_s = mean(f), mean(s)
    var_f, var_s = mean(f * f) - mean_f**2, mean(s * s) - mean_s**2
    covariance = mean(f * s) - mean_f * mean_s
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    top = (2 * mean_f * mean_s + c1) * (2 * unbiased * covariance + c2)
    return (top / ((mean_f**2 + mean_s**2 + c1) * (unbiased * (var_f + var_s) + c2))).mean()


def gauss(size, sigma):
    x = np.arange(size) - size // 2
    window = np.exp(-(x**2) / (2 * sigma**2))
    return np.outer(window, window) / window.sum() ** 2


@pytest.mark.parametrize(
    ("profile", "window", "data_range", "unbiased"),
    [
        ("lkc", np.full((7, 7), 1 / 49), 255, 49 / 48),
        ("cddfuse", np.full((7, 7), 1 / 49), 2, 49 / 48),
        ("vifb", gauss(11, 1.5), 255, 1),
        ("ivif-zoo", gauss(11, 1.5), 1, 1),
    ],
)
def test_ssim_of_every_profile(profile, window, data_range, unbiased):
    f, a, b = pictures()
    expected = sum(similarity(f, s, window, data_range, unbiased) for s in (a, b))
    assert value(profile, "SSIM", f, a, b) == pytest.approx(expected, abs=1e-5)


def test_cddfuse_agrees_with_single_precision_as_scikit_image_had_it():
    """There the means were float32, so that its own rounding is in the published values."""
    f, a, b = (x.astype(np.float32) for x in pictures(size=(120, 160)))

    def mean(x):
        return uniform_filter(x, 7)[3:-3, 3:-3]

    total = 0.0
    for s in (a, b):
        mean_f, mean_s = mean(f), mean(s)
        scale = np.float32(49 / 48)
        var_f, var_s = (scale * (mean(x * x) - m * m) for x, m in ((f, mean_f), (s, mean_s)))
        covariance = scale * (mean(f * s) - mean_f * mean_s)
        top = (2 * mean_f * mean_s + 0.02**2) * (2 * covariance + 0.06**2)
        low = (mean_f**2 + mean_s**2 + 0.02**2) * (var_f + var_s + 0.06**2)
        total += (top / low).mean(dtype=np.float64)
    assert value("cddfuse", "SSIM", f, a, b) == pytest.approx(total, abs=2e-3)


def test_information_in_other_units_and_ranges():
    f, a, b = pictures()
    nats = plain_metrics.mutual_information(f, a, b)
    assert value("ivif-zoo", "MI", f, a, b) == pytest.approx(nats / math.log(2), rel=1e-5)
    narrow = [20 + np.rint(x / 4) for x in (f, a, b)]  # stretched, no two levels become one
    assert value("vifb", "MI", *narrow) == pytest.approx(
        plain_metrics.mutual_information(*narrow), rel=1e-5
    )
    assert value("vifb", "MI", 0 * f, a, b) == 0


def test_vifb_by_its_formulas():
    f, a, b = pictures(size=(20, 30))
    height, width = f.shape
    error = (np.linalg.norm(f - a) + np.linalg.norm(f - b)) / 2 / (height * width)
    assert value("vifb", "PSNR", f, a, b) == pytest.approx(20 * math.log10(255 / error**0.5))
    squares = (np.diff(f, axis=0) ** 2).sum() + (np.diff(f, axis=1) ** 2).sum()
    assert value("vifb", "SF", f, a, b) == pytest.approx((squares / (height * width)) ** 0.5)
    dy, dx = np.gradient(f)
    gradient = np.sqrt((dx**2 + dy**2) / 2).sum() / ((height - 1) * (width - 1))
    assert value("vifb", "AG", f, a, b) == pytest.approx(gradient)


def test_psnr_of_ivif_zoo_by_its_formula():
    f, a, b = (x / 255 for x in pictures())
    error = (((f - a) ** 2).mean() + ((f - b) ** 2).mean()) / 2
    expected = 20 * math.log10(255 / error**0.5)
    found = value("ivif-zoo", "PSNR", *(255 * x for x in (f, a, b)))
    assert found == pytest.approx(expected, rel=1e-5)
    assert value("ivif-zoo", "PSNR", 255 * f, 255 * f, 255 * f) == math.inf
    assert math.isfinite(value("ivif-zoo", "PSNR", 0 * f, 255 * a, 255 * b))


def test_vif_of_ivif_zoo_in_plain_numpy():
    def window(size):
        x = np.linspace(-(size + 1) / 2, (size - 1) / 2, size)  # -9 to 8 for 17 taps
        one = np.exp(-(x**2) / (2 * (size / 5) ** 2))
        return np.outer(one, one) / one.sum() ** 2

    def mean(x, size):  # a correlation, so the skewed window is not turned round
        return convolve2d(x, window(size)[::-1, ::-1], mode="same")

    def fidelity(f, s):
        kept = present = 0.0
        for scale, size in enumerate((17, 9, 5, 3)):
            if scale:
                f, s = mean(f, size)[::2, ::2], mean(s, size)[::2, ::2]
            mean_f, mean_s = mean(f, size), mean(s, size)
            var_f = (mean(f * f, size) - mean_f**2).clip(0)
            var_s = (mean(s * s, size) - mean_s**2).clip(0)
            covariance = (mean(f * s, size) - mean_f * mean_s).clip(0)
            gain = covariance / (var_s + 1e-10)
            noise = (var_f - gain * covariance).clip(0)
            kept += np.log(1 + gain**2 * var_s / (noise + 2)).sum()
            present += np.log(1 + var_s / 2).sum()
        return kept / present

    f, a, b = pictures()
    expected = fidelity(f, a) + fidelity(f, b)
    assert value("ivif-zoo", "VIFF", f, a, b) == pytest.approx(expected, rel=1e-4)


def shared_in_one_window(f, s):
    """FMI of one window, step by step: nine numbers of each image."""
    if (f == s).all():
        return 1.0
    p, q = (
        np.ones(9) / 9 if np.ptp(x) == 0 else (x - x.min()) / (x - x.min()).sum() for x in (f, s)
    )
    cp, cq = p - p.mean(), q - q.mean()
    flat = np.abs(cp).max() < 1e-12 or np.abs(cq).max() < 1e-12
    c = 0.0 if flat else (cp * cq).sum() / math.sqrt((cp**2).sum() * (cq**2).sum())
    places = np.arange(9)
    sd = [math.sqrt(max((x * places**2).sum() - (x * places).sum() ** 2, 0)) for x in (p, q)]
    below_p, below_q = np.append(0, p.cumsum()), np.append(0, q.cumsum())
    bound = np.empty((10, 10))
    for i, j in itertools.product(range(10), range(10)):
        bound[i, j] = min(below_p[i], below_q[j]) if c >= 0 else max(below_p[i] + below_q[j] - 1, 0)
    covariance = (bound - np.outer(below_p, below_q)).sum()
    share = c * sd[0] * sd[1] / covariance if c and sd[0] > 1e-9 and sd[1] > 1e-9 else 0.0
    joint = share * np.diff(np.diff(bound, axis=0), axis=1) + (1 - share) * np.outer(p, q)

    def entropy(x):
        return -sum(one * math.log2(abs(one)) for one in np.ravel(x) if abs(one) > 1e-300)

    separate = entropy(p) + entropy(q)
    return 2 * (separate - entropy(joint)) / separate if separate > 0 else 0.0


@pytest.mark.parametrize(
    ("profile", "feature"),
    [
        ("fmi-pixel", lambda x: x),
        ("fmi-gradient", lambda x: np.gradient(x, axis=1)),
        ("fmi-dct", lambda x: dctn(x, norm="ortho")),
    ],
)
def test_fmi_window_by_window(profile, feature):
    f, a, b = (x[6:16, 6:18] for x in pictures())  # flat, half flat and textured windows
    maps = [feature(x) for x in (f, a, b)]
    total = []
    for row, column in itertools.product(range(f.shape[0] - 2), range(f.shape[1] - 2)):
        w, *sources = (x[row : row + 3, column : column + 3].T.ravel() for x in maps)
        total.append(sum(shared_in_one_window(w, s) for s in sources) / 2)
    assert value(profile, "FMI", f, a, b) == pytest.approx(np.mean(total), abs=1e-5)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_every_key_and_survives_flat_images(profile):
    assert list(get_profile(profile).metrics()) == list(METRICS)
    assert list(get_profile(profile).metrics(extra=True)) == [*METRICS, *EXTRA_METRICS]
    assert set(get_profile(profile).variants) <= set(get_profile(profile).computes)
    image = torch.tensor(pictures(1)[0])[None, None].float()
    flat = torch.full_like(image, 99)
    for images in ((image, flat, image), (flat, flat, flat), (flat, image, image)):
        metrics = get_profile(profile).metrics(extra=True)
        found = {key: metrics[key](*images) for key in get_profile(profile).computes}
        assert not [key for key, number in found.items() if number.isnan().any()]


def test_vifb_judges_colour_by_channel():
    fused, visible = RNG.integers(0, 256, (2, 48, 52, 3), dtype=np.uint8)
    infrared = RNG.integers(0, 256, (48, 52), dtype=np.uint8)
    found = evaluate(fused, infrared, visible, profile="vifb")
    channels = [
        evaluate(fused[..., c], infrared, visible[..., c], profile="vifb") for c in range(3)
    ]
    for key, number in found.items():
        assert number == pytest.approx(np.mean([one[key] for one in channels]), rel=1e-5)
    gray = np.asarray(Image.fromarray(fused).convert("L"))
    of_gray = evaluate(gray, infrared, visible, profile="vifb")
    assert of_gray["SD"] == pytest.approx(gray.std())
    assert of_gray["SD"] < found["SD"]


def test_an_unknown_profile_is_refused():
    image = pictures(1)[0]
    with pytest.raises(InputError, match="unknown profile 'paper': choose one of lkc, cddfuse"):
        evaluate(image, image, image, profile="paper")


@pytest.mark.slow
def test_cddfuse_differs_from_the_reference_values_in_ssim_alone(shared):
    """The reference was the same evaluator with the range told: here by how much that matters."""
    rows = list(reference_images(shared))
    assert rows
    for row, fused, a, b in rows:
        found = evaluate_batch(fused, a, b, profile="cddfuse")
        same = {key: number.item() for key, number in found.items() if key != "SSIM"}
        assert same == pytest.approx({key: row[key] for key in same}, rel=1e-3, abs=1e-3)
        assert 0.05 < row["SSIM"] - found["SSIM"].item() < 0.8


def test_the_command_and_its_files_say_whose_definitions(tmp_path, lkc_command):
    for side in ("ir", "vis"):
        (tmp_path / side).mkdir()
        Image.fromarray(pictures(1)[0].astype(np.uint8)).save(tmp_path / side / "1.png")
    sources = ("--a", tmp_path / "ir", "--b", tmp_path / "vis", "--preset", "average")
    files = ("--latex", tmp_path / "o.tex", "--html", tmp_path / "o.html")
    status, out, _ = lkc_command("evaluate", *sources, "--profile", "ivif-zoo", *files)
    assert status == 0
    whose = get_profile("ivif-zoo").source
    assert f"metrics as defined by {whose}" in out
    assert all(whose in path.read_text() for path in (tmp_path / "o.tex", tmp_path / "o.html"))
    status, _, err = lkc_command(
        "evaluate", *sources, "--profile", "ivif-zoo", "--json", tmp_path / "o.json"
    )
    again = ("evaluate", *sources[:4], "--published", tmp_path / "o.json")
    assert lkc_command(*again, "--profile", "ivif-zoo")[0] == 0
    status, _, err = lkc_command(*again)
    assert (status, "average: computed by profile ivif-zoo, not lkc" in err) == (2, True)
    status, _, err = lkc_command("evaluate", *sources, "--profile", "paper")
    assert (status, "unknown profile" in err) == (2, True)
