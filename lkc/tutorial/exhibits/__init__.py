"""Exhibits: pages that each let a reader move one idea, without Python and without a connection."""

from lkc.tutorial.exhibits.build import build_page, exhibit_names, write_pages
from lkc.tutorial.exhibits.frame import Exhibit, exhibit

__all__ = ["Exhibit", "build_page", "exhibit", "exhibit_names", "write_pages"]
