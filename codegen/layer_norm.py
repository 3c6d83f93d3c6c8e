"""Layer normalisation between two layers: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a[i] = Σ_k V[i, k] x[k]
    h = layer_norm(a, gamma, beta)
    y[i] = Σ_k W[i, k] h[k]
    L = Σ_i (y[i] − t[i])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("n",),
    "t": ("m",),
}
PARAMETERS = {
    "V": ("d", "n"),
    "gamma": ("d",),
    "beta": ("d",),
    "W": ("m", "d"),
}
LETTERS = {"B", "n", "m", "d"}
# Constants for the self-check.
CONSTANTS = {
    "epsilon": 0.7,
}

# Sizes for the self-check.
SIZES = ({"B": 3, "n": 4, "m": 5, "d": 2}, {"B": 5, "n": 2, "m": 3, "d": 4})


def forward(params, x, t, *, epsilon):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with V (d, n), gamma (d,), beta (d,), W (m, d)
    x: input, (n,) or (B, n)
    t: target, (m,) or (B, m)
    epsilon: a number
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "t": t}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    t = arrays["t"]
    V = arrays["V"]
    gamma = arrays["gamma"]
    beta = arrays["beta"]
    W = arrays["W"]
    d = V.shape[0]
    B = x.shape[0]
    a = x @ V.T
    mu_h = a.sum(axis=1) / d
    a -= mu_h[:, None]
    sigma_h = np.sqrt((a**2).sum(axis=1) / d + epsilon)
    a /= sigma_h[:, None]
    xhat_h = a
    h = xhat_h * gamma
    h += beta
    y = h @ W.T
    squared = y - t
    np.square(squared, out=squared)
    L = squared.sum(axis=1) / 2
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, n), for d_V
        "t": t,  # (B, m), for d_y
        "gamma": gamma,  # (d,), for d_a
        "W": W,  # (m, d), for d_h
        "sigma_h": sigma_h,  # (B,), for d_a
        "xhat_h": xhat_h,  # (B, d), for d_gamma and d_a
        "h": h,  # (B, d), for d_W
        "y": y,  # (B, m), for d_y
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂y[b, i] = (y[b, i] − t[b, i]) / B
    ∂W[i, j] = Σ_b h[b, j] ∂y[b, i]
    ∂h[b, i] = Σ_j W[j, i] ∂y[b, j]
    ∂gamma[i] = Σ_b xhat_h[b, i] ∂h[b, i]
    ∂beta[i] = Σ_b ∂h[b, i]
    ∂a[b, i] = (∂h[b, i] gamma[i] d − Σ_j ∂h[b, j] gamma[j] − xhat_h[b, i] Σ_j xhat_h[b, j] ∂h[b, j]
        gamma[j]) / (sigma_h[b] d)
    ∂V[i, j] = Σ_b x[b, j] ∂a[b, i]
    """
    x = cache["x"]
    t = cache["t"]
    gamma = cache["gamma"]
    W = cache["W"]
    sigma_h = cache["sigma_h"]
    xhat_h = cache["xhat_h"]
    h = cache["h"]
    y = cache["y"]
    B = x.shape[0]
    d = gamma.shape[0]
    d_y = y - t
    d_y /= B
    d_W = d_y.T @ h
    d_h = d_y @ W
    d_gamma = np.einsum("ba,ba->a", xhat_h, d_h)
    d_beta = d_h.sum(axis=0)
    t_2 = d_h * (d * gamma)
    t_2 -= xhat_h * np.einsum("ab,ab->a", d_h, xhat_h * gamma)[:, None]
    t_2 -= (d_h @ gamma)[:, None]
    t_2 *= 1 / d
    t_2 /= sigma_h[:, None]
    d_a = t_2
    d_V = d_a.T @ x
    return {
        "V": d_V,
        "gamma": d_gamma,
        "beta": d_beta,
        "W": d_W,
    }


def value_and_grad(params, x, t, *, epsilon):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, x, t, epsilon=epsilon)
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
    m = sizes["m"]
    d = sizes["d"]
    params = {
        "V": draw((d, n)),
        "gamma": draw((d,)),
        "beta": draw((d,)),
        "W": draw((m, d)),
    }
    data = [
        draw((B, n)),
        rng.uniform(0.1, 0.9, (B, m)),
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
