"""A perceptron whose layers have different sizes: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a_0[i] = x[i]
    z[ell, i] = Σ_l W[ell, i, l] (a_0[l] [ell = 0] + a[ell − 1, l] [0 ≤ ell − 1 < L]) + b[ell, i]
    a[ell, j] = tanh(z[ell, j])
    J = Σ_j (a[L − 1, j] − y[j])^2 / n[L]

Data may have a leading batch axis; a single sample works too. float32 stays float32.
W and b are lists with one array for each layer; the layers have the sizes n[0], n[1], ….
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": (("n", "", 0),),
    "y": (("n", "L", 0),),
}
PARAMETERS = {
    "W": (("n", "ell", 1), ("n", "ell", 0)),
    "b": (("n", "ell", 1),),
}
# Lists with one array for each layer; a size is counted from the layer or from their number.
LISTS = {"W", "b"}
# Sizes for the self-check.
SIZES = ({"B": 3, "n": (3, 2, 4, 1)}, {"B": 5, "n": (2, 3)})


def forward(params, x, y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W (a list of L arrays (n[ell + 1], n[ell])), b (a list of L arrays (n[ell + 1],))
    x: input, (n[0],) or (B, n[0])
    y: target, (n[L],) or (B, n[L])
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "y": y}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    y = arrays["y"]
    W = arrays["W"]
    b = arrays["b"]
    L = len(W)
    B = x.shape[0]
    a = [None] * L
    for ell in range(L):
        if ell == 0:
            t = x
        else:
            t = a[ell - 1]
        z_ell = t @ W[ell].T
        z_ell += b[ell]
        a_ell = np.tanh(z_ell, out=z_ell)
        a[ell] = a_ell
    squared = a[L - 1] - y
    np.square(squared, out=squared)
    J = squared.sum(axis=1) / y.shape[1]
    loss = J.sum() / B
    cache = {
        "x": x,  # (B, n[0]), for d_W and d_b
        "y": y,  # (B, n[L]), for d_W and d_b
        "W": W,  # a list of L arrays, for d_W and d_b
        "a": a,  # a list of L arrays, for d_W and d_b
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂a[b, ell, j] = [0 ≤ ell + 1 < L] Σ_i W[ell + 1, i, j] ∂z[b, ell + 1, i] + 2 (a[b, L − 1, j] − y[b,
        j]) [ell + 1 − L = 0] / (B n[L])
    ∂z[b, ell, i] = (1 − a[b, ell, i]^2) ∂a[b, ell, i]
    ∂W[ell, j, k] = Σ_b (a_0[b, k] [ell = 0] + a[b, ell − 1, k] [0 ≤ ell − 1 < L]) ∂z[b, ell, j]
    ∂b[ell, j] = Σ_b ∂z[b, ell, j]
    """
    x = cache["x"]
    y = cache["y"]
    W = cache["W"]
    a = cache["a"]
    B = x.shape[0]
    L = len(W)
    t = a[L - 1] - y
    t *= 2 / (B * y.shape[1])
    d_z = [None] * L
    d_W = [None] * L
    d_b = [None] * L
    for ell in reversed(range(L)):
        if ell == L - 1:
            d_a_ell = t
        else:
            d_a_ell = d_z[ell + 1] @ W[ell + 1]
        d_z_ell = a[ell] ** 2
        np.subtract(1, d_z_ell, out=d_z_ell)
        d_z_ell *= d_a_ell
        d_z[ell] = d_z_ell
        if ell == 0:
            t_2 = x
        else:
            t_2 = a[ell - 1]
        d_W_ell = d_z_ell.T @ t_2
        d_W[ell] = d_W_ell
        d_b_ell = d_z_ell.sum(axis=0)
        d_b[ell] = d_b_ell
    return {
        "W": d_W,
        "b": d_b,
    }


def value_and_grad(params, x, y):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, x, y)
    return loss, backward(cache)


def _arrays(params, data):
    """Check names and shapes, agree on one floating data type, and give a single sample a batch axis."""
    missing = [name for name in PARAMETERS if name not in params]
    unknown = [str(name) for name in params if name not in PARAMETERS]
    if missing or unknown:
        what = [f"missing: {', '.join(missing)}"] if missing else []
        what += [f"unknown: {', '.join(unknown)}"] if unknown else []
        raise ValueError(f"params must hold {', '.join(PARAMETERS) or 'nothing'}; {'; '.join(what)}")
    counts = {name: len(params[name]) if isinstance(params[name], (list, tuple)) else 0 for name in PARAMETERS if name in LISTS}
    for name, count in counts.items():
        if count == 0:
            raise ValueError(f"{name} must be a list with one array for each layer")
    if len(set(counts.values())) > 1:
        told = " and ".join(f"{count} in {name}" for name, count in counts.items())
        raise ValueError(f"there must be one array for each layer, but there are {told}")
    L = next(iter(counts.values()))
    given, shapes = dict(data), {name: _letters(DATA[name], 0, L) for name in DATA}
    for name, sizes in PARAMETERS.items():
        for ell, part in enumerate(params[name]) if name in LISTS else [(None, params[name])]:
            one = name if ell is None else f"{name}[{ell}]"
            given[one], shapes[one] = part, _letters(sizes, ell, L)
    arrays = {name: np.asarray(value) for name, value in given.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{name} must hold real numbers, but its data type is {array.dtype}")
    floating = [array.dtype for array in arrays.values() if array.dtype.kind == "f"]
    dtype = np.result_type(*floating) if floating else np.dtype(float)
    arrays = {name: array.astype(dtype, copy=False) for name, array in arrays.items()}
    single = all(arrays[name].ndim == len(DATA[name]) for name in data)
    lead = () if single else ("B",)
    sizes, owners = {}, {}
    sizes["L"], owners["L"] = L, next(iter(counts))
    for name, array in arrays.items():
        letters = (*lead, *shapes[name]) if name in DATA else shapes[name]
        own = {letter: size for letter, size in zip(letters, array.shape, strict=False) if isinstance(letter, str)}
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
    arrays |= {name: [arrays[f"{name}[{ell}]"] for ell in range(L)] for name in counts}
    return arrays, single


def _letters(sizes, ell, L):
    """Name the sizes of one array: those of layers by their number, ("n", "ell", 1) is n[ell + 1]."""
    places = {"": 0, "ell": ell, "L": L}
    return tuple(f"{s[0]}[{places[s[1]] + s[2]}]" if isinstance(s, tuple) else s for s in sizes)


def _shown(shape):
    """Write a shape as text."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _example(rng, sizes, draw):
    """Random parameters and data for the self-check."""
    B = sizes["B"]
    n = sizes["n"]
    L = len(n) - 1
    params = {
        "W": [draw((n[ell + 1], n[ell])) for ell in range(L)],
        "b": [draw((n[ell + 1],)) for ell in range(L)],
    }
    data = [
        draw((B, n[0])),
        rng.uniform(0.1, 0.9, (B, n[L])),
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


def _named_parts(name, value):
    """Name the arrays of a list; an array is its only part."""
    return [(f"{name}[{ell}]", part) for ell, part in enumerate(value)] if isinstance(value, list) else [(name, value)]


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
        grads = {one: part for name, grad in grads.items() for one, part in _named_parts(name, grad)}
        leaves = {one: part for name, leaf in leaves.items() for one, part in _named_parts(name, leaf)}
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
