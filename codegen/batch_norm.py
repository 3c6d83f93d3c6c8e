"""Batch normalisation in training: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    A[i, j] = Σ_k V[k, j] X[i, k]
    H = batch_norm(A, gamma, beta)
    Z[i, j] = relu(H[i, j])
    Y[i, j] = Σ_k W[k, j] Z[i, k]
    L = Σ_i Σ_j (Y[i, j] − T[i, j])^2 / N

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "X": ("N", "n"),
    "T": ("N", "m"),
}
PARAMETERS = {
    "V": ("n", "d"),
    "W": ("d", "m"),
    "gamma": ("d",),
    "beta": ("d",),
}
STATE = {
    "running_mean_H": ("d",),
    "running_variance_H": ("d",),
}
LETTERS = {"B", "N", "n", "m", "d"}
# Constants for the self-check.
CONSTANTS = {
    "epsilon": 0.7,
}

# Sizes for the self-check.
SIZES = ({"B": 3, "N": 4, "n": 5, "m": 2, "d": 6}, {"B": 5, "N": 2, "n": 3, "m": 4, "d": 1})


def forward(params, X, T, *, epsilon):
    """Compute the loss, and the cache that `backward` and `next_state` need.

    params: a dict with V (n, d), W (d, m), gamma (d,), beta (d,)
    X: input, (N, n) or (B, N, n)
    T: target, (N, m) or (B, N, m)
    epsilon: a number
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"X": X, "T": T}
    arrays, _ = _arrays(params, data)
    X = arrays["X"]
    T = arrays["T"]
    V = arrays["V"]
    W = arrays["W"]
    gamma = arrays["gamma"]
    beta = arrays["beta"]
    N = X.shape[1]
    B = X.shape[0]
    A = np.tensordot(X, V, axes=((2,), (0,)))
    mu_H = A.sum(axis=1) / N
    A -= mu_H[:, None]
    sigma_H = (A**2).sum(axis=1) / N
    sigma_H += epsilon
    np.sqrt(sigma_H, out=sigma_H)
    A /= sigma_H[:, None]
    xhat_H = A
    H = xhat_H * gamma
    H += beta
    Z = np.maximum(H, 0)
    Y = np.tensordot(Z, W, axes=((2,), (0,)))
    squared = Y - T
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / N
    loss = L.sum() / B
    cache = {
        "X": X,  # (B, N, n), for d_V
        "T": T,  # (B, N, m), for d_Y
        "W": W,  # (d, m), for d_Z
        "gamma": gamma,  # (d,), for d_A
        "mu_H": mu_H,  # (B, d), for next_running_mean_H
        "sigma_H": sigma_H,  # (B, d), for d_A and next_running_variance_H
        "xhat_H": xhat_H,  # (B, N, d), for d_gamma and d_A
        "H": H,  # (B, N, d), for d_H
        "Z": Z,  # (B, N, d), for d_W
        "Y": Y,  # (B, N, m), for d_Y
        "epsilon": epsilon,  # a constant
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂Y[b, i, j] = 2 (Y[b, i, j] − T[b, i, j]) / (B N)
    ∂W[i, j] = Σ_b Σ_k Z[b, k, i] ∂Y[b, k, j]
    ∂Z[b, i, j] = Σ_k ∂Y[b, i, k] W[j, k]
    ∂H[b, i, j] = [H[b, i, j] > 0] ∂Z[b, i, j]
    ∂gamma[i] = Σ_b Σ_j xhat_H[b, j, i] ∂H[b, j, i]
    ∂beta[i] = Σ_b Σ_j ∂H[b, j, i]
    ∂A[b, i, j] = gamma[j] (∂H[b, i, j] N − Σ_k ∂H[b, k, j] − xhat_H[b, i, j] Σ_k xhat_H[b, k, j] ∂H[b, k,
        j]) / (sigma_H[b, j] N)
    ∂V[i, j] = Σ_b Σ_k X[b, k, i] ∂A[b, k, j]
    """
    X = cache["X"]
    T = cache["T"]
    W = cache["W"]
    gamma = cache["gamma"]
    sigma_H = cache["sigma_H"]
    xhat_H = cache["xhat_H"]
    H = cache["H"]
    Z = cache["Z"]
    Y = cache["Y"]
    B = X.shape[0]
    N = X.shape[1]
    d_Y = Y - T
    d_Y *= 2 / (B * N)
    d_W = np.tensordot(Z, d_Y, axes=((0, 1), (0, 1)))
    d_Z = np.tensordot(d_Y, W, axes=((2,), (1,)))
    d_Z *= H > 0
    d_H = d_Z
    d_gamma = np.einsum("bca,bca->a", xhat_H, d_H)
    d_beta = d_H.sum(axis=(0, 1))
    t = N * d_H
    t -= xhat_H * np.einsum("acb,acb->ab", xhat_H, d_H)[:, None]
    t -= d_H.sum(axis=1)[:, None]
    t *= 1 / N * gamma
    t /= sigma_H[:, None]
    d_A = t
    d_V = np.tensordot(X, d_A, axes=((0, 1), (0, 1)))
    return {
        "V": d_V,
        "W": d_W,
        "gamma": d_gamma,
        "beta": d_beta,
    }


def value_and_grad(params, X, T, *, epsilon):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, X, T, epsilon=epsilon)
    return loss, backward(cache)


def initial_state(params):
    """Make the state before the first step of training.

    state: a dict with running_mean_H (d,), running_variance_H (d,)
    """
    dtype = np.result_type(*(np.asarray(array).dtype for array in params.values()))
    dtype = dtype if dtype.kind == "f" else np.dtype(float)
    d = np.shape(params["V"])[1]
    return {
        "running_mean_H": np.zeros((d,), dtype),
        "running_variance_H": np.ones((d,), dtype),
    }


def next_state(state, cache, *, momentum=0.1):
    """Compute the state after a step of training; the given one is not changed.

    The loss does not depend on the state, so it has no gradient. Call this once after each `forward`.

    next running_mean_H[i] = Σ_b mu_H[b, i] momentum / B + running_mean_H[i] (1 − momentum)
    next running_variance_H[i] = Σ_b (sigma_H[b, i]^2 − epsilon) momentum N / (N − 1) / B +
        running_variance_H[i] (1 − momentum)

    state: a dict with running_mean_H (d,), running_variance_H (d,)
    momentum: a number
    """
    X = cache["X"]
    mu_H = cache["mu_H"]
    sigma_H = cache["sigma_H"]
    epsilon = cache["epsilon"]
    state = _checked_state(state)
    running_mean_H = state["running_mean_H"]
    running_variance_H = state["running_variance_H"]
    B = X.shape[0]
    N = X.shape[1]
    next_running_mean_H = (momentum * mu_H.sum(axis=0)) / B + (1 - momentum) * running_mean_H
    t = sigma_H**2
    t -= epsilon
    next_running_variance_H = (momentum * N / (N - 1) * t.sum(axis=0)) / B + (1 - momentum) * running_variance_H
    result = {
        "running_mean_H": next_running_mean_H,
        "running_variance_H": next_running_variance_H,
    }
    _same_shapes(state, result)
    return result


def predict(params, state, X, *, epsilon):
    """Compute what the network says when training is over.

    Values that come from a batch in training come from the state, and no targets are needed:

    mu_H[b, j] = running_mean_H[j]
    sigma_H[b, j] = √(epsilon + running_variance_H[j])

    params: a dict with V (n, d), W (d, m), gamma (d,), beta (d,)
    state: a dict with running_mean_H (d,), running_variance_H (d,)
    X: input, (N, n) or (B, N, n)
    epsilon: a number
    Returns a dict with Y (N, m); with a batch axis where the inputs have one.
    """
    data = {"X": X}
    arrays, single = _arrays(params, data)
    state = _checked_state(state)
    _same_shapes(state, initial_state(params))
    X = arrays["X"]
    V = arrays["V"]
    W = arrays["W"]
    gamma = arrays["gamma"]
    beta = arrays["beta"]
    running_mean_H = state["running_mean_H"].astype(X.dtype, copy=False)
    running_variance_H = state["running_variance_H"].astype(X.dtype, copy=False)
    A = np.tensordot(X, V, axes=((2,), (0,)))
    sigma_H = np.sqrt(running_variance_H + epsilon)
    A -= running_mean_H
    xhat_H = A
    xhat_H /= sigma_H
    xhat_H *= gamma
    H = xhat_H
    H += beta
    Z = np.maximum(H, 0, out=H)
    Y = np.tensordot(Z, W, axes=((2,), (0,)))
    return {
        "Y": Y[0] if single else Y,
    }


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


def _checked_state(state):
    """Check the names of what is kept between steps."""
    if set(state) != set(STATE):
        raise ValueError(f"state must hold {', '.join(STATE)}; it holds {', '.join(map(str, state)) or 'nothing'}")
    arrays = {name: np.asarray(value) for name, value in state.items()}
    return {name: array if array.dtype.kind == "f" else array.astype(float) for name, array in arrays.items()}


def _same_shapes(state, result):
    """Check that the state has the shapes that it will have."""
    for name, array in result.items():
        if state[name].shape != np.shape(array):
            message = f"state {name} must have shape {_shown(STATE[name])} = {_shown(np.shape(array))}, "
            raise ValueError(f"{message}but it has shape {_shown(state[name].shape)}")


def _example(rng, sizes, draw):
    """Random parameters and data for the self-check."""
    B = sizes["B"]
    N = sizes["N"]
    n = sizes["n"]
    m = sizes["m"]
    d = sizes["d"]
    params = {
        "V": draw((n, d)),
        "W": draw((d, m)),
        "gamma": draw((d,)),
        "beta": draw((d,)),
    }
    data = [
        draw((B, N, n)),
        rng.uniform(0.1, 0.9, (B, N, m)),
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
