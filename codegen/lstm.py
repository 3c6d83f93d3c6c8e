"""Long short-term memory: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    a_f[t, i] = Σ_k W_f[i, k] x[t, k] + Σ_j U_f[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b_f[i]
    f[t, i] = sigmoid(a_f[t, i])
    a_i[t, i] = Σ_k W_i[i, k] x[t, k] + Σ_j U_i[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b_i[i]
    i[t, i] = sigmoid(a_i[t, i])
    a_o[t, i] = Σ_k W_o[i, k] x[t, k] + Σ_j U_o[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b_o[i]
    o[t, i] = sigmoid(a_o[t, i])
    a_g[t, i] = Σ_k W_g[i, k] x[t, k] + Σ_j U_g[i, j] h[t − 1, j] [0 ≤ t − 1 < T] + b_g[i]
    g[t, i] = tanh(a_g[t, i])
    c[t, j] = g[t, j] i[t, j] + c[t − 1, j] f[t, j] [0 ≤ t − 1 < T]
    h[t, j] = tanh(c[t, j]) o[t, j]
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
    "W_f": ("n", "d"),
    "U_f": ("n", "n"),
    "b_f": ("n",),
    "W_i": ("n", "d"),
    "U_i": ("n", "n"),
    "b_i": ("n",),
    "W_o": ("n", "d"),
    "U_o": ("n", "n"),
    "b_o": ("n",),
    "W_g": ("n", "d"),
    "U_g": ("n", "n"),
    "b_g": ("n",),
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

    params: a dict with W_f (n, d), U_f (n, n), b_f (n,), W_i (n, d), U_i (n, n), b_i (n,), W_o (n, d), U_o
        (n, n), b_o (n,), W_g (n, d), U_g (n, n), b_g (n,)
    x: input, (T, d) or (B, T, d)
    y: target, (T, n) or (B, T, n)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "y": y}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    y = arrays["y"]
    W_f = arrays["W_f"]
    U_f = arrays["U_f"]
    b_f = arrays["b_f"]
    W_i = arrays["W_i"]
    U_i = arrays["U_i"]
    b_i = arrays["b_i"]
    W_o = arrays["W_o"]
    U_o = arrays["U_o"]
    b_o = arrays["b_o"]
    W_g = arrays["W_g"]
    U_g = arrays["U_g"]
    b_g = arrays["b_g"]
    T = x.shape[1]
    B = x.shape[0]
    n = y.shape[2]
    a_f_in = np.tensordot(x, W_f, axes=((2,), (1,)))
    a_f_in += b_f
    a_i_in = np.tensordot(x, W_i, axes=((2,), (1,)))
    a_i_in += b_i
    a_o_in = np.tensordot(x, W_o, axes=((2,), (1,)))
    a_o_in += b_o
    a_g_in = np.tensordot(x, W_g, axes=((2,), (1,)))
    a_g_in += b_g
    f = np.zeros((T + 1, B, n), x.dtype)
    i = np.zeros((T + 1, B, n), x.dtype)
    o = np.zeros((T + 1, B, n), x.dtype)
    g = np.zeros((T + 1, B, n), x.dtype)
    c = np.zeros((T + 1, B, n), x.dtype)
    h = np.zeros((T + 1, B, n), x.dtype)
    U_f_T = np.ascontiguousarray(U_f.T)
    U_i_T = np.ascontiguousarray(U_i.T)
    U_o_T = np.ascontiguousarray(U_o.T)
    U_g_T = np.ascontiguousarray(U_g.T)
    for t in range(T):
        a_f_t = h[t - 1] @ U_f_T
        a_f_t += a_f_in[:, t]
        f_t = _sigmoid(a_f_t)
        f[t] = f_t
        a_i_t = h[t - 1] @ U_i_T
        a_i_t += a_i_in[:, t]
        i_t = _sigmoid(a_i_t)
        i[t] = i_t
        a_o_t = h[t - 1] @ U_o_T
        a_o_t += a_o_in[:, t]
        o_t = _sigmoid(a_o_t)
        o[t] = o_t
        a_g_t = h[t - 1] @ U_g_T
        a_g_t += a_g_in[:, t]
        g_t = np.tanh(a_g_t, out=a_g_t)
        g[t] = g_t
        g_t *= i_t
        c_t = g_t
        c_t += c[t - 1] * f_t
        c[t] = c_t
        h_t = np.tanh(c_t, out=c_t)
        h_t *= o_t
        h[t] = h_t
    squared = h[:T].transpose(1, 0, 2) - y
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / 2
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, T, d), for d_W_g, d_W_o, d_W_i and 1 more
        "y": y,  # (B, T, n), for d_a_g, d_a_o, d_a_i and 1 more
        "U_f": U_f,  # (n, n), for d_a_g, d_a_o, d_a_i and 1 more
        "U_i": U_i,  # (n, n), for d_a_g, d_a_o, d_a_i and 1 more
        "U_o": U_o,  # (n, n), for d_a_g, d_a_o, d_a_i and 1 more
        "U_g": U_g,  # (n, n), for d_a_g, d_a_o, d_a_i and 1 more
        "f": f,  # (T + 1, B, n), for d_a_g, d_a_o, d_a_i and 1 more
        "i": i,  # (T + 1, B, n), for d_a_g, d_a_o, d_a_i and 1 more
        "o": o,  # (T + 1, B, n), for d_a_g, d_a_o, d_a_i and 1 more
        "g": g,  # (T + 1, B, n), for d_a_g, d_a_o, d_a_i and 1 more
        "c": c,  # (T + 1, B, n), for d_a_g, d_a_o, d_a_i and 1 more
        "h": h,  # (T + 1, B, n), for d_a_g, d_a_o, d_a_i and 5 more
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂h[b, t, j] = [0 ≤ t + 1 < T] Σ_i ∂a_f[b, t + 1, i] U_f[i, j] + [0 ≤ t + 1 < T] Σ_i ∂a_g[b, t + 1, i]
        U_g[i, j] + [0 ≤ t + 1 < T] Σ_i ∂a_i[b, t + 1, i] U_i[i, j] + [0 ≤ t + 1 < T] Σ_i ∂a_o[b, t + 1,
        i] U_o[i, j] + (h[b, t, j] − y[b, t, j]) / B
    ∂c[b, t, j] = (1 − tanh(c[b, t, j])^2) o[b, t, j] ∂h[b, t, j] + f[b, t + 1, j] ∂c[b, t + 1, j] [0 ≤ t
        + 1 < T]
    ∂g[b, t, i] = i[b, t, i] ∂c[b, t, i]
    ∂a_g[b, t, i] = (1 − g[b, t, i]^2) ∂g[b, t, i]
    ∂W_g[i, j] = Σ_b Σ_t x[b, t, j] ∂a_g[b, t, i]
    ∂U_g[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a_g[b, t, i] [0 ≤ t − 1 < T]
    ∂b_g[i] = Σ_b Σ_t ∂a_g[b, t, i]
    ∂o[b, t, i] = tanh(c[b, t, i]) ∂h[b, t, i]
    ∂a_o[b, t, i] = (1 − o[b, t, i]) o[b, t, i] ∂o[b, t, i]
    ∂W_o[i, j] = Σ_b Σ_t x[b, t, j] ∂a_o[b, t, i]
    ∂U_o[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a_o[b, t, i] [0 ≤ t − 1 < T]
    ∂b_o[i] = Σ_b Σ_t ∂a_o[b, t, i]
    ∂i[b, t, i] = g[b, t, i] ∂c[b, t, i]
    ∂a_i[b, t, i] = (1 − i[b, t, i]) i[b, t, i] ∂i[b, t, i]
    ∂W_i[i, j] = Σ_b Σ_t x[b, t, j] ∂a_i[b, t, i]
    ∂U_i[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a_i[b, t, i] [0 ≤ t − 1 < T]
    ∂b_i[i] = Σ_b Σ_t ∂a_i[b, t, i]
    ∂f[b, t, i] = c[b, t − 1, i] ∂c[b, t, i] [0 ≤ t − 1 < T]
    ∂a_f[b, t, i] = (1 − f[b, t, i]) f[b, t, i] ∂f[b, t, i]
    ∂W_f[i, j] = Σ_b Σ_t x[b, t, j] ∂a_f[b, t, i]
    ∂U_f[i, j] = Σ_b Σ_t h[b, t − 1, j] ∂a_f[b, t, i] [0 ≤ t − 1 < T]
    ∂b_f[i] = Σ_b Σ_t ∂a_f[b, t, i]
    """
    x = cache["x"]
    y = cache["y"]
    U_f = cache["U_f"]
    U_i = cache["U_i"]
    U_o = cache["U_o"]
    U_g = cache["U_g"]
    f = cache["f"]
    i = cache["i"]
    o = cache["o"]
    g = cache["g"]
    c = cache["c"]
    h = cache["h"]
    T = x.shape[1]
    B = x.shape[0]
    n = y.shape[2]
    d_c = np.zeros((T + 1, B, n), x.dtype)
    d_a_g = np.zeros((T + 1, B, n), x.dtype)
    d_a_o = np.zeros((T + 1, B, n), x.dtype)
    d_a_i = np.zeros((T + 1, B, n), x.dtype)
    d_a_f = np.zeros((T + 1, B, n), x.dtype)
    for t in reversed(range(T)):
        t_2 = h[t] - y[:, t]
        t_2 /= B
        t_2 += d_a_f[t + 1] @ U_f
        t_2 += d_a_g[t + 1] @ U_g
        t_2 += d_a_i[t + 1] @ U_i
        d_h_t = d_a_o[t + 1] @ U_o
        d_h_t += t_2
        t_3 = np.tanh(c[t])
        d_c_t = t_3**2
        np.subtract(1, d_c_t, out=d_c_t)
        d_c_t *= o[t]
        d_c_t *= d_h_t
        d_c_t += f[t + 1] * d_c[t + 1]
        d_c[t] = d_c_t
        d_g_t = i[t] * d_c_t
        d_a_g_t = g[t] ** 2
        np.subtract(1, d_a_g_t, out=d_a_g_t)
        d_a_g_t *= d_g_t
        d_a_g[t] = d_a_g_t
        t_3 *= d_h_t
        d_o_t = t_3
        d_a_o_t = 1 - o[t]
        d_a_o_t *= o[t]
        d_a_o_t *= d_o_t
        d_a_o[t] = d_a_o_t
        d_i_t = g[t] * d_c_t
        d_a_i_t = 1 - i[t]
        d_a_i_t *= i[t]
        d_a_i_t *= d_i_t
        d_a_i[t] = d_a_i_t
        d_c_t *= c[t - 1]
        d_f_t = d_c_t
        d_a_f_t = 1 - f[t]
        d_a_f_t *= f[t]
        d_a_f_t *= d_f_t
        d_a_f[t] = d_a_f_t
    d_W_g = np.tensordot(d_a_g[:T], x, axes=((0, 1), (1, 0)))
    t_4 = np.pad(h[:T], ((1, 0), (0, 0), (0, 0)))
    d_U_g = np.tensordot(d_a_g[:T], t_4[:T], axes=((0, 1), (0, 1)))
    d_b_g = d_a_g[:T].sum(axis=(0, 1))
    d_W_o = np.tensordot(d_a_o[:T], x, axes=((0, 1), (1, 0)))
    d_U_o = np.tensordot(d_a_o[:T], t_4[:T], axes=((0, 1), (0, 1)))
    d_b_o = d_a_o[:T].sum(axis=(0, 1))
    d_W_i = np.tensordot(d_a_i[:T], x, axes=((0, 1), (1, 0)))
    d_U_i = np.tensordot(d_a_i[:T], t_4[:T], axes=((0, 1), (0, 1)))
    d_b_i = d_a_i[:T].sum(axis=(0, 1))
    d_W_f = np.tensordot(d_a_f[:T], x, axes=((0, 1), (1, 0)))
    d_U_f = np.tensordot(d_a_f[:T], t_4[:T], axes=((0, 1), (0, 1)))
    d_b_f = d_a_f[:T].sum(axis=(0, 1))
    return {
        "W_f": d_W_f,
        "U_f": d_U_f,
        "b_f": d_b_f,
        "W_i": d_W_i,
        "U_i": d_U_i,
        "b_i": d_b_i,
        "W_o": d_W_o,
        "U_o": d_U_o,
        "b_o": d_b_o,
        "W_g": d_W_g,
        "U_g": d_U_g,
        "b_g": d_b_g,
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
        "W_f": draw((n, d)),
        "U_f": draw((n, n)),
        "b_f": draw((n,)),
        "W_i": draw((n, d)),
        "U_i": draw((n, n)),
        "b_i": draw((n,)),
        "W_o": draw((n, d)),
        "U_o": draw((n, n)),
        "b_o": draw((n,)),
        "W_g": draw((n, d)),
        "U_g": draw((n, n)),
        "b_g": draw((n,)),
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
