"""Logistic regression on a batch: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    z[i] = Σ_k X[i, k] w[k]
    s[i] = sigmoid(z[i])
    L = −Σ_i ((1 − y[i]) log(1 − s[i]) + y[i] log(s[i])) / N

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "X": ("N", "d"),
    "y": ("N",),
}
PARAMETERS = {
    "w": ("d",),
}
LETTERS = {"B", "N", "d"}
# Sizes for the self-check.
SIZES = ({"B": 3, "N": 4, "d": 5}, {"B": 5, "N": 2, "d": 3})


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


def _log_sigmoid(x):
    """Compute log(1 / (exp(−x) + 1)) for each entry of x.

    The logarithm of a number that would round to 0 or to 1.
    """
    t = np.abs(x)
    np.negative(t, out=t)
    np.exp(t, out=t)
    np.log1p(t, out=t)
    y = np.minimum(x, 0)
    y -= t
    return y


def forward(params, X, y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with w (d,)
    X: input, (N, d) or (B, N, d)
    y: target, (N,) or (B, N)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"X": X, "y": y}
    arrays, _ = _arrays(params, data)
    X = arrays["X"]
    y = arrays["y"]
    w = arrays["w"]
    N = X.shape[1]
    B = X.shape[0]
    z = np.tensordot(X, w, axes=((2,), (0,)))
    s = _sigmoid(z)
    t = _log_sigmoid(z)
    t *= y
    t_2 = 1 - y
    t_2 *= _log_sigmoid(-z)
    t_2 += t
    L = -(t_2.sum(axis=1) / N)
    loss = L.sum() / B
    cache = {
        "X": X,  # (B, N, d), for d_w
        "y": y,  # (B, N), for d_z
        "s": s,  # (B, N), for d_z
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂z[b, i] = (s[b, i] − y[b, i]) / (B N)
    ∂w[i] = Σ_b Σ_j X[b, j, i] ∂z[b, j]
    """
    X = cache["X"]
    y = cache["y"]
    s = cache["s"]
    B = X.shape[0]
    N = X.shape[1]
    d_z = s - y
    d_z /= B * N
    d_w = np.tensordot(X, d_z, axes=((0, 1), (0, 1)))
    return {
        "w": d_w,
    }


def value_and_grad(params, X, y):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, X, y)
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
    N = sizes["N"]
    d = sizes["d"]
    params = {
        "w": draw((d,)),
    }
    data = [
        draw((B, N, d)),
        rng.uniform(0.1, 0.9, (B, N)),
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
