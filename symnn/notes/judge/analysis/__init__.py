"""Claims of calculus beyond derivatives: bounds, limits, integrals."""
