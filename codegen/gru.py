"""A gated recurrent unit: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a_z[t, i] = Σ_k W_z[i, k] x[t, k] + Σ_j U_z[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b_z[i]
    z[t, i] = sigmoid(a_z[t, i])
    a_r[t, i] = Σ_k W_r[i, k] x[t, k] + Σ_j U_r[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b_r[i]
    r[t, i] = sigmoid(a_r[t, i])
    a_htilde[t, i] = Σ_k W_h[i, k] x[t, k] + Σ_j U_h[i, j] h[t − 1, j] r[t, j] [0 ≤ t − 1 < T] +
        b_h[i]
    htilde[t, i] = tanh(a_htilde[t, i])
    h[t, j] = htilde[t, j] z[t, j] + (1 − z[t, j]) h[t − 1, j] [0 ≤ t − 1 < T]
    L = Σ_t Σ_j (h[t, j] − y[t, j])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("T", "d"),
    "y": ("T", "n"),
}
PARAMETERS = {
    "W_z": ("n", "d"),
    "U_z": ("n", "n"),
    "b_z": ("n",),
    "W_r": ("n", "d"),
    "U_r": ("n", "n"),
    "b_r": ("n",),
    "W_h": ("n", "d"),
    "U_h": ("n", "n"),
    "b_h": ("n",),
}
LETTERS = {"B", "T", "d", "n"}
# Sizes for the self-check.
SIZES = ({"B": 3, "T": 4, "d": 5, "n": 2}, {"B": 5, "T": 2, "d": 3, "n": 4})


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

    params: a dict with W_z (n, d), U_z (n, n), b_z (n,), W_r (n, d), U_r (n, n), b_r (n,), W_h (n, d), U_h
        (n, n), b_h (n,)
    x: input, (T, d) or (B, T, d)
    y: target, (T, n) or (B, T, n)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "y": y}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    y = arrays["y"]
    W_z = arrays["W_z"]
    U_z = arrays["U_z"]
    b_z = arrays["b_z"]
    W_r = arrays["W_r"]
    U_r = arrays["U_r"]
    b_r = arrays["b_r"]
    W_h = arrays["W_h"]
    U_h = arrays["U_h"]
    b_h = arrays["b_h"]
    T = x.shape[1]
    B = x.shape[0]
    n = y.shape[2]
    a_z_in = np.tensordot(x, W_z, axes=((2,), (1,)))
    a_z_in += b_z
    a_r_in = np.tensordot(x, W_r, axes=((2,), (1,)))
    a_r_in += b_r
    a_htilde_in = np.tensordot(x, W_h, axes=((2,), (1,)))
    a_htilde_in += b_h
    z = np.zeros((T + 1, B, n), x.dtype)
    r = np.zeros((T + 1, B, n), x.dtype)
    htilde = np.zeros((T + 1, B, n), x.dtype)
    h = np.zeros((T + 1, B, n), x.dtype)
    U_z_T = np.ascontiguousarray(U_z.T)
    U_r_T = np.ascontiguousarray(U_r.T)
    U_h_T = np.ascontiguousarray(U_h.T)
    for t in range(T):
        a_z_t = h[t - 1] @ U_z_T
        a_z_t += a_z_in[:, t]
        z_t = _sigmoid(a_z_t)
        z[t] = z_t
        a_r_t = h[t - 1] @ U_r_T
        a_r_t += a_r_in[:, t]
        r_t = _sigmoid(a_r_t)
        r[t] = r_t
        a_htilde_t = (h[t - 1] * r_t) @ U_h_T
        a_htilde_t += a_htilde_in[:, t]
        htilde_t = np.tanh(a_htilde_t, out=a_htilde_t)
        htilde[t] = htilde_t
        t_2 = 1 - z_t
        t_2 *= h[t - 1]
        htilde_t *= z_t
        h_t = htilde_t
        h_t += t_2
        h[t] = h_t
    squared = h[:T].transpose(1, 0, 2) - y
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / 2
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, T, d), for d_W_h, d_W_r and d_W_z
        "y": y,  # (B, T, n), for d_a_htilde, d_a_r and d_a_z
        "U_z": U_z,  # (n, n), for d_a_htilde, d_a_r and d_a_z
        "U_r": U_r,  # (n, n), for d_a_htilde, d_a_r and d_a_z
        "U_h": U_h,  # (n, n), for d_a_htilde, d_a_r and d_a_z
        "z": z,  # (T + 1, B, n), for d_a_htilde, d_a_r and d_a_z
        "r": r,  # (T + 1, B, n), for d_a_htilde, d_a_r, d_a_z and 1 more
        "htilde": htilde,  # (T + 1, B, n), for d_a_htilde, d_a_r and d_a_z
        "h": h,  # (T + 1, B, n), for d_a_htilde, d_a_r, d_a_z and 3 more
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂h[b, t, j] = [0 ≤ t + 1 < T] Σ_i ∂a_r[b, t + 1, i] U_r[i, j] + [0 ≤ t + 1 < T] Σ_i ∂a_z[b, t + 1, i]
        U_z[i, j] + r[b, t + 1, j] [0 ≤ t + 1 < T] Σ_i ∂a_htilde[b, t + 1, i] U_h[i, j] + (h[b, t, j] −
        y[b, t, j]) / B + (1 − z[b, t + 1, j]) ∂h[b, t + 1, j] [0 ≤ t + 1 < T]
    ∂htilde[b, t, i] = z[b, t, i] ∂h[b, t, i]
    ∂a_htilde[b, t, i] = (1 − htilde[b, t, i]^2) ∂htilde[b, t, i]
    ∂W_h[i, j] = Σ_b Σ_t x[b, t, j] ∂a_htilde[b, t, i]
    ∂U_h[i, j] = Σ_b Σ_t h[b, t − 1, j] r[b, t, j] ∂a_htilde[b, t, i] [0 ≤ t − 1 < T]
    ∂b_h[i] = Σ_b Σ_t ∂a_htilde[b, t, i]
    ∂r[b, t, i] = h[b, t − 1, i] [0 ≤ t − 1 < T] Σ_j ∂a_htilde[b, t, j] U_h[j, i]
    ∂a_r[b, t, i] = (1 − r[b, t, i]) r[b, t, i] ∂r[b, t, i]
    ∂W_r[i, j] = Σ_b Σ_t x[b, t, j] ∂a_r[b, t, i]
    ∂U_r[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a_r[b, t, i] [0 ≤ t − 1 < T]
    ∂b_r[i] = Σ_b Σ_t ∂a_r[b, t, i]
    ∂z[b, t, i] = (htilde[b, t, i] − h[b, t − 1, i] [0 ≤ t − 1 < T]) ∂h[b, t, i]
    ∂a_z[b, t, i] = (1 − z[b, t, i]) z[b, t, i] ∂z[b, t, i]
    ∂W_z[i, j] = Σ_b Σ_t x[b, t, j] ∂a_z[b, t, i]
    ∂U_z[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a_z[b, t, i] [0 ≤ t − 1 < T]
    ∂b_z[i] = Σ_b Σ_t ∂a_z[b, t, i]
    """
    x = cache["x"]
    y = cache["y"]
    U_z = cache["U_z"]
    U_r = cache["U_r"]
    U_h = cache["U_h"]
    z = cache["z"]
    r = cache["r"]
    htilde = cache["htilde"]
    h = cache["h"]
    T = x.shape[1]
    B = x.shape[0]
    n = y.shape[2]
    d_h = np.zeros((T + 1, B, n), x.dtype)
    d_a_htilde = np.zeros((T + 1, B, n), x.dtype)
    d_a_r = np.zeros((T + 1, B, n), x.dtype)
    d_a_z = np.zeros((T + 1, B, n), x.dtype)
    for t in reversed(range(T)):
        t_2 = 1 - z[t + 1]
        t_2 *= d_h[t + 1]
        t_3 = d_a_htilde[t + 1] @ U_h
        t_3 *= r[t + 1]
        d_h_t = h[t] - y[:, t]
        d_h_t /= B
        d_h_t += d_a_r[t + 1] @ U_r
        d_h_t += d_a_z[t + 1] @ U_z
        d_h_t += t_2
        d_h_t += t_3
        d_h[t] = d_h_t
        d_htilde_t = z[t] * d_h_t
        d_a_htilde_t = htilde[t] ** 2
        np.subtract(1, d_a_htilde_t, out=d_a_htilde_t)
        d_a_htilde_t *= d_htilde_t
        d_a_htilde[t] = d_a_htilde_t
        d_r_t = d_a_htilde_t @ U_h
        d_r_t *= h[t - 1]
        d_a_r_t = 1 - r[t]
        d_a_r_t *= r[t]
        d_a_r_t *= d_r_t
        d_a_r[t] = d_a_r_t
        d_z_t = htilde[t] - h[t - 1]
        d_z_t *= d_h_t
        d_a_z_t = 1 - z[t]
        d_a_z_t *= z[t]
        d_a_z_t *= d_z_t
        d_a_z[t] = d_a_z_t
    d_W_h = np.tensordot(d_a_htilde[:T], x, axes=((0, 1), (1, 0)))
    t_4 = np.pad(h[:T], ((1, 0), (0, 0), (0, 0)))
    d_U_h = np.tensordot(d_a_htilde[:T], t_4[:T] * r[:T], axes=((0, 1), (0, 1)))
    d_b_h = d_a_htilde[:T].sum(axis=(0, 1))
    d_W_r = np.tensordot(d_a_r[:T], x, axes=((0, 1), (1, 0)))
    d_U_r = np.tensordot(d_a_r[:T], t_4[:T], axes=((0, 1), (0, 1)))
    d_b_r = d_a_r[:T].sum(axis=(0, 1))
    d_W_z = np.tensordot(d_a_z[:T], x, axes=((0, 1), (1, 0)))
    d_U_z = np.tensordot(d_a_z[:T], t_4[:T], axes=((0, 1), (0, 1)))
    d_b_z = d_a_z[:T].sum(axis=(0, 1))
    return {
        "W_z": d_W_z,
        "U_z": d_U_z,
        "b_z": d_b_z,
        "W_r": d_W_r,
        "U_r": d_U_r,
        "b_r": d_b_r,
        "W_h": d_W_h,
        "U_h": d_U_h,
        "b_h": d_b_h,
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
    n = sizes["n"]
    params = {
        "W_z": draw((n, d)),
        "U_z": draw((n, n)),
        "b_z": draw((n,)),
        "W_r": draw((n, d)),
        "U_r": draw((n, n)),
        "b_r": draw((n,)),
        "W_h": draw((n, d)),
        "U_h": draw((n, n)),
        "b_h": draw((n,)),
    }
    data = [
        draw((B, T, d)),
        rng.uniform(0.1, 0.9, (B, T, n)),
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
