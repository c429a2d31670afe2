"""A plugin for napari: a reader of what `lkc.io` reads, and a widget that fuses two layers."""
