"""A perceptron with dropout: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a[i] = Σ_k W_1[i, k] x[k] + b_1[i]
    h[i] = relu(a[i])
    htilde[i] = dropout(h[i], m[i], p)
    y[i] = Σ_k W_2[i, k] htilde[k] + b_2[i]
    L = Σ_i (y[i] − t[i])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("n",),
    "m": ("d",),
    "t": ("k",),
}
PARAMETERS = {
    "W_1": ("d", "n"),
    "b_1": ("d",),
    "W_2": ("k", "d"),
    "b_2": ("k",),
}
LETTERS = {"B", "n", "d", "k"}
# Constants for the self-check.
CONSTANTS = {
    "p": 0.7,
}

# Sizes for the self-check.
SIZES = ({"B": 3, "n": 4, "d": 5, "k": 2}, {"B": 5, "n": 2, "d": 3, "k": 4})


def forward(params, x, m, t, *, p):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W_1 (d, n), b_1 (d,), W_2 (k, d), b_2 (k,)
    x: input, (n,) or (B, n)
    m: input, (d,) or (B, d)
    t: target, (k,) or (B, k)
    p: a number
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "m": m, "t": t}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    m = arrays["m"]
    t = arrays["t"]
    W_1 = arrays["W_1"]
    b_1 = arrays["b_1"]
    W_2 = arrays["W_2"]
    b_2 = arrays["b_2"]
    B = x.shape[0]
    a = x @ W_1.T
    a += b_1
    h = np.maximum(a, 0)
    h *= m
    htilde = h
    htilde /= 1 - p
    y = htilde @ W_2.T
    y += b_2
    squared = y - t
    np.square(squared, out=squared)
    L = squared.sum(axis=1) / 2
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, n), for d_W_1
        "m": m,  # (B, d), for d_h
        "t": t,  # (B, k), for d_y
        "W_2": W_2,  # (k, d), for d_htilde
        "a": a,  # (B, d), for d_a
        "htilde": htilde,  # (B, d), for d_W_2
        "y": y,  # (B, k), for d_y
        "p": p,  # a constant
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂y[b, i] = (y[b, i] − t[b, i]) / B
    ∂W_2[i, j] = Σ_b htilde[b, j] ∂y[b, i]
    ∂b_2[i] = Σ_b ∂y[b, i]
    ∂htilde[b, i] = Σ_j W_2[j, i] ∂y[b, j]
    ∂h[b, i] = m[b, i] ∂htilde[b, i] / (1 − p)
    ∂a[b, i] = [a[b, i] > 0] ∂h[b, i]
    ∂W_1[i, j] = Σ_b x[b, j] ∂a[b, i]
    ∂b_1[i] = Σ_b ∂a[b, i]
    """
    x = cache["x"]
    m = cache["m"]
    t = cache["t"]
    W_2 = cache["W_2"]
    a = cache["a"]
    htilde = cache["htilde"]
    y = cache["y"]
    p = cache["p"]
    B = x.shape[0]
    d_y = y - t
    d_y /= B
    d_W_2 = d_y.T @ htilde
    d_b_2 = d_y.sum(axis=0)
    d_htilde = d_y @ W_2
    d_htilde *= m
    d_h = d_htilde
    d_h /= 1 - p
    d_h *= a > 0
    d_a = d_h
    d_W_1 = d_a.T @ x
    d_b_1 = d_a.sum(axis=0)
    return {
        "W_1": d_W_1,
        "b_1": d_b_1,
        "W_2": d_W_2,
        "b_2": d_b_2,
    }


def value_and_grad(params, x, m, t, *, p):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, x, m, t, p=p)
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
    n = sizes["n"]
    d = sizes["d"]
    k = sizes["k"]
    params = {
        "W_1": draw((d, n)),
        "b_1": draw((d,)),
        "W_2": draw((k, d)),
        "b_2": draw((k,)),
    }
    data = [
        draw((B, n)),
        rng.integers(0, 2, (B, d)).astype(float),
        rng.uniform(0.1, 0.9, (B, k)),
    ]
    return params, data


def _loss(params, data):
    """Compute the loss as one number; outside of where it is defined that is nan."""
    with np.errstate(all="ignore"):
        return np.sum(forward(params, *data, **CONSTANTS)[0])


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
        _, grads = value_and_grad(params, *data, **CONSTANTS)
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
