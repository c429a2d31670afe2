"""What decoders raise and print, as one sentence or not at all."""

import logging
import os
import struct
import threading
import warnings

import pytest

from lkc.errors import InputError
from lkc.io.decoding import mute, one_sentence, silence


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


def warn_as(module):
    """Warn as a line of code in that module would."""
    warnings.warn_explicit(f"{module} warns", UserWarning, "a.py", 1, module)


def test_decoders_are_silent_in_threads_that_read_side_by_side(recwarn, caplog):
    """One thread begins while the other reads, and ends first: what is set must not stay."""
    inside, over = threading.Event(), threading.Event()

    def read_long():
        with silence():
            inside.set()
            over.wait(10)
            warn_as("PIL.Image")
            logging.getLogger("pydicom").warning("damaged")

    thread = threading.Thread(target=read_long)
    with silence():
        thread.start()
        inside.wait(10)
    over.set()
    thread.join()
    assert not recwarn.list
    assert not caplog.messages
    warn_as("lkc.fusion.clips")
    logging.getLogger("pydicom").warning("after")
    assert [str(warning.message) for warning in recwarn] == ["lkc.fusion.clips warns"]
    assert caplog.messages == ["after"]


def test_what_others_set_for_warnings_does_not_let_decoders_speak():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with silence():
            warn_as("pydicom.valuerep")
        with pytest.raises(UserWarning, match="lkc warns"), silence():
            warn_as("lkc")


def test_a_warning_that_was_shown_once_is_not_shown_again_after_reading():
    registry = {}
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("default")
        for _ in range(2):
            warnings.warn_explicit("once", UserWarning, "a.py", 1, "lkc", registry)
            with silence():
                pass
    assert len(shown) == 1


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
