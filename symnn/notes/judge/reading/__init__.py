"""How the parts of a claim are read: from notation trees to the values that they may stand for."""
