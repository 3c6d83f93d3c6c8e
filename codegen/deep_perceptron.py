"""A perceptron with L layers: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a_0[i] = x[i]
    z[ell, i] = Σ_l W[ell, i, l] (a_0[l] [ell = 0] + a[ell − 1, l] [0 ≤ ell − 1 < L]) + b[ell, i]
    a[ell, i] = sigmoid(z[ell, i])
    E = Σ_j (a[L − 1, j] − y[j])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("n",),
    "y": ("n",),
}
PARAMETERS = {
    "W": ("L", "n", "n"),
    "b": ("L", "n"),
}
LETTERS = {"B", "n", "L"}
# Sizes for the self-check.
SIZES = ({"B": 3, "n": 4, "L": 5}, {"B": 5, "n": 2, "L": 3})


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


def forward(params, x, y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W (L, n, n), b (L, n)
    x: input, (n,) or (B, n)
    y: target, (n,) or (B, n)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "y": y}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    y = arrays["y"]
    W = arrays["W"]
    b = arrays["b"]
    L = W.shape[0]
    B = x.shape[0]
    n = x.shape[1]
    a = np.zeros((L + 1, B, n), x.dtype)
    for ell in range(L):
        t = float(ell == 0) * x
        t += a[ell - 1]
        z_ell = t @ W[ell].T
        z_ell += b[ell]
        a_ell = _sigmoid(z_ell)
        a[ell] = a_ell
    squared = a[L - 1] - y
    np.square(squared, out=squared)
    E = squared.sum(axis=1) / 2
    loss = E.sum() / B
    cache = {
        "x": x,  # (B, n), for d_W
        "y": y,  # (B, n), for d_z
        "W": W,  # (L, n, n), for d_z
        "a": a,  # (L + 1, B, n), for d_z and d_W
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂a[b, ell, i] = [0 ≤ ell + 1 < L] Σ_j W[ell + 1, j, i] ∂z[b, ell + 1, j] + (a[b, L − 1, i] − y[b, i])
        [ell + 1 − L = 0] / B
    ∂z[b, ell, i] = (1 − a[b, ell, i]) a[b, ell, i] ∂a[b, ell, i]
    ∂W[ell, j, k] = Σ_b (a_0[b, k] [ell = 0] + a[b, ell − 1, k] [0 ≤ ell − 1 < L]) ∂z[b, ell, j]
    ∂b[ell, j] = Σ_b ∂z[b, ell, j]
    """
    x = cache["x"]
    y = cache["y"]
    W = cache["W"]
    a = cache["a"]
    L = W.shape[0]
    B = x.shape[0]
    n = x.shape[1]
    t = a[L - 1] - y
    t_2 = np.pad(W, ((0, 1), (0, 0), (0, 0)))
    d_z = np.zeros((L + 1, B, n), x.dtype)
    for ell in reversed(range(L)):
        d_a_ell = d_z[ell + 1] @ t_2[ell + 1]
        d_a_ell += float(ell + 1 - L == 0) / B * t
        d_z_ell = 1 - a[ell]
        d_z_ell *= a[ell]
        d_z_ell *= d_a_ell
        d_z[ell] = d_z_ell
    t_3 = x.T * (np.arange(L) == 0)[:, None, None]
    t_3 += np.pad(a[:L], ((1, 0), (0, 0), (0, 0)))[:L].transpose(0, 2, 1)
    d_W = d_z[:L].transpose(0, 2, 1) @ t_3.transpose(0, 2, 1)
    d_b = d_z[:L].sum(axis=1)
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
    L = sizes["L"]
    params = {
        "W": draw((L, n, n)),
        "b": draw((L, n)),
    }
    data = [
        draw((B, n)),
        rng.uniform(0.1, 0.9, (B, n)),
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
