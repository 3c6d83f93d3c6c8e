"""Convolutional network: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    y[o, i, j] = Σ_c Σ_p Σ_q w[o, c, p, q] x[c, i + p, j + q] + b[o]
    h[i, j, k] = relu(y[i, j, k])
    m[o, i, j] = max_p max_q h[o, 2 i + p, 2 j + q]
    z[k] = Σ_o Σ_i Σ_j V[k, o, i, j] m[o, i, j] + c[k]
    s = softmax(z)
    L = −Σ_k t[k] log(s[k])

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "x": ("C", "H", "W"),
    "t": ("M",),
}
PARAMETERS = {
    "w": ("O", "C", "P", "Q"),
    "c": ("M",),
    "b": ("O",),
    "V": ("M", "O", "(H + 1 - P) // 2", "(W + 1 - Q) // 2"),
}
LETTERS = {"B", "C", "H", "W", "M", "O", "P", "Q", "(H + 1 - P) // 2", "(W + 1 - Q) // 2"}
DERIVED = {
    "(H + 1 - P) // 2": lambda s: (s["H"] + 1 - s["P"]) // 2,
    "(W + 1 - Q) // 2": lambda s: (s["W"] + 1 - s["Q"]) // 2,
}
# Sizes for the self-check.
SIZES = (
    {"B": 3, "C": 4, "H": 7, "W": 8, "M": 6, "O": 3, "P": 4, "Q": 5},
    {"B": 5, "C": 2, "H": 5, "W": 6, "M": 1, "O": 5, "P": 2, "Q": 3},
)


def forward(params, x, t):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with w (O, C, P, Q), c (M,), b (O,), V (M, O, (H + 1 - P) // 2, (W + 1 - Q) // 2)
    x: input, (C, H, W) or (B, C, H, W)
    t: target, (M,) or (B, M)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"x": x, "t": t}
    arrays, _ = _arrays(params, data)
    x = arrays["x"]
    t = arrays["t"]
    w = arrays["w"]
    c = arrays["c"]
    b = arrays["b"]
    V = arrays["V"]
    P = w.shape[2]
    Q = w.shape[3]
    H = x.shape[2]
    W = x.shape[3]
    B = x.shape[0]
    t_2 = np.lib.stride_tricks.sliding_window_view(x, (P, Q), axis=(2, 3))
    t_3 = np.tensordot(w, t_2, axes=((1, 2, 3), (1, 4, 5)))
    t_3 += b[:, None, None, None]
    y = t_3
    h = np.maximum(y.transpose(1, 0, 2, 3), 0)
    t_4 = np.lib.stride_tricks.sliding_window_view(
        h[:, :, : 2 * ((H + 1 - P) // 2)][:, :, :, : 2 * ((W + 1 - Q) // 2)], (2, 2), axis=(2, 3)
    )
    m = t_4[:, :, ::2, ::2].max(axis=5).max(axis=4)
    z = np.tensordot(m, V, axes=((1, 2, 3), (1, 2, 3)))
    z += c
    # The largest exponent is subtracted: e_s stays in range, and the factor is accounted for below.
    e_s_max = z.max(axis=1)
    z -= e_s_max[:, None]
    e_s_shifted = z
    e_s = np.exp(e_s_shifted)
    z_s = e_s.sum(axis=1)
    e_s /= z_s[:, None]
    s = e_s
    L = -np.einsum("ab,ab->a", e_s_shifted - np.log(z_s)[:, None], t)
    loss = L.sum() / B
    cache = {
        "x": x,  # (B, C, H, W), for d_w
        "t": t,  # (B, M), for d_z
        "V": V,  # (M, O, (H + 1 - P) // 2, (W + 1 - Q) // 2), for d_m
        "y": y,  # (O, B, H + 1 - P, W + 1 - Q), for d_y
        "h": h,  # (B, O, H + 1 - P, W + 1 - Q), for d_h
        "m": m,  # (B, O, (H + 1 - P) // 2, (W + 1 - Q) // 2), for d_V and d_h
        "s": s,  # (B, M), for d_z
        "w": w,  # (O, C, P, Q), for its shape
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂z[b, k] = (s[b, k] − t[b, k]) / B
    ∂c[i] = Σ_b ∂z[b, i]
    ∂V[i, j, k, l] = Σ_b m[b, j, k, l] ∂z[b, i]
    ∂m[b, o, i, j] = Σ_k V[k, o, i, j] ∂z[b, k]
    ∂h[b, i, j, k] = Σ_l [0 ≤ j − 2 l < 2] Σ_p [h[b, i, j, k] = max_q h[b, i, j, 2 p + q]] [max_q h[b, i,
        j, 2 p + q] = max_q max_r h[b, i, 2 l + q, 2 p + r]] ∂m[b, i, l, p] [0 ≤ k − 2 p < 2] [Σ_q [max_r
        h[b, i, 2 l + q, 2 p + r] = max_r h[b, i, j, 2 p + r]] [q < j − 2 l] = 0] [Σ_q [h[b, i, j, 2 p +
        q] = h[b, i, j, k]] [q < k − 2 p] = 0]
    ∂y[b, o, i, j] = [y[b, o, i, j] > 0] ∂h[b, o, i, j]
    ∂w[i, j, k, l] = Σ_b Σ_p Σ_q x[b, j, k + p, l + q] ∂y[b, i, p, q]
    ∂b[i] = Σ_b Σ_j Σ_k ∂y[b, i, j, k]
    """
    x = cache["x"]
    t = cache["t"]
    V = cache["V"]
    y = cache["y"]
    h = cache["h"]
    m = cache["m"]
    s = cache["s"]
    w = cache["w"]
    B = x.shape[0]
    H = x.shape[2]
    P = w.shape[2]
    W = x.shape[3]
    Q = w.shape[3]
    O = V.shape[1]
    d_z = s - t
    d_z /= B
    d_c = d_z.sum(axis=0)
    d_V = np.tensordot(d_z, m, axes=((0,), (0,)))
    d_m = np.tensordot(d_z, V, axes=((1,), (0,)))
    t_2 = np.lib.stride_tricks.sliding_window_view(
        h[:, :, : 2 * ((H + 1 - P) // 2)][:, :, :, : 2 * ((W + 1 - Q) // 2)], (2, 2), axis=(2, 3)
    )
    largest = t_2[:, :, ::2, ::2].max(axis=5)
    mask = largest[:, :, None] == largest.transpose(0, 1, 4, 2, 3)[:, :, :, :, :, None]
    t_3 = mask.transpose(2, 0, 1, 3, 4, 5).reshape(2, B * O * ((H + 1 - P) // 2) * ((W + 1 - Q) // 2), 2)
    positions = np.arange(2)
    t_4 = (positions < positions[:, None]).reshape(2, 2, 1)
    mask_2 = (t_3 @ t_4).reshape(2, B, O, (H + 1 - P) // 2, (W + 1 - Q) // 2) == 0
    mask_3 = (largest == m[:, :, :, :, None]) & mask_2.transpose(1, 2, 3, 4, 0)
    mask_4 = (t_2[:, :, ::2, ::2] == largest[:, :, :, :, :, None]) & mask_3[:, :, :, :, :, None]
    mask_5 = t_2[:, :, ::2, ::2].transpose(0, 1, 4, 2, 3, 5)[:, :, :, None] == t_2[:, :, ::2, ::2].transpose(0, 1, 4, 5, 2, 3)[:, :, :, :, :, :, None]
    t_5 = mask_5.transpose(3, 0, 1, 2, 4, 5, 6).reshape(2, 2 * B * O * ((H + 1 - P) // 2) * ((W + 1 - Q) // 2), 2)
    mask_6 = (t_5 @ t_4).reshape(2, B, O, 2, (H + 1 - P) // 2, (W + 1 - Q) // 2) == 0
    t_6 = d_m[:, :, :, :, None, None] * (mask_4 & mask_6.transpose(1, 2, 4, 5, 3, 0))
    d_h = _fold(_fold(t_6, 3, 5, W + 1 - Q, step=2), 2, 4, H + 1 - P, step=2)
    d_h *= y.transpose(1, 0, 2, 3) > 0
    d_y = d_h
    t_7 = np.lib.stride_tricks.sliding_window_view(x, (P, Q), axis=(2, 3))
    d_w = np.tensordot(t_7, d_y, axes=((0, 2, 3), (0, 2, 3)))
    d_b = d_y.sum(axis=(0, 2, 3))
    return {
        "w": d_w.transpose(3, 0, 1, 2),
        "c": d_c,
        "b": d_b,
        "V": d_V,
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
    for letter, size_of in DERIVED.items():
        if letter in sizes and sizes[letter] != size_of(sizes):
            message = f"{owners[letter]} must have {letter} = {size_of(sizes)} entries along one axis, "
            raise ValueError(f"{message}but it has {sizes[letter]}")
    if single:
        arrays.update({name: arrays[name][None] for name in data})
    return arrays, single


def _shown(shape):
    """Write a shape as text."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _fold(array, axis, window, size, start=0, step=1, dilation=1):
    """Add up windows where they overlap: place i of window entry p belongs to start + step * i + dilation * p."""
    width = 1 if window is None else array.shape[window]
    places = step * (array.shape[axis] - 1) + 1
    shape = list(array.shape)
    shape[axis] = max(size - min(start, 0), max(start, 0) + places + dilation * (width - 1))
    lead = (slice(None),) * axis
    if window is not None:
        lead = lead[: axis - (window < axis)]
        array = np.moveaxis(array, window, 0)
        del shape[window]
    result = np.zeros(shape, array.dtype)
    for p in range(width):
        first = max(start, 0) + dilation * p
        result[(*lead, slice(first, first + places, step))] += array if window is None else array[p]
    return result[(*lead, slice(max(-start, 0), max(-start, 0) + size))]


def _summing_to(value, array, axis):
    """Scale an array so that its entries along an axis add up to a value."""
    return value * array / array.sum(axis=axis, keepdims=True)


def _example(rng, sizes, draw):
    """Random parameters and data for the self-check."""
    B = sizes["B"]
    C = sizes["C"]
    H = sizes["H"]
    W = sizes["W"]
    M = sizes["M"]
    O = sizes["O"]
    P = sizes["P"]
    Q = sizes["Q"]
    params = {
        "w": draw((O, C, P, Q)),
        "c": draw((M,)),
        "b": draw((O,)),
        "V": draw((M, O, (H + 1 - P) // 2, (W + 1 - Q) // 2)),
    }
    data = [
        draw((B, C, H, W)),
        _summing_to(1, rng.uniform(0.1, 0.9, (B, M)), 1),
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
