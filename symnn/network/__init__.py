"""Networks: ordered, named equations whose leaves are inputs, targets and parameters."""
