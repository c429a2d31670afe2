"""How torch gets memory for feature maps on the CPU of Linux.

By default, the C library gives freed maps back to the system, and takes them anew for the next
image in pages of 4 KiB: some 36,000 of them for 480x640, a quarter of the time of a fusion. The
`lkc` command and the page keep up to 256 MiB instead, in pages of 2 MiB. In a program of your own,
do the same before anything imports torch:

>>> from lkc.memory import keep_memory
>>> keep_memory()
"""

import ctypes
import os
import sys

KEPT = 2**28  # bytes
LARGEST_REUSED = 2**25  # bytes of a map; the C library takes no more
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # as malloc.h of glibc numbers them


def keep_memory() -> None:
    """Keep freed maps for the next image, in large pages; only heeded on Linux."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read when torch takes its first map
    call_glibc("mallopt", TRIM_THRESHOLD, KEPT)
    call_glibc("mallopt", MMAP_THRESHOLD, LARGEST_REUSED)


def call_glibc(name: str, *numbers: int) -> None:
    """Call a function of Linux's C library; others, such as musl, lack those of glibc."""
    function = getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
    if function:
        function(*numbers)
