"""What decoders raise and print, as one sentence or not at all."""

import os
import struct
import threading

import pytest

from lkc.errors import InputError
from lkc.optional import mute, one_sentence


@pytest.mark.parametrize(
    "stumble",
    [
        lambda: None.shape,
        lambda: 1.0 * None,
        lambda: {}["Rows"],
        lambda: [][0],
        lambda: 1 / 0,
        lambda: struct.unpack("<I", b""),
        lambda: b"\xff".decode(),
    ],
)
def test_words_about_python_stay_away(stumble):
    with pytest.raises(InputError, match=r"^a\.tif is damaged\.$"), one_sentence("folder/a.tif"):
        stumble()


def test_words_about_the_file_are_kept():
    sentence = r"^a\.tif cannot be read: not enough image data\.$"
    with pytest.raises(InputError, match=sentence), one_sentence("a.tif"):
        raise OSError("not enough image data. Add more")


def test_muted_libraries_and_loud_ones_after(capfd):
    with mute():
        os.write(2, b"libpng error: damaged\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_muting_in_several_threads_ends_as_it_began(capfd):
    def decode():
        for _ in range(50):
            with mute():
                os.write(2, b"damaged\n")

    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_muting_ends_with_an_error_too(capfd):
    with pytest.raises(ValueError, match="damaged"), mute():
        raise ValueError("damaged")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_without_stderr(monkeypatch):
    def closed(descriptor):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("os.dup", closed)
    with mute():
        pass
