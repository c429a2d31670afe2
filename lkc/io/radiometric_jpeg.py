"""Radiometric JPEG of FLIR cameras: the temperatures behind the coloured picture.

A thermal camera measures radiation. Part of it comes from the object, part is reflected by it, and
air and a protecting window add and swallow some. Each layer lets a share of what lies behind it
pass, and sends out the rest itself; taking the layers off one by one leaves the object's own share,
which Planck's law turns into its temperature.

Sources:
    The layout of the file: https://exiftool.org/TagNames/FLIR.html.
    The formulas: FLIR's description of the temperature in its cameras' GenICam interface.
"""

import struct
import warnings
from dataclasses import dataclass, replace
from io import BytesIO
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lkc.errors import InputError
from lkc.io.image_data import ImageData, check_page, of_pixels
from lkc.io.jpeg_segments import FLIR_HEADER, JPEG, flir_chunks
from lkc.io.pictures import read_picture, roughness
from lkc.io.pixels import check_pixel_count
from lkc.io.thermal import KELVIN, PLAUSIBLE

RAW_DATA, VISIBLE, CAMERA = 0x01, 0x0E, 0x20  # types of records
VERSIONS = range(100, 200)  # of the records' container; in the other byte order they are huge
DIRECTORY_ENTRY = 32  # bytes
MOST_RECORDS = 1000  # Cameras write about twenty.
PIXELS_AT = 32  # bytes from the start of a record


@dataclass(frozen=True)
class Camera:
    """What a FLIR camera states for turning its counts into temperatures.

    Attributes:
        emissivity: of the object, up to 1.
        distance: to the object, in metres.
        reflected, air, window: temperatures of what the object reflects, of the air and of a window
            before the camera, in kelvin.
        transmission: of that window; 1 where there is none.
        humidity: of the air, from 0 to 1.
        r1, b, f, r2, o: constants of Planck's law for this camera.
        alpha, beta: two constants each of the absorption by air.
        x: share of the first of them.
    """

    emissivity: float
    distance: float
    reflected: float
    air: float
    window: float
    transmission: float
    humidity: float
    r1: float
    b: float
    f: float
    o: int
    r2: float
    alpha: tuple[float, float]
    beta: tuple[float, float]
    x: float

    @property
    def is_plausible(self) -> bool:
        """Whether temperatures can be computed from it."""
        window = self.window if self.transmission < 1 else self.air  # need not be stated for none
        positive = (self.r1, self.b, self.r2, self.reflected, self.air, window)
        shares = (self.emissivity, self.transmission)
        return (
            all(value > 0 and np.isfinite(value) for value in positive)
            and all(0 < share <= 1 for share in shares)
            and 0 <= self.humidity <= 1
            and 0 <= self.distance < np.inf
            and 0 < self.air_transmission() <= 1
        )

    def air_transmission(self) -> float:
        """The share of radiation that passes the air."""
        celsius = self.air - KELVIN
        water = self.humidity * np.exp(  # in grams for each cubic metre
            1.5587 + 0.06939 * celsius - 2.7816e-4 * celsius**2 + 6.8455e-7 * celsius**3
        )
        first, second = (
            np.exp(-np.sqrt(self.distance) * (alpha + beta * np.sqrt(water)))
            for alpha, beta in zip(self.alpha, self.beta, strict=True)
        )
        return float(self.x * first + (1 - self.x) * second)

    def to_signal(self, kelvin: float) -> float:
        """The counts that a black body of this temperature gives."""
        return self.r1 / (self.r2 * (np.exp(self.b / kelvin) - self.f)) - self.o

    def to_celsius(self, counts: NDArray) -> NDArray[np.float32]:
        """Turn counts into the object's temperatures.

        Args:
            counts: any shape.

        Returns:
            Degrees Celsius; NaN where the counts are none of a temperature.
        """
        signal = counts.astype(np.float64)
        layers = (  # from the camera to the object
            *([(self.transmission, self.window)] if self.transmission < 1 else []),
            (self.air_transmission(), self.air),
            (self.emissivity, self.reflected),
        )
        with np.errstate(all="ignore"):
            for share, kelvin in layers:
                signal = (signal - (1 - share) * self.to_signal(kelvin)) / share
            kelvins = self.b / np.log(self.r1 / (self.r2 * (signal + self.o)) + self.f)
            possible = (kelvins > 0) & (kelvins < np.inf)
            celsius = np.where(possible, kelvins - KELVIN, np.nan)
        return celsius.astype(np.float32)


def join_chunks(chunks: list[bytes], name: str) -> bytes:
    """Put the parts of FLIR's records together, in the order of their numbers."""
    parts = {chunk[6]: chunk[FLIR_HEADER:] for chunk in chunks if len(chunk) > FLIR_HEADER}
    if not parts or sorted(parts) != list(range(chunks[0][7] + 1)):
        raise InputError(f"{name} is damaged: parts of its thermal data are missing.")
    return b"".join(parts[number] for number in sorted(parts))


def find_records(content: bytes) -> dict[int, bytes]:
    """List the records of FLIR's container by type; of several of one type, the first."""
    order = ">" if int.from_bytes(content[20:24], "big") in VERSIONS else "<"
    start, count = struct.unpack_from(f"{order}II", content, 24)
    records: dict[int, bytes] = {}
    for entry in range(min(count, MOST_RECORDS)):
        kind, _, _, _, offset, length = struct.unpack_from(
            f"{order}HHIIII", content, start + DIRECTORY_ENTRY * entry
        )
        records.setdefault(kind, content[offset : offset + length])
    return records


