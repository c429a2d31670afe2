"""Data: public data sets in their own folders, stored splits, samples, and generated pairs."""

from lkc.data.manifests import make_manifest, read_manifest
from lkc.data.sets import DataPart, read_data_set, report_orphans

__all__ = [
    "DataPart",
    "make_manifest",
    "read_data_set",
    "read_manifest",
    "report_orphans",
]
