"""What slip a wrong claim looks like, and how the verdict is told."""
