"""Tables with numbers and formulas: columns, traces, truth tables."""
