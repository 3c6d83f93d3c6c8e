"""An Elman network: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a[t, i] = Σ_k W[i, k] x[t, k] + Σ_j U[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b[i]
    h[t, i] = tanh(a[t, i])
    yhat[t, i] = Σ_k V[i, k] h[t, k] + c[i]
    L = Σ_t Σ_j (yhat[t, j] − y[t, j])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("T", "d"),
    "y": ("T", "o"),
}
PARAMETERS = {
    "W": ("n", "d"),
    "U": ("n", "n"),
    "b": ("n",),
    "V": ("o", "n"),
    "c": ("o",),
}
LETTERS = {"B", "T", "d", "o", "n"}
# Sizes for the self-check.
SIZES = ({"B": 3, "T": 4, "d": 5, "o": 2, "n": 6}, {"B": 5, "T": 2, "d": 3, "o": 4, "n": 1})


def forward(params, x, y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W (n, d), U (n, n), b (n,), V (o, n), c (o,)
    x: input, (T, d) or (B, T, d)
    y: target, (T, o) or (B, T, o)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "y": y}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    y = arrays["y"]
    W = arrays["W"]
    U = arrays["U"]
    b = arrays["b"]
    V = arrays["V"]
    c = arrays["c"]
    T = x.shape[1]
    B = x.shape[0]
    n = W.shape[0]
    a_in = np.tensordot(x, W, axes=((2,), (1,)))
    a_in += b
    h = np.zeros((T + 1, B, n), x.dtype)
    U_T = np.ascontiguousarray(U.T)
    for t in range(T):
        a_t = h[t - 1] @ U_T
        a_t += a_in[:, t]
        h_t = np.tanh(a_t, out=a_t)
        h[t] = h_t
    yhat = np.tensordot(h[:T], V, axes=((2,), (1,)))
    yhat += c
    squared = yhat.transpose(1, 0, 2) - y
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / 2
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, T, d), for d_W
        "y": y,  # (B, T, o), for d_yhat
        "U": U,  # (n, n), for d_a
        "V": V,  # (o, n), for d_h_in
        "h": h,  # (T + 1, B, n), for d_V, d_a and d_U
        "yhat": yhat,  # (T, B, o), for d_yhat
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂yhat[b, t, i] = (yhat[b, t, i] − y[b, t, i]) / B
    ∂V[i, j] = Σ_b Σ_t h[b, t, j] ∂yhat[b, t, i]
    ∂c[i] = Σ_b Σ_t ∂yhat[b, t, i]
    ∂h[b, t, i] = [0 ≤ t + 1 < T] Σ_j ∂a[b, t + 1, j] U[j, i] + Σ_k ∂yhat[b, t, k] V[k, i]
    ∂a[b, t, i] = (1 − h[b, t, i]^2) ∂h[b, t, i]
    ∂W[i, j] = Σ_b Σ_t x[b, t, j] ∂a[b, t, i]
    ∂U[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a[b, t, i] [0 ≤ t − 1 < T]
    ∂b[i] = Σ_b Σ_t ∂a[b, t, i]
    """
    x = cache["x"]
    y = cache["y"]
    U = cache["U"]
    V = cache["V"]
    h = cache["h"]
    yhat = cache["yhat"]
    B = x.shape[0]
    T = x.shape[1]
    n = U.shape[0]
    d_yhat = yhat.transpose(1, 0, 2) - y
    d_yhat /= B
    d_V = np.tensordot(d_yhat, h[:T], axes=((0, 1), (1, 0)))
    d_c = d_yhat.sum(axis=(0, 1))
    d_h_in = np.tensordot(d_yhat, V, axes=((2,), (0,)))
    d_a = np.zeros((T + 1, B, n), x.dtype)
    for t in reversed(range(T)):
        d_h_t = d_a[t + 1] @ U
        d_h_t += d_h_in[:, t]
        d_a_t = h[t] ** 2
        np.subtract(1, d_a_t, out=d_a_t)
        d_a_t *= d_h_t
        d_a[t] = d_a_t
    d_W = np.tensordot(d_a[:T], x, axes=((0, 1), (1, 0)))
    t_2 = np.pad(h[:T], ((1, 0), (0, 0), (0, 0)))
    d_U = np.tensordot(d_a[:T], t_2[:T], axes=((0, 1), (0, 1)))
    d_b = d_a[:T].sum(axis=(0, 1))
    return {
        "W": d_W,
        "U": d_U,
        "b": d_b,
        "V": d_V,
        "c": d_c,
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
    T = sizes["T"]
    d = sizes["d"]
    o = sizes["o"]
    n = sizes["n"]
    params = {
        "W": draw((n, d)),
        "U": draw((n, n)),
        "b": draw((n,)),
        "V": draw((o, n)),
        "c": draw((o,)),
    }
    data = [
        draw((B, T, d)),
        rng.uniform(0.1, 0.9, (B, T, o)),
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
