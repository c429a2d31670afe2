"""Networks: norms, blocks, the paper's U-Net and `lite`, baselines, and how weights are loaded."""
