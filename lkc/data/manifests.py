"""Split manifests: which pair belongs to train or test, and a checksum of its contents.

A manifest is a CSV table with a row for each pair: its name, its split, and a checksum of each
source. The splits that the shipped weights were trained and tested on are stored beside this file.
"""

import hashlib
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from lkc.errors import InputError
from lkc.io.decoding import one_sentence
from lkc.io.pairing import Pairing

STORED = Path(__file__).parent / "splits"
COLUMNS = ["pair", "split", "first", "second"]
LOSSY_SUFFIXES = (".jpg", ".jpeg")  # Decoders of these differ in the last bit.


def image_checksum(path: str | PathLike[str]) -> str:
    """Hash what an image shows, so that PNG, WebP or BMP of the same pixels agree.

    Args:
        path: an image of 8 bits; of JPEG the file itself is hashed.

    Returns:
        SHA-256 of the RGB pixels and their size, as 64 digits.

    Raises:
        InputError: missing, or not an image.

    Example:
        >>> image_checksum("assets/examples/ir-vis/ir/night.png")[:8]
        'f4df3fda'
    """
    path = Path(path)
    with one_sentence(path):
        if path.suffix.lower() in LOSSY_SUFFIXES:
            return hashlib.sha256(path.read_bytes()).hexdigest()
        with Image.open(path) as image:
            pixels = np.asarray(image.convert("RGB"))  # (H, W, 3)
    return hashlib.sha256(f"{pixels.shape}".encode() + pixels.tobytes()).hexdigest()


def make_manifest(splits: Mapping[str, Pairing]) -> pd.DataFrame:
    """Tabulate pairs with their split and checksums; `to_csv(FILE, index=False)` stores it.

    Args:
        splits: the pairs of each split, by the split's name.

    Returns:
        Columns pair (the file's name without suffix), split, first, second (checksums).

    Raises:
        InputError: a file cannot be read.
    """
    rows = [
        (first.stem, split, image_checksum(first), image_checksum(second))
        for split, pairing in splits.items()
        for first, second in pairing.pairs
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_manifest(source: str | PathLike[str]) -> pd.DataFrame:
    """Read a stored split, or one of your own.

    Args:
        source: "msrs", "roadscene", "harvard-ct-mri", "harvard-pet-mri", "harvard-spect-mri", or a
            CSV file.

    Returns:
        Columns pair, split, first, second, all of them text.

    Raises:
        InputError: no such manifest, or a table of another kind.

    Example:
        >>> read_manifest("harvard-pet-mri")["split"].value_counts().to_dict()
        {'train': 234, 'test': 35}
    """
    path = STORED / f"{source}.csv"
    if not path.is_file():
        path = Path(source)
        if not path.is_file():
            names = ", ".join(sorted(stored.stem for stored in STORED.glob("*.csv")))
            raise InputError(f"{source} is no manifest: name a CSV file or one of {names}.")
    with one_sentence(path):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if list(table.columns) != COLUMNS or table["pair"].duplicated().any():
        raise InputError(
            f"{path.name} is no manifest: it needs {', '.join(COLUMNS)} for each pair."
        )
    return table
