"""Claims about probabilities, expectations and one-hot targets."""