def byte_order(record: bytes) -> str:
    """The order of bytes in a record, whose first number is a small one."""
    return "<" if int.from_bytes(record[:2], "little") < 256 else ">"


def read_camera(record: bytes) -> Camera:
    """Read what the camera states; it counts temperatures in kelvin."""
    order = byte_order(record)

    def read(layout: str, at: int) -> tuple:
        return struct.unpack_from(order + layout, record, at)

    emissivity, distance, reflected, air, window, transmission = read("6f", 32)
    (humidity,) = read("f", 60)
    r1, b, f = read("3f", 88)
    alpha_1, alpha_2, beta_1, beta_2, x = read("5f", 112)
    o, r2 = read("if", 776)
    return Camera(
        emissivity=emissivity,
        distance=distance,
        reflected=reflected,
        air=air,
        window=window,
        transmission=transmission,
        humidity=humidity / 100 if humidity > 2 else humidity,  # Some cameras write percent.
        r1=r1,
        b=b,
        f=f,
        o=o,
        r2=r2,
        alpha=(alpha_1, alpha_2),
        beta=(beta_1, beta_2),
        x=x,
    )


def read_counts(record: bytes, name: str, limit: int) -> NDArray[np.uint16]:
    """Read the raw thermal image (H, W), which is stored plainly or as a PNG.

    Most cameras swap the bytes of the PNG, but not all of them. A thermal image is smooth, and with
    swapped bytes it is noise, so that the smoother order is the right one.
    """
    order = byte_order(record)
    width, height = struct.unpack_from(f"{order}HH", record, 2)
    check_pixel_count(width, height, name, limit)
    stored = record[PIXELS_AT:]
    if stored.startswith(b"\x89PNG"):
        with Image.open(BytesIO(stored), formats=["PNG"]) as image:
            fits = image.size == (width, height) and image.mode.startswith("I")
            counts = np.asarray(image).astype(np.uint16) if fits else np.empty((0, 0), np.uint16)
    else:
        fits = len(stored) >= 2 * width * height
        whole = stored[: 2 * width * height] if fits else b""
        counts = np.frombuffer(whole, f"{order}u2").astype(np.uint16)
    if not fits or not counts.size:
        raise InputError(f"{name} is damaged: its thermal data are incomplete.")
    counts = counts.reshape(height, width)
    swapped = counts.byteswap()
    return swapped if roughness(swapped) < roughness(counts) else counts


def read_radiometric(file: BinaryIO, name: str, page: int, limit: int) -> ImageData:
    """Read the temperatures of a FLIR camera's JPEG; its coloured picture is not looked at.

    Corrected are the object's emissivity and what it reflects, the air up to the object, and a
    window before the camera, all as the file states them.

    Args:
        file: opened by `lkc.io.kinds.open_file`.
        name: what to call it in messages.
        page: from 0; there is one.
        limit: the most pixels.

    Returns:
        Degrees Celsius (H, W), float32; raw counts where the camera's constants are missing, and
        the picture where the thermal data are.

    Raises:
        InputError: damaged, too large, or what the camera states gives no temperatures.
    """
    check_page(page, 1, name)
    records = find_records(join_chunks(flir_chunks(file), name))
    if RAW_DATA not in records:
        warnings.warn(
            f"{name} holds records of a FLIR camera, but no thermal data: its picture is used.",
            stacklevel=2,
        )
        file.seek(0)
        return read_picture(file, name, page, limit)
    counts = read_counts(records[RAW_DATA], name, limit)
    if CAMERA not in records:
        warnings.warn(
            f"{name} does not state the constants of its camera: its raw counts are used, which "
            "are no temperatures.",
            stacklevel=2,
        )
        return replace(
            of_pixels(counts, name),
            measured=True,  # and not in 0.01 kelvin, so that no window in Celsius fits
            origin="raw counts, not the picture",
        )
    camera = read_camera(records[CAMERA])
    celsius = camera.to_celsius(counts) if camera.is_plausible else np.empty(0, np.float32)
    found = celsius[np.isfinite(celsius)]
    if not found.size or not PLAUSIBLE[0] <= np.median(found) <= PLAUSIBLE[1]:
        raise InputError(
            f"{name} states camera constants that give no temperatures: save it as TIFF or CSV in "
            "FLIR's own software."
        )
    return ImageData(
        celsius,
        (float(found.min()), float(found.max())),
        name,
        unit="C",
        measured=True,
        origin=f"temperatures, not the picture, for emissivity {camera.emissivity:.3g} at "
        f"{camera.distance:.3g} m",
    )


def read_visible(file: BinaryIO, name: str, limit: int) -> ImageData:
    """Read the visible picture that some FLIR cameras store beside the temperatures.

    Args:
        file: a radiometric JPEG.
        name: what to call it in messages.
        limit: the most pixels.

    Returns:
        The picture, which shows another field of view than the thermal image.

    Raises:
        InputError: there is none, or none in JPEG.
    """
    picture = find_records(join_chunks(flir_chunks(file), name)).get(VISIBLE, b"")[PIXELS_AT:]
    if not picture.startswith(JPEG):
        raise InputError(f"{name} holds no visible picture in JPEG: give one as second source.")
    return read_picture(BytesIO(picture), f"the visible picture in {name}", 0, limit)
