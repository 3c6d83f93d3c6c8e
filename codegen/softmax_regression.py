"""Softmax regression: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    z[i] = Σ_k W[i, k] x[k] + b[i]
    p = softmax(z)
    L = −Σ_k t[k] log(p[k])

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("d",),
    "t": ("K",),
}
PARAMETERS = {
    "W": ("K", "d"),
    "b": ("K",),
}
LETTERS = {"B", "d", "K"}
# Sizes for the self-check.
SIZES = ({"B": 3, "d": 4, "K": 5}, {"B": 5, "d": 2, "K": 3})


def forward(params, x, t):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W (K, d), b (K,)
    x: input, (d,) or (B, d)
    t: target, (K,) or (B, K)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "t": t}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    t = arrays["t"]
    W = arrays["W"]
    b = arrays["b"]
    B = x.shape[0]
    z = x @ W.T
    z += b
    # The largest exponent is subtracted: e_p stays in range, and the factor is accounted for below.
    e_p_max = z.max(axis=1)
    z -= e_p_max[:, None]
    e_p_shifted = z
    e_p = np.exp(e_p_shifted)
    z_p = e_p.sum(axis=1)
    e_p /= z_p[:, None]
    p = e_p
    L = -np.einsum("ab,ab->a", e_p_shifted - np.log(z_p)[:, None], t)
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, d), for d_W
        "t": t,  # (B, K), for d_z
        "p": p,  # (B, K), for d_z
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂z[b, i] = (p[b, i] − t[b, i]) / B
    ∂W[i, j] = Σ_b x[b, j] ∂z[b, i]
    ∂b[i] = Σ_b ∂z[b, i]
    """
    x = cache["x"]
    t = cache["t"]
    p = cache["p"]
    B = x.shape[0]
    d_z = p - t
    d_z /= B
    d_W = d_z.T @ x
    d_b = d_z.sum(axis=0)
    return {
        "W": d_W,
        "b": d_b,
    }


def value_and_grad(params, x, t):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, x, t)
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


def _summing_to(value, array, axis):
    """Scale an array so that its entries along an axis add up to a value."""
    return value * array / array.sum(axis=axis, keepdims=True)


def _example(rng, sizes, draw):
    """Random parameters and data for the self-check."""
    B = sizes["B"]
    d = sizes["d"]
    K = sizes["K"]
    params = {
        "W": draw((K, d)),
        "b": draw((K,)),
    }
    data = [
        draw((B, d)),
        _summing_to(1, rng.uniform(0.1, 0.9, (B, K)), 1),
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
