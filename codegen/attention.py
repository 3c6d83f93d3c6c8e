"""Scaled dot-product attention: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    S[i, j] = Σ_k K[j, k] Q[i, k] / √(d_k) + M[i, j]
    P = softmax(S)
    O[i, j] = Σ_k P[i, k] V[k, j]
    L = Σ_i Σ_j (O[i, j] − Y[i, j])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "M": ("n", "m"),
    "Y": ("n", "d_v"),
}
PARAMETERS = {
    "Q": ("n", "d_k"),
    "K": ("m", "d_k"),
    "V": ("m", "d_v"),
}
LETTERS = {"B", "n", "m", "d_v", "d_k"}
# Sizes for the self-check.
SIZES = ({"B": 3, "n": 4, "m": 5, "d_v": 2, "d_k": 6}, {"B": 5, "n": 2, "m": 3, "d_v": 4, "d_k": 1})


def forward(params, M, Y):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with Q (n, d_k), K (m, d_k), V (m, d_v)
    M: input, (n, m) or (B, n, m)
    Y: target, (n, d_v) or (B, n, d_v)
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"M": M, "Y": Y}
    arrays, _ = _arrays(params, data)
    M = arrays["M"]
    Y = arrays["Y"]
    Q = arrays["Q"]
    K = arrays["K"]
    V = arrays["V"]
    d_k = Q.shape[1]
    B = M.shape[0]
    t = Q @ K.T
    t /= d_k**0.5
    S = M + t
    # The largest exponent is subtracted: e_P stays in range, and the factor is accounted for below.
    e_P_max = S.max(axis=2)
    S -= e_P_max[:, :, None]
    e_P_shifted = S
    e_P = np.exp(e_P_shifted, out=e_P_shifted)
    z_P = e_P.sum(axis=2)
    e_P /= z_P[:, :, None]
    P = e_P
    O = np.tensordot(P, V, axes=((2,), (0,)))
    squared = O - Y
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / 2
    loss = L.sum() / B
    cache = {
        "Y": Y,  # (B, n, d_v), for d_O
        "Q": Q,  # (n, d_k), for d_K
        "K": K,  # (m, d_k), for d_Q
        "V": V,  # (m, d_v), for d_P
        "P": P,  # (B, n, m), for d_V and d_S
        "O": O,  # (B, n, d_v), for d_O
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂O[b, i, j] = (O[b, i, j] − Y[b, i, j]) / B
    ∂V[i, j] = Σ_b Σ_k P[b, k, i] ∂O[b, k, j]
    ∂P[b, i, j] = Σ_k ∂O[b, i, k] V[j, k]
    ∂S[b, i, j] = P[b, i, j] (∂P[b, i, j] − Σ_k P[b, i, k] ∂P[b, i, k])
    ∂Q[i, j] = Σ_b Σ_k ∂S[b, i, k] K[k, j] / √(d_k)
    ∂K[i, j] = Σ_b Σ_k ∂S[b, k, i] Q[k, j] / √(d_k)
    """
    Y = cache["Y"]
    Q = cache["Q"]
    K = cache["K"]
    V = cache["V"]
    P = cache["P"]
    O = cache["O"]
    B = Y.shape[0]
    d_k = Q.shape[1]
    d_O = O - Y
    d_O /= B
    d_V = np.tensordot(P, d_O, axes=((0, 1), (0, 1)))
    d_P = np.tensordot(d_O, V, axes=((2,), (1,)))
    d_P -= np.einsum("abc,abc->ab", P, d_P)[:, :, None]
    d_S = d_P
    d_S *= P
    total = d_S.sum(axis=0)
    d_Q = total @ K
    d_Q /= d_k**0.5
    d_K = total.T @ Q
    d_K /= d_k**0.5
    return {
        "Q": d_Q,
        "K": d_K,
        "V": d_V,
    }


def value_and_grad(params, M, Y):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, M, Y)
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
    d_v = sizes["d_v"]
    d_k = sizes["d_k"]
    params = {
        "Q": draw((n, d_k)),
        "K": draw((m, d_k)),
        "V": draw((m, d_v)),
    }
    data = [
        draw((B, n, m)),
        rng.uniform(0.1, 0.9, (B, n, d_v)),
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
