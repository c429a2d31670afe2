"""Fetch a few real pairs of public data sets from their repositories, and check them.

Offered is only what could be verified: a pinned commit that holds the files, and a checksum of what
they show. The rest is named with the page where its authors offer it.
"""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from lkc.data.manifests import image_checksum, read_manifest
from lkc.errors import InputError, writing
from lkc.extras import need

RETRIES = 2
TIMEOUT = 30  # A download ends after so many seconds without a byte.


@dataclass(frozen=True)
class SampleSet:
    """Pairs of one data set that can be fetched.

    Attributes:
        name: as users write it, and the folder under the target.
        task: the fusion task of the pairs.
        url: address of a file with {folder} and {pair} in it, at a pinned commit.
        folders: the first and the second source's folder, there and here.
        pairs: names of the files without suffix.
        manifest: for `read_manifest`; holds the checksums.
        page: where the set's authors describe it.
        terms: what is known of the terms of use.
    """

    name: str
    task: str
    url: str
    folders: tuple[str, str]
    pairs: tuple[str, ...]
    manifest: str
    page: str
    terms: str


RAW = "https://raw.githubusercontent.com"
MSRS_COMMIT = "2052589d3a714d0285c8792e24d2db290d84b6ea"
ROADSCENE_COMMIT = "ab71420f8fc96396eeb97eecf3694909b3feb656"
HARVARD_COMMIT = "efa50b7a617bacf2ff29dd7651171c286cec5727"
HARVARD = "xianming-gu/Havard-Medical-Image-Fusion-Datasets"  # The repository spells it so.
HARVARD_TERMS = (
    "Slices of the Whole Brain Atlas (Harvard Medical School), collected for research. The "
    "repository states no licence: study them, do not pass them on."
)


def harvard_set(tracer: str, pairs: tuple[str, ...]) -> SampleSet:
    """Describe one of the three parts of the Harvard collection."""
    return SampleSet(
        name=f"Harvard/{tracer}-MRI",
        task=f"mri-{tracer.lower()}",
        url=f"{RAW}/{HARVARD}/{HARVARD_COMMIT}/{tracer}-MRI/{{folder}}/{{pair}}.png",
        folders=("MRI", tracer),
        pairs=pairs,
        manifest=f"harvard-{tracer.lower()}-mri",
        page=f"https://github.com/{HARVARD}",
        terms=HARVARD_TERMS,
    )


SAMPLES = {
    sample.name: sample
    for sample in (
        SampleSet(
            name="MSRS",
            task="ir-vis",
            url=f"{RAW}/Linfeng-Tang/MSRS/{MSRS_COMMIT}/test/{{folder}}/{{pair}}.png",
            folders=("ir", "vi"),
            pairs=("00200D", "00537D", "01024N"),
            manifest="msrs",
            page="https://github.com/Linfeng-Tang/MSRS",
            terms="Made from the MFNet data set. The repository states no licence and asks to cite "
            "Tang et al., PIAFusion, Information Fusion 2022: study them, do not pass them on.",
        ),
        SampleSet(
            name="RoadScene",
            task="ir-vis",
            url=f"{RAW}/hanna-xu/RoadScene/{ROADSCENE_COMMIT}/{{folder}}/{{pair}}.jpg",
            folders=("cropinfrared", "crop_LR_visible"),
            pairs=("FLIR_00006", "FLIR_00288", "FLIR_04484"),
            manifest="roadscene",
            page="https://github.com/hanna-xu/RoadScene",
            terms="From FLIR videos; cite Xu et al., FusionDN, AAAI 2020. No licence is known: "
            "study them, do not pass them on. The shipped weights were trained on them.",
        ),
        harvard_set("CT", ("16005", "16012", "20013")),
        harvard_set("PET", ("25015", "25022", "25027")),
        harvard_set("SPECT", ("10018", "10028", "15010")),
    )
}
NOT_OFFERED = {  # Each entry says why, and where to get the whole set.
    "TNO": (
        "no checksum of its archive could be verified",
        "https://figshare.com/articles/dataset/TNO_Image_Fusion_Dataset/1008029",
    ),
    "M3FD": (
        "no fixed address of a file could be verified",
        "https://github.com/JinyuanLiu-CV/TarDAL",
    ),
}


class NoConnectionError(InputError):
    """Raised when the server cannot be reached, so that trying further files is in vain."""


def load(url: str, folder: Path, name: str) -> Path:
    """Download a file into a folder, a few times if the connection is cut."""
    pooch = need("pooch", "downloading samples", extra="samples")
    import requests

    pooch.get_logger().setLevel(logging.ERROR)  # It warns of retries.
    fetcher = pooch.create(
        path=folder, base_url="", registry={name: None}, urls={name: url}, retry_if_failed=RETRIES
    )
    host = urlsplit(url).hostname
    try:
        return Path(fetcher.fetch(name, downloader=pooch.HTTPDownloader(timeout=TIMEOUT)))
    except requests.HTTPError as error:
        raise InputError(f"{str(error).rstrip('.')}: see the set's own page.") from None
    except (requests.ConnectionError, requests.Timeout):
        raise NoConnectionError(
            f"{host} cannot be reached: samples need the internet once. Fetch them on another "
            "machine and copy the folder, or fuse the generated pairs in assets/examples."
        ) from None
    except requests.RequestException:
        raise InputError(
            f"the connection to {host} was cut while loading {name}: run the same command again, "
            "what is complete is kept."
        ) from None


def shows(path: Path, checksum: str) -> bool:
    """Tell whether a file is there, whole, and shows what it should."""
    try:
        return path.is_file() and image_checksum(path) == checksum
    except InputError:
        return False


def fetch_image(url: str, target: Path, checksum: str) -> None:
    """Download an image unless it is there; keep it only if it shows what it should.

    Args:
        url: address of the file.
        target: where to put it; its folder is made if it is missing.
        checksum: of `lkc.data.manifests.image_checksum`.

    Raises:
        NoConnectionError: the server cannot be reached.
        InputError: the server refuses, the connection is cut, the file is another one, or the
            folder cannot be written.
    """
    if shows(target, checksum):
        return
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".download-") as folder:
            loaded = load(url, Path(folder), target.name)
            if not shows(loaded, checksum):
                raise InputError(
                    f"{url} is not the image that was pinned (its checksum differs): not kept."
                )
            loaded.replace(target)


def fetch_samples(
    sample: SampleSet,
    out: Path,
    say: Callable[[str], None] = lambda sentence: None,
    progress: Callable[[], None] = lambda: None,
) -> int:
    """Download the pairs of a set into OUT/NAME/SOURCE; what is there already is not loaded again.

    Args:
        sample: from SAMPLES.
        out: the target folder.
        say: called with a sentence for each file that fails.
        progress: called after each of the set's files.

    Returns:
        How many files failed.

    Raises:
        NoConnectionError: the server cannot be reached.

    Example:
        >>> fetch_samples(SAMPLES["MSRS"], Path("samples"))  # doctest: +SKIP
        0
    """
    stated = read_manifest(sample.manifest).set_index("pair")
    failed = 0
    for pair, side in product(sample.pairs, (0, 1)):
        url = sample.url.format(folder=sample.folders[side], pair=pair)
        target = Path(out) / sample.name / sample.folders[side] / url.rpartition("/")[2]
        try:
            fetch_image(url, target, stated.loc[pair, ("first", "second")[side]])
        except NoConnectionError:
            raise
        except InputError as error:
            failed += 1
            say(str(error))
        progress()
    return failed
