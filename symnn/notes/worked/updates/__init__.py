"""Update rules: their direction, and the gradients written out in them."""
