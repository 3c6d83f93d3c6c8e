"""Two sigmoid neurons in a row: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    p_1 = w_1 x
    y = sigmoid(p_1)
    p_2 = w_2 y
    z = sigmoid(p_2)
    P = −(d − z)^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": (),
    "d": (),
}
PARAMETERS = {
    "w_1": (),
    "w_2": (),
}
LETTERS = {"B"}
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


def forward(params, x, d):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with w_1 (), w_2 ()
    x: input, () or (B,)
    d: target, () or (B,)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "d": d}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    d = arrays["d"]
    w_1 = arrays["w_1"]
    w_2 = arrays["w_2"]
    B = x.shape[0]
    p_1 = w_1 * x
    y = _sigmoid(p_1)
    p_2 = w_2 * y
    z = _sigmoid(p_2)
    P = -((d - z) ** 2 / 2)
    loss = P.sum() / B
    cache = {
        "x": x,  # (B,), for d_w_1
        "d": d,  # (B,), for d_z
        "w_2": w_2,  # (), for d_y
        "y": y,  # (B,), for d_w_2 and d_p_1
        "z": z,  # (B,), for d_z and d_p_2
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂z[b] = (d[b] − z[b]) / B
    ∂p_2[b] = (1 − z[b]) z[b] ∂z[b]
    ∂w_2 = Σ_b y[b] ∂p_2[b]
    ∂y[b] = ∂p_2[b] w_2
    ∂p_1[b] = (1 − y[b]) y[b] ∂y[b]
    ∂w_1 = Σ_b x[b] ∂p_1[b]
    """
    x = cache["x"]
    d = cache["d"]
    w_2 = cache["w_2"]
    y = cache["y"]
    z = cache["z"]
    B = x.shape[0]
    d_z = (d - z) / B
    d_p_2 = (1 - z) * z * d_z
    d_w_2 = y @ d_p_2
    d_y = w_2 * d_p_2
    d_p_1 = (1 - y) * y * d_y
    d_w_1 = x @ d_p_1
    return {
        "w_1": d_w_1,
        "w_2": d_w_2,
    }


def value_and_grad(params, x, d):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, x, d)
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
    }
    data = [
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
