"""Does fusion help a machine see? One segmentation network, trained on each kind of input."""
