"""Multi-head attention: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    A_Q[i, j, k] = Σ_l W_Q[i, l, k] X[j, l]
    A_K[i, j, k] = Σ_l W_K[i, l, k] X[j, l]
    A_V[i, j, k] = Σ_l W_V[i, l, k] X[j, l]
    S[i, j, l] = Σ_p A_K[i, l, p] A_Q[i, j, p] / √(k)
    P = softmax(S)
    A[i, j, k] = Σ_l A_V[i, l, k] P[i, j, l]
    M_1[i, j] = Σ_l Σ_p A[l, i, p] [k l + p − j = 0]
    M[i, j] = Σ_l M_1[i, l] W_O[l, j]
    L = Σ_i Σ_j (M[i, j] − Y[i, j])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "X": ("n", "d"),
    "Y": ("n", "d"),
}
PARAMETERS = {
    "W_Q": ("H", "d", "k"),
    "W_K": ("H", "d", "k"),
    "W_V": ("H", "d", "k"),
    "W_O": ("H * k", "d"),
}
LETTERS = {"B", "n", "d", "H", "k", "H * k"}
DERIVED = {
    "H * k": lambda s: s["H"] * s["k"],
}
# Sizes for the self-check.
SIZES = ({"B": 3, "n": 4, "d": 5, "H": 2, "k": 6}, {"B": 5, "n": 2, "d": 3, "H": 4, "k": 1})


def forward(params, X, Y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W_Q (H, d, k), W_K (H, d, k), W_V (H, d, k), W_O (H * k, d)
    X: input, (n, d) or (B, n, d)
    Y: target, (n, d) or (B, n, d)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"X": X, "Y": Y}
    arrays, _ = _arrays(params, data)
    X = arrays["X"]
    Y = arrays["Y"]
    W_Q = arrays["W_Q"]
    W_K = arrays["W_K"]
    W_V = arrays["W_V"]
    W_O = arrays["W_O"]
    k = W_Q.shape[2]
    H = W_Q.shape[0]
    B = X.shape[0]
    A_Q = np.tensordot(X, W_Q, axes=((2,), (1,)))
    A_K = np.tensordot(X, W_K, axes=((2,), (1,)))
    A_V = np.tensordot(X, W_V, axes=((2,), (1,)))
    S = A_Q.transpose(0, 2, 1, 3) @ A_K.transpose(0, 2, 3, 1)
    S /= k**0.5
    # The largest exponent is subtracted: e_P stays in range, and the factor is accounted for below.
    e_P_max = S.max(axis=3)
    S -= e_P_max[:, :, :, None]
    e_P_shifted = S
    e_P = np.exp(e_P_shifted, out=e_P_shifted)
    z_P = e_P.sum(axis=3)
    e_P /= z_P[:, :, :, None]
    P = e_P
    A = P @ A_V.transpose(0, 2, 1, 3)
    M_1 = _fold(A, 3, 1, H * k, dilation=k)
    M = np.tensordot(M_1, W_O, axes=((2,), (0,)))
    squared = M - Y
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / 2
    loss = L.sum() / B
    cache = {
        "X": X,  # (B, n, d), for d_W_V, d_W_K and d_W_Q
        "Y": Y,  # (B, n, d), for d_M
        "W_O": W_O,  # (H * k, d), for d_M_1
        "A_Q": A_Q,  # (B, n, H, k), for d_A_K
        "A_K": A_K,  # (B, n, H, k), for d_A_Q
        "A_V": A_V,  # (B, n, H, k), for d_P
        "P": P,  # (B, H, n, n), for d_S and d_A_V
        "M_1": M_1,  # (B, n, H * k), for d_W_O
        "M": M,  # (B, n, d), for d_M
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂M[b, i, j] = (M[b, i, j] − Y[b, i, j]) / B
    ∂W_O[i, j] = Σ_b Σ_k M_1[b, k, i] ∂M[b, k, j]
    ∂M_1[b, i, j] = Σ_k ∂M[b, i, k] W_O[j, k]
    ∂A[b, i, j, l] = ∂M_1[b, j, k i + l]
    ∂P[b, i, j, k] = Σ_l A_V[b, i, k, l] ∂A[b, i, j, l]
    ∂S[b, i, j, k] = P[b, i, j, k] (∂P[b, i, j, k] − Σ_l P[b, i, j, l] ∂P[b, i, j, l])
    ∂A_V[b, i, j, k] = Σ_l P[b, i, l, j] ∂A[b, i, l, k]
    ∂W_V[i, j, k] = Σ_b Σ_l ∂A_V[b, i, l, k] X[b, l, j]
    ∂A_K[b, i, j, l] = Σ_p A_Q[b, i, p, l] ∂S[b, i, p, j] / √(k)
    ∂W_K[i, j, k] = Σ_b Σ_l ∂A_K[b, i, l, k] X[b, l, j]
    ∂A_Q[b, i, j, l] = Σ_p A_K[b, i, p, l] ∂S[b, i, j, p] / √(k)
    ∂W_Q[i, j, k] = Σ_b Σ_l ∂A_Q[b, i, l, k] X[b, l, j]
    """
    X = cache["X"]
    Y = cache["Y"]
    W_O = cache["W_O"]
    A_Q = cache["A_Q"]
    A_K = cache["A_K"]
    A_V = cache["A_V"]
    P = cache["P"]
    M_1 = cache["M_1"]
    M = cache["M"]
    B = X.shape[0]
    k = A_Q.shape[3]
    d_M = M - Y
    d_M /= B
    d_W_O = np.tensordot(M_1, d_M, axes=((0, 1), (0, 1)))
    d_M_1 = np.tensordot(d_M, W_O, axes=((2,), (1,)))
    d_A = np.lib.stride_tricks.sliding_window_view(d_M_1, k, axis=2)
    d_P = d_A[:, :, ::k].transpose(0, 2, 1, 3) @ A_V.transpose(0, 2, 3, 1)
    d_P -= np.einsum("abcd,abcd->abc", P, d_P)[:, :, :, None]
    d_S = d_P
    d_S *= P
    d_A_V = P.transpose(0, 1, 3, 2) @ d_A[:, :, ::k].transpose(0, 2, 1, 3)
    d_W_V = np.tensordot(d_A_V, X, axes=((0, 2), (0, 1)))
    d_A_K = d_S.transpose(0, 1, 3, 2) @ A_Q.transpose(0, 2, 1, 3)
    d_A_K /= k**0.5
    d_W_K = np.tensordot(d_A_K, X, axes=((0, 2), (0, 1)))
    d_A_Q = d_S @ A_K.transpose(0, 2, 1, 3)
    d_A_Q /= k**0.5
    d_W_Q = np.tensordot(d_A_Q, X, axes=((0, 2), (0, 1)))
    return {
        "W_Q": d_W_Q.transpose(0, 2, 1),
        "W_K": d_W_K.transpose(0, 2, 1),
        "W_V": d_W_V.transpose(0, 2, 1),
        "W_O": d_W_O,
    }


def value_and_grad(params, X, Y):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, X, Y)
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


def _example(rng, sizes, draw):
    """Random parameters and data for the self-check."""
    B = sizes["B"]
    n = sizes["n"]
    d = sizes["d"]
    H = sizes["H"]
    k = sizes["k"]
    params = {
        "W_Q": draw((H, d, k)),
        "W_K": draw((H, d, k)),
        "W_V": draw((H, d, k)),
        "W_O": draw((H * k, d)),
    }
    data = [
        draw((B, n, d)),
        rng.uniform(0.1, 0.9, (B, n, d)),
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
