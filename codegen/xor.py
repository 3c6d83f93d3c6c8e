"""A perceptron that computes XOR: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a_n_1 = w_11 x_1 + w_21 x_2 + b_1
    n_1 = sigmoid(a_n_1)
    a_n_2 = w_12 x_1 + w_22 x_2 + b_2
    n_2 = sigmoid(a_n_2)
    a_y_out = n_1 w_31 + n_2 w_32 + b_3
    y_out = sigmoid(a_y_out)
    E = (y_out − y)^2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x_1": (),
    "x_2": (),
    "y": (),
}
PARAMETERS = {
    "w_11": (),
    "w_21": (),
    "b_1": (),
    "w_12": (),
    "w_22": (),
    "b_2": (),
    "w_31": (),
    "w_32": (),
    "b_3": (),
}
LETTERS = {"B"}
# The numbers that the note gives to parameters.
VALUES = {
    "w_11": -2,
    "w_21": -2,
    "b_1": 3,
    "w_12": 2,
    "w_22": 2,
    "b_2": -1,
    "w_31": 1,
    "w_32": 1,
    "b_3": -1,
}
# Sizes for the self-check.
SIZES = ({"B": 3}, {"B": 5})


def _sigmoid(x):
    """Compute 1 / (exp(−x) + 1) for each entry of x.

    The exponential of -|x| is at most 1, so nothing overflows; tiny values keep all their digits.
    """
    t = np.abs(x)
    np.negative(t, out=t)
    np.exp(t, out=t)
    y = np.maximum(t, x >= 0)
    y /= t + 1
    return y


def forward(params, x_1, x_2, y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with w_11 (), w_21 (), b_1 (), w_12 (), w_22 (), b_2 (), w_31 (), w_32 (), b_3 ()
    x_1: input, () or (B,)
    x_2: input, () or (B,)
    y: target, () or (B,)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x_1": x_1, "x_2": x_2, "y": y}
    arrays, _ = _arrays(params, data)
    x_1 = arrays["x_1"]
    x_2 = arrays["x_2"]
    y = arrays["y"]
    w_11 = arrays["w_11"]
    w_21 = arrays["w_21"]
    b_1 = arrays["b_1"]
    w_12 = arrays["w_12"]
    w_22 = arrays["w_22"]
    b_2 = arrays["b_2"]
    w_31 = arrays["w_31"]
    w_32 = arrays["w_32"]
    b_3 = arrays["b_3"]
    B = x_1.shape[0]
    a_n_1 = w_11 * x_1 + w_21 * x_2 + b_1
    n_1 = _sigmoid(a_n_1)
    a_n_2 = w_12 * x_1 + w_22 * x_2 + b_2
    n_2 = _sigmoid(a_n_2)
    a_y_out = w_31 * n_1 + w_32 * n_2 + b_3
    y_out = _sigmoid(a_y_out)
    E = (y_out - y) ** 2
    loss = E.sum() / B
    cache = {
        "x_1": x_1,  # (B,), for d_w_12 and d_w_11
        "x_2": x_2,  # (B,), for d_w_22 and d_w_21
        "y": y,  # (B,), for d_y_out
        "w_31": w_31,  # (), for d_n_1
        "w_32": w_32,  # (), for d_n_2
        "n_1": n_1,  # (B,), for d_w_31 and d_a_n_1
        "n_2": n_2,  # (B,), for d_w_32 and d_a_n_2
        "y_out": y_out,  # (B,), for d_y_out and d_a_y_out
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂y_out[b] = 2 (y_out[b] − y[b]) / B
    ∂a_y_out[b] = (1 − y_out[b]) y_out[b] ∂y_out[b]
    ∂w_31 = Σ_b n_1[b] ∂a_y_out[b]
    ∂w_32 = Σ_b n_2[b] ∂a_y_out[b]
    ∂b_3 = Σ_b ∂a_y_out[b]
    ∂n_2[b] = ∂a_y_out[b] w_32
    ∂a_n_2[b] = (1 − n_2[b]) n_2[b] ∂n_2[b]
    ∂w_12 = Σ_b x_1[b] ∂a_n_2[b]
    ∂w_22 = Σ_b x_2[b] ∂a_n_2[b]
    ∂b_2 = Σ_b ∂a_n_2[b]
    ∂n_1[b] = ∂a_y_out[b] w_31
    ∂a_n_1[b] = (1 − n_1[b]) n_1[b] ∂n_1[b]
    ∂w_11 = Σ_b x_1[b] ∂a_n_1[b]
    ∂w_21 = Σ_b x_2[b] ∂a_n_1[b]
    ∂b_1 = Σ_b ∂a_n_1[b]
    """
    x_1 = cache["x_1"]
    x_2 = cache["x_2"]
    y = cache["y"]
    w_31 = cache["w_31"]
    w_32 = cache["w_32"]
    n_1 = cache["n_1"]
    n_2 = cache["n_2"]
    y_out = cache["y_out"]
    B = x_1.shape[0]
    d_y_out = 2 / B * (y_out - y)
    d_a_y_out = (1 - y_out) * y_out * d_y_out
    d_w_31 = n_1 @ d_a_y_out
    d_w_32 = n_2 @ d_a_y_out
    d_b_3 = d_a_y_out.sum()
    d_n_2 = w_32 * d_a_y_out
    d_a_n_2 = (1 - n_2) * n_2 * d_n_2
    d_w_12 = x_1 @ d_a_n_2
    d_w_22 = x_2 @ d_a_n_2
    d_b_2 = d_a_n_2.sum()
    d_n_1 = w_31 * d_a_y_out
    d_a_n_1 = (1 - n_1) * n_1 * d_n_1
    d_w_11 = x_1 @ d_a_n_1
    d_w_21 = x_2 @ d_a_n_1
    d_b_1 = d_a_n_1.sum()
    return {
        "w_11": d_w_11,
        "w_21": d_w_21,
        "b_1": d_b_1,
        "w_12": d_w_12,
        "w_22": d_w_22,
        "b_2": d_b_2,
        "w_31": d_w_31,
        "w_32": d_w_32,
        "b_3": d_b_3,
    }


