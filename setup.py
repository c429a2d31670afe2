"""Tell setuptools which folders are packages; everything else stands in pyproject.toml."""

from setuptools import find_packages, setup

pages = find_packages(include=["demo", "demo.*"], exclude=["demo.web*"])  # `make web` builds that
setup(
    # The page is the folder demo/ here and the package lkc_demo where it is installed.
    packages=[
        *find_packages(include=["lkc", "lkc.*"]),
        *(f"lkc_{name}" for name in pages),
        "lkc.examples",
    ],
    package_dir={"lkc_demo": "demo", "lkc.examples": "assets/examples"},
)
