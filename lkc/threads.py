"""How torch's threads wait for one another on the CPU.

By default they spin while they wait. Beside another busy program that makes a fusion on two cores
several times slower. The `lkc` command and the page ask them not to. In a program of your own, do
the same before anything imports torch, or set the environment variable GOMP_SPINCOUNT to 3000:

>>> from lkc.threads import wait_without_spinning
>>> wait_without_spinning()
"""

import os


def wait_without_spinning() -> None:
    """Let threads that wait give their core away soon; only heeded before torch is imported."""
    os.environ.setdefault("GOMP_SPINCOUNT", "3000")