def value_and_grad(params, x_1, x_2, y):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, x_1, x_2, y)
    return loss, backward(cache)


def _arrays(params, data):
    """Check names and shapes, agree on one floating data type, and give a single sample a batch axis."""
    missing = [name for name in PARAMETERS if name not in params]
    unknown = [str(name) for name in params if name not in PARAMETERS]
    if missing or unknown:
        what = [f"missing: {', '.join(missing)}"] if missing else []
        what += [f"unknown: {', '.join(unknown)}"] if unknown else []
        raise ValueError(f"params must hold {', '.join(PARAMETERS) or 'nothing'}; {'; '.join(what)}")
    arrays = {name: np.asarray(value) for name, value in {**data, **params}.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold real numbers, but its data type is {array.dtype}")
    floating = [array.dtype for array in arrays.values() if array.dtype.kind == "f"]
    dtype = np.result_type(*floating) if floating else np.dtype(float)
    arrays = {name: array.astype(dtype, copy=False) for name, array in arrays.items()}
    single = all(arrays[name].ndim == len(DATA[name]) for name in data)
    lead = () if single else ("B",)
    sizes, owners = {}, {}
    for name, array in arrays.items():
        letters = (*lead, *DATA[name]) if name in DATA else PARAMETERS[name]
        own = {letter: size for letter, size in zip(letters, array.shape, strict=False) if letter in LETTERS}
        known = own | sizes
        wanted = tuple(known.get(letter, letter) for letter in letters)
        if array.shape != wanted:
            message = f"{name} must have shape {_shown(letters)} = {_shown(wanted)}, "
            message += f"but it has shape {_shown(array.shape)}"
            for letter in dict.fromkeys(letters):
                message += f"; {letter} = {sizes[letter]} in {owners[letter]}" if letter in sizes else ""
            raise ValueError(message)
        sizes, owners = known, dict.fromkeys(own, name) | owners
    if single:
        arrays.update({name: arrays[name][None] for name in data})
    return arrays, single


def _shown(shape):
    """Write a shape as text."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _example(rng, sizes, draw):
    """Random parameters and data for the self-check."""
    B = sizes["B"]
    params = {
        "w_11": draw(()),
        "w_21": draw(()),
        "b_1": draw(()),
        "w_12": draw(()),
        "w_22": draw(()),
        "b_2": draw(()),
        "w_31": draw(()),
        "w_32": draw(()),
        "b_3": draw(()),
    }
    data = [
        draw((B,)),
        draw((B,)),
        rng.uniform(0.1, 0.9, (B,)),
    ]
    return params, data


def _loss(params, data):
    """Compute the loss as one number; outside of where it is defined that is nan."""
    with np.errstate(all="ignore"):
        return np.sum(forward(params, *data)[0])


def _numeric(params, data, array):
    """Differentiate the loss numerically, by central differences.

    Of two step widths the better one counts for each entry: a step across a kink says nothing.
    """
    slopes = []
    for step in (1e-4, 1e-6):
        slope = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            value = array[place]
            array[place] = value + step
            above = _loss(params, data)
            array[place] = value - step
            below = _loss(params, data)
            array[place] = value
            slope[place] = (above - below) / (2 * step)
        slopes.append(slope)
    return slopes


def check(seed=0):
    """Compare the gradients with numeric ones at two sizes, print a table, and tell whether all agree."""
    rng = np.random.default_rng(seed)
    passed = True
    for sizes in SIZES:
        params, data = _example(rng, sizes, lambda shape: rng.normal(0.0, 0.7, shape))
        if not np.isfinite(_loss(params, data)):
            # Not every number will do: there are logarithms or roots. Numbers between 0 and 1 may.
            params, data = _example(rng, sizes, lambda shape: rng.uniform(0.2, 0.8, shape))
        _, grads = value_and_grad(params, *data)
        leaves = {**params, **dict(zip(DATA, data, strict=True))}
        print("sizes:", ", ".join(f"{letter} = {size}" for letter, size in sizes.items()) or "none")
        for name, grad in grads.items():
            array = leaves[name]
            error = np.min([abs(slope - grad) for slope in _numeric(params, data, array)], axis=0).max()
            error /= max(abs(grad).max(), 1e-3)
            right = bool(error < 1e-6)  # nan is not
            passed = passed and right
            verdict = "ok" if right else "WRONG"
            print(f"  {name:<12} {_shown(array.shape):<14} relative error {error:.1e}  {verdict}")
    print("all gradients agree" if passed else "some gradients are WRONG")
    return passed


if __name__ == "__main__":
    raise SystemExit(0 if check() else 1)
