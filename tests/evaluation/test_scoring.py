"""What `lkc evaluate` says of sources of more than 8 bits."""

import json

import numpy as np
from PIL import Image

RNG = np.random.default_rng(0)


def write_set(folder):
    """Two pairs of 14-bit infrared and 8-bit visible images, and their averages."""
    for side in ("ir", "vis", "fused"):
        (folder / side).mkdir()
    for number in range(2):
        counts = RNG.integers(28000, 30000 + 100 * number, (48, 64)).astype(np.uint16)
        gray = RNG.integers(0, 256, (48, 64), dtype=np.uint8)
        for side, pixels in (("ir", counts), ("vis", gray), ("fused", gray // 2)):
            Image.fromarray(pixels).save(folder / side / f"{number}.png")


def evaluate(lkc_command, folder, *more):
    sources = ("--a", folder / "ir", "--b", folder / "vis")
    status, _, err = lkc_command("evaluate", *sources, *more, "--json", folder / "o.json")
    assert status == 0
    return err, json.loads((folder / "o.json").read_text())


def test_the_window_of_deep_sources_is_said_once_for_a_folder(tmp_path, lkc_command):
    write_set(tmp_path)
    err, values = evaluate(lkc_command, tmp_path, "--fused", f"x={tmp_path / 'fused'}")
    assert err.count("more than 8 bits") == 1
    assert f"{tmp_path / 'ir'} has more than 8 bits, and was judged by the default window" in err
    assert "(percentile 1,99: 280" in err
    assert "and by 1 other window." in err
    assert set(values["x"]) == {"mean", "pairs"}


def test_a_noted_window_is_said_and_plain_sources_need_no_word(tmp_path, lkc_command):
    write_set(tmp_path)
    fused = tmp_path / "noted"
    options = ("--preset", "maximum", "--window", "28000,31000", "--window", "full")
    lkc_command("fuse", tmp_path / "ir", tmp_path / "vis", "-o", fused, *options)
    err, _ = evaluate(lkc_command, tmp_path, "--fused", f"x={fused}")
    assert "judged by the window noted in the fused files (fixed: 28000 to 31000)." in err
    for path in (tmp_path / "ir").iterdir():
        Image.fromarray(RNG.integers(0, 256, (48, 64), dtype=np.uint8)).save(path)
    err, _ = evaluate(lkc_command, tmp_path, "--fused", f"x={tmp_path / 'fused'}")
    assert "more than 8 bits" not in err
