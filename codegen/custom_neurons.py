"""Neurons with squares and products: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    h_1 = (w_1 x_2 + x_1)^2
    h_2 = w_2 x_1 x_2
    yhat = h_1 w_3 + h_2 w_4 + w_5
    E = (y − yhat)^2

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
    "w_1": (),
    "w_2": (),
    "w_3": (),
    "w_4": (),
    "w_5": (),
}
LETTERS = {"B"}
# The numbers that the note gives to parameters.
VALUES = {
    "w_1": 1,
    "w_2": 2,
    "w_3": 1,
    "w_4": 1,
    "w_5": 0,
}
# Sizes for the self-check.
SIZES = ({"B": 3}, {"B": 5})


def forward(params, x_1, x_2, y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with w_1 (), w_2 (), w_3 (), w_4 (), w_5 ()
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
    w_1 = arrays["w_1"]
    w_2 = arrays["w_2"]
    w_3 = arrays["w_3"]
    w_4 = arrays["w_4"]
    w_5 = arrays["w_5"]
    B = x_1.shape[0]
    h_1 = (w_1 * x_2 + x_1) ** 2
    h_2 = w_2 * x_1 * x_2
    yhat = w_3 * h_1 + w_4 * h_2 + w_5
    E = (y - yhat) ** 2
    loss = E.sum() / B
    cache = {
        "x_1": x_1,  # (B,), for d_w_2 and d_w_1
        "x_2": x_2,  # (B,), for d_w_2 and d_w_1
        "y": y,  # (B,), for d_yhat
        "w_1": w_1,  # (), for d_w_1
        "w_3": w_3,  # (), for d_h_1
        "w_4": w_4,  # (), for d_h_2
        "h_1": h_1,  # (B,), for d_w_3
        "h_2": h_2,  # (B,), for d_w_4
        "yhat": yhat,  # (B,), for d_yhat
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂yhat[b] = 2 (yhat[b] − y[b]) / B
    ∂w_3 = Σ_b h_1[b] ∂yhat[b]
    ∂w_4 = Σ_b h_2[b] ∂yhat[b]
    ∂w_5 = Σ_b ∂yhat[b]
    ∂h_2[b] = ∂yhat[b] w_4
    ∂w_2 = Σ_b x_1[b] x_2[b] ∂h_2[b]
    ∂h_1[b] = ∂yhat[b] w_3
    ∂w_1 = Σ_b (2 x_1[b] + 2 x_2[b] w_1) x_2[b] ∂h_1[b]
    """
    x_1 = cache["x_1"]
    x_2 = cache["x_2"]
    y = cache["y"]
    w_1 = cache["w_1"]
    w_3 = cache["w_3"]
    w_4 = cache["w_4"]
    h_1 = cache["h_1"]
    h_2 = cache["h_2"]
    yhat = cache["yhat"]
    B = x_1.shape[0]
    d_yhat = 2 / B * (yhat - y)
    d_w_3 = h_1 @ d_yhat
    d_w_4 = h_2 @ d_yhat
    d_w_5 = d_yhat.sum()
    d_h_2 = w_4 * d_yhat
    d_w_2 = d_h_2 @ (x_1 * x_2)
    d_h_1 = w_3 * d_yhat
    d_w_1 = d_h_1 @ ((2 * x_1 + 2 * w_1 * x_2) * x_2)
    return {
        "w_1": d_w_1,
        "w_2": d_w_2,
        "w_3": d_w_3,
        "w_4": d_w_4,
        "w_5": d_w_5,
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
        "w_1": draw(()),
        "w_2": draw(()),
        "w_3": draw(()),
        "w_4": draw(()),
        "w_5": draw(()),
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
