"""Write the exhibits as files for a browser: `python -m lkc.tutorial.exhibits FOLDER`."""

import argparse
from pathlib import Path

from lkc.tutorial.exhibits.build import write_pages

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m lkc.tutorial.exhibits", description=__doc__)
    parser.add_argument("folder", type=Path, help="is made where it is missing")
    for page in write_pages(parser.parse_args().folder):
        print(f"Open {page} in a browser.")
