"""A transformer block: the loss and its gradients.

Written by symnn 0.1.0. It needs NumPy and nothing else, and may be copied.

    A = layer_norm(X, gamma_1, beta_1)
    Q[h, i, j] = Σ_l W_Q[h, l, j] A[i, l]
    K[h, i, j] = Σ_l W_K[h, l, j] A[i, l]
    V[h, i, j] = Σ_l W_V[h, l, j] A[i, l]
    S[h, i, j] = Σ_l K[h, j, l] Q[h, i, l] / √(e) + M[i, j]
    P = softmax(S)
    Y[i, j] = Σ_h Σ_p W_O[h, p, j] Σ_l P[h, i, l] V[h, l, p] + X[i, j]
    B = layer_norm(Y, gamma_2, beta_2)
    U[i, j] = Σ_k B[i, k] W_1[k, j] + b_1[j]
    F[i, j] = gelu(U[i, j])
    Z[i, j] = Σ_k F[i, k] W_2[k, j] + b_2[j] + Y[i, j]
    L = Σ_i Σ_j (Z[i, j] − T[i, j])^2 / 2

Data may have a leading batch axis; a single sample works too. float32 stays float32.
Run this file to compare the gradients with numeric ones.
"""

import numpy as np

# Shapes for one sample; a letter is the same size everywhere.
DATA = {
    "X": ("n", "d"),
    "M": ("n", "n"),
    "T": ("n", "d"),
}
PARAMETERS = {
    "W_Q": ("H", "d", "e"),
    "W_K": ("H", "d", "e"),
    "W_V": ("H", "d", "e"),
    "W_O": ("H", "e", "d"),
    "gamma_1": ("d",),
    "beta_1": ("d",),
    "gamma_2": ("d",),
    "beta_2": ("d",),
    "W_1": ("d", "m"),
    "b_1": ("m",),
    "W_2": ("m", "d"),
    "b_2": ("d",),
}
LETTERS = {"B_", "n", "d", "H", "e", "m"}
# Constants for the self-check.
CONSTANTS = {
    "eps": 0.7,
}

# Sizes for the self-check.
SIZES = ({"B_": 3, "n": 4, "d": 5, "H": 2, "e": 6, "m": 3}, {"B_": 5, "n": 2, "d": 3, "H": 4, "e": 1, "m": 5})


_ERFC = (
    1.2375126308378275,
    -0.14024059858554702,
    0.00358541548546369,
    0.08227673849015102,
    -0.10880393014170746,
    0.09230432116019834,
    -0.05869339859054762,
    0.0283622774215156,
    -0.009746579547619623,
    0.0017556258324217529,
    0.00029371359480570737,
    -0.00029015397928986765,
    5.164940777546399e-05,
    2.2383912036550678e-05,
    -1.1445049125831309e-05,
    -9.72849582211122e-07,
    1.7534434251106334e-06,
    -5.826281078800777e-08,
    -2.6114702359900956e-07,
    2.4289762925488707e-08,
    4.0971223152703005e-08,
    -4.389284159986328e-09,
    -6.545560212480267e-09,
    5.457157304704688e-10,
    9.02214970034059e-10,
    -3.75315827795962e-11,
    -7.33950500852954e-11,
)


def _polynomial(coefficients, t):
    """Evaluate a polynomial, the coefficient of 1 first, by Horner's rule."""
    y = np.full_like(t, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        y *= t
        y += coefficient
    return y


def _normal_tail(x, weight=1):
    """Compute weight * (1 - erf(x / sqrt(2))) for each entry of x; tiny values keep their digits."""
    a = np.abs(x)
    s = a * 0.7071067811865476
    y = weight * _polynomial(_ERFC, (s - 3.75) / (s + 3.75)) / (1 + 2 * s)
    # The square of the first digits is exact, so that its exponential is accurate.
    first = np.floor(a * 16) / 16
    y *= np.exp(-0.5 * first * first)
    y *= np.exp(0.5 * (first - a) * (first + a))
    return np.where(x < 0, 2 * weight - y, y)


def forward(params, X, M, T, *, eps):
    """Compute the loss, and the cache that `backward` needs.

    params: a dict with W_Q (H, d, e), W_K (H, d, e), W_V (H, d, e), W_O (H, e, d), gamma_1 (d,), beta_1 (d,),
        gamma_2 (d,), beta_2 (d,), W_1 (d, m), b_1 (m,), W_2 (m, d), b_2 (d,)
    X: input, (n, d) or (B_, n, d)
    M: input, (n, n) or (B_, n, n)
    T: target, (n, d) or (B_, n, d)
    eps: a number
    Returns the mean of the losses of the batch, and the cache.
    Raises ValueError for a wrong shape, and for missing or unknown params.
    """
    data = {"X": X, "M": M, "T": T}
    arrays, _ = _arrays(params, data)
    X = arrays["X"]
    M = arrays["M"]
    T = arrays["T"]
    W_Q = arrays["W_Q"]
    W_K = arrays["W_K"]
    W_V = arrays["W_V"]
    W_O = arrays["W_O"]
    gamma_1 = arrays["gamma_1"]
    beta_1 = arrays["beta_1"]
    gamma_2 = arrays["gamma_2"]
    beta_2 = arrays["beta_2"]
    W_1 = arrays["W_1"]
    b_1 = arrays["b_1"]
    W_2 = arrays["W_2"]
    b_2 = arrays["b_2"]
    d = X.shape[2]
    e = W_Q.shape[2]
    B_2 = X.shape[0]
    n = X.shape[1]
    H = W_Q.shape[0]
    mu_A = X.sum(axis=2) / d
    t = X - mu_A[:, :, None]
    sigma_A = (t**2).sum(axis=2) / d
    sigma_A += eps
    np.sqrt(sigma_A, out=sigma_A)
    t /= sigma_A[:, :, None]
    xhat_A = t
    A = xhat_A * gamma_1
    A += beta_1
    Q = np.tensordot(A, W_Q, axes=((2,), (1,)))
    K = np.tensordot(A, W_K, axes=((2,), (1,)))
    V = np.tensordot(A, W_V, axes=((2,), (1,)))
    S = Q.transpose(0, 2, 1, 3) @ K.transpose(0, 2, 3, 1)
    S /= e**0.5
    S += M[:, None]
    # The largest exponent is subtracted: e_P stays in range, and the factor is accounted for below.
    e_P_max = S.max(axis=3)
    S -= e_P_max[:, :, :, None]
    e_P_shifted = S
    e_P = np.exp(e_P_shifted, out=e_P_shifted)
    z_P = e_P.sum(axis=3)
    e_P /= z_P[:, :, :, None]
    P = e_P
    t_2 = (V.transpose(2, 0, 1, 3).reshape(H, B_2 * n, e) @ W_O).reshape(H, B_2, n, d)
    t_3 = t_2.transpose(1, 0, 2, 3).reshape(B_2, H * n, d)
    t_4 = P.transpose(0, 2, 1, 3).reshape(B_2, n, H * n) @ t_3
    t_4 += X
    Y = t_4
    mu_B = Y.sum(axis=2) / d
    t_5 = Y - mu_B[:, :, None]
    sigma_B = (t_5**2).sum(axis=2) / d
    sigma_B += eps
    np.sqrt(sigma_B, out=sigma_B)
    t_5 /= sigma_B[:, :, None]
    xhat_B = t_5
    B = xhat_B * gamma_2
    B += beta_2
    U = np.tensordot(B, W_1, axes=((2,), (0,)))
    U += b_1
    F = _normal_tail(-U, U)
    F /= 2
    Z = np.tensordot(F, W_2, axes=((2,), (0,)))
    Z += Y
    Z += b_2
    squared = Z - T
    np.square(squared, out=squared)
    L = squared.sum(axis=(1, 2)) / 2
    loss = L.sum() / B_2
    cache = {
        "T": T,  # (B_, n, d), for d_Z
        "W_Q": W_Q,  # (H, d, e), for d_A
        "W_K": W_K,  # (H, d, e), for d_A
        "W_V": W_V,  # (H, d, e), for d_A
        "W_O": W_O,  # (H, e, d), for d_P and d_V
        "gamma_2": gamma_2,  # (d,), for d_Y
        "W_1": W_1,  # (d, m), for d_B
        "W_2": W_2,  # (m, d), for d_F
        "xhat_A": xhat_A,  # (B_, n, d), for d_gamma_1
        "A": A,  # (B_, n, d), for d_W_V, d_W_K and d_W_Q
        "Q": Q,  # (B_, n, H, e), for d_K
        "K": K,  # (B_, n, H, e), for d_Q
        "V": V,  # (B_, n, H, e), for d_W_O and d_P
        "P": P,  # (B_, H, n, n), for d_W_O, d_S and d_V
        "sigma_B": sigma_B,  # (B_, n), for d_Y
        "xhat_B": xhat_B,  # (B_, n, d), for d_gamma_2 and d_Y
        "B": B,  # (B_, n, d), for d_W_1
        "U": U,  # (B_, n, m), for d_U
        "F": F,  # (B_, n, m), for d_W_2
        "Z": Z,  # (B_, n, d), for d_Z
    }
    return loss, cache


def backward(cache):
    """Compute the gradient of the loss with respect to each parameter, in the parameter's shape.

    ∂Z[b, i, j] = (Z[b, i, j] − T[b, i, j]) / B_
    ∂W_2[i, j] = Σ_b Σ_k F[b, k, i] ∂Z[b, k, j]
    ∂b_2[i] = Σ_b Σ_j ∂Z[b, j, i]
    ∂F[b, i, j] = Σ_k ∂Z[b, i, k] W_2[j, k]
    ∂U[b, i, j] = (normal_tail(−U[b, i, j]) / 2 + U[b, i, j] exp(−U[b, i, j]^2 / 2) √(2) / (2 √(π))) ∂F[b,
        i, j]
    ∂W_1[i, j] = Σ_b Σ_k B[b, k, i] ∂U[b, k, j]
    ∂b_1[i] = Σ_b Σ_j ∂U[b, j, i]
    ∂B[b, i, j] = Σ_k ∂U[b, i, k] W_1[j, k]
    ∂gamma_2[i] = Σ_b Σ_j xhat_B[b, j, i] ∂B[b, j, i]
    ∂beta_2[i] = Σ_b Σ_j ∂B[b, j, i]
    ∂Y[b, i, j] = (∂B[b, i, j] gamma_2[j] d − Σ_k ∂B[b, i, k] gamma_2[k] − xhat_B[b, i, j] Σ_k xhat_B[b,
        i, k] ∂B[b, i, k] gamma_2[k]) / (sigma_B[b, i] d) + ∂Z[b, i, j]
    ∂W_O[i, j, k] = Σ_b Σ_l ∂Y[b, l, k] Σ_p P[b, i, l, p] V[b, i, p, j]
    ∂P[b, h, c, i] = Σ_j ∂Y[b, c, j] Σ_p V[b, h, i, p] W_O[h, p, j]
    ∂S[b, h, i, j] = P[b, h, i, j] (∂P[b, h, i, j] − Σ_k P[b, h, i, k] ∂P[b, h, i, k])
    ∂V[b, h, i, j] = Σ_k P[b, h, k, i] Σ_l W_O[h, j, l] ∂Y[b, k, l]
    ∂W_V[i, j, k] = Σ_b Σ_l ∂V[b, i, l, k] A[b, l, j]
    ∂K[b, h, i, j] = Σ_k Q[b, h, k, j] ∂S[b, h, k, i] / √(e)
    ∂W_K[i, j, k] = Σ_b Σ_l ∂K[b, i, l, k] A[b, l, j]
    ∂Q[b, h, i, j] = Σ_k K[b, h, k, j] ∂S[b, h, i, k] / √(e)
    ∂W_Q[i, j, k] = Σ_b Σ_l ∂Q[b, i, l, k] A[b, l, j]
    ∂A[b, i, j] = Σ_h Σ_k ∂K[b, h, i, k] W_K[h, j, k] + Σ_h Σ_k ∂Q[b, h, i, k] W_Q[h, j, k] + Σ_h Σ_k
        ∂V[b, h, i, k] W_V[h, j, k]
    ∂gamma_1[i] = Σ_b Σ_j xhat_A[b, j, i] ∂A[b, j, i]
    ∂beta_1[i] = Σ_b Σ_j ∂A[b, j, i]
    """
    T = cache["T"]
    W_Q = cache["W_Q"]
    W_K = cache["W_K"]
    W_V = cache["W_V"]
    W_O = cache["W_O"]
    gamma_2 = cache["gamma_2"]
    W_1 = cache["W_1"]
    W_2 = cache["W_2"]
    xhat_A = cache["xhat_A"]
    A = cache["A"]
    Q = cache["Q"]
    K = cache["K"]
    V = cache["V"]
    P = cache["P"]
    sigma_B = cache["sigma_B"]
    xhat_B = cache["xhat_B"]
    B = cache["B"]
    U = cache["U"]
    F = cache["F"]
    Z = cache["Z"]
    B_2 = T.shape[0]
    d = T.shape[2]
    H = W_Q.shape[0]
    e = W_Q.shape[2]
    n = T.shape[1]
    d_Z = Z - T
    d_Z /= B_2
    d_W_2 = np.tensordot(F, d_Z, axes=((0, 1), (0, 1)))
    d_b_2 = d_Z.sum(axis=(0, 1))
    d_F = np.tensordot(d_Z, W_2, axes=((2,), (1,)))
    t = U**2
    t /= 2
    np.negative(t, out=t)
    np.exp(t, out=t)
    t_2 = 2**0.5 / (2 * np.pi**0.5) * U
    t_2 *= t
    d_U = _normal_tail(-U)
    d_U /= 2
    d_U += t_2
    d_U *= d_F
    d_W_1 = np.tensordot(B, d_U, axes=((0, 1), (0, 1)))
    d_b_1 = d_U.sum(axis=(0, 1))
    d_B = np.tensordot(d_U, W_1, axes=((2,), (1,)))
    d_gamma_2 = np.einsum("bca,bca->a", xhat_B, d_B)
    d_beta_2 = d_B.sum(axis=(0, 1))
    t_3 = xhat_B * np.einsum("abc,abc->ab", d_B, xhat_B * gamma_2)[:, :, None]
    t_4 = d_B * (d * gamma_2)
    t_4 -= t_3
    t_4 -= np.tensordot(d_B, gamma_2, axes=((2,), (0,)))[:, :, None]
    t_4 *= 1 / d
    t_4 /= sigma_B[:, :, None]
    t_4 += d_Z
    d_Y = t_4
    t_5 = (P.transpose(0, 1, 3, 2).reshape(B_2, H * n, n) @ d_Y).reshape(B_2, H, n, d)
    t_6 = t_5.transpose(1, 0, 2, 3).reshape(H, B_2 * n, d)
    d_W_O = V.transpose(2, 3, 0, 1).reshape(H, e, B_2 * n) @ t_6
    t_7 = np.tensordot(d_Y, W_O, axes=((2,), (2,)))
    d_P = t_7.transpose(0, 2, 1, 3) @ V.transpose(0, 2, 3, 1)
    d_P -= np.einsum("abcd,abcd->abc", P, d_P)[:, :, :, None]
    d_S = d_P
    d_S *= P
    d_V = (t_6 @ W_O.transpose(0, 2, 1)).reshape(H, B_2, n, e)
    d_W_V = np.tensordot(d_V.transpose(1, 0, 2, 3), A, axes=((0, 2), (0, 1)))
    d_K = d_S.transpose(0, 1, 3, 2) @ Q.transpose(0, 2, 1, 3)
    d_K /= e**0.5
    d_W_K = np.tensordot(d_K, A, axes=((0, 2), (0, 1)))
    d_Q = d_S @ K.transpose(0, 2, 1, 3)
    d_Q /= e**0.5
    d_W_Q = np.tensordot(d_Q, A, axes=((0, 2), (0, 1)))
    t_8 = np.tensordot(d_K, W_K, axes=((1, 3), (0, 2)))
    t_9 = np.tensordot(d_Q, W_Q, axes=((1, 3), (0, 2)))
    t_9 += t_8
    d_A = np.tensordot(d_V.transpose(1, 0, 2, 3), W_V, axes=((1, 3), (0, 2)))
    d_A += t_9
    d_gamma_1 = np.einsum("bca,bca->a", xhat_A, d_A)
    d_beta_1 = d_A.sum(axis=(0, 1))
    return {
        "W_Q": d_W_Q.transpose(0, 2, 1),
        "W_K": d_W_K.transpose(0, 2, 1),
        "W_V": d_W_V.transpose(0, 2, 1),
        "W_O": d_W_O,
        "gamma_1": d_gamma_1,
        "beta_1": d_beta_1,
        "gamma_2": d_gamma_2,
        "beta_2": d_beta_2,
        "W_1": d_W_1,
        "b_1": d_b_1,
        "W_2": d_W_2,
        "b_2": d_b_2,
    }


def value_and_grad(params, X, M, T, *, eps):
    """Compute the loss and its gradients.

    See `forward` and `backward`.
    """
    loss, cache = forward(params, X, M, T, eps=eps)
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
    lead = () if single else ("B_",)
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
    B = sizes["B_"]
    n = sizes["n"]
    d = sizes["d"]
    H = sizes["H"]
    e = sizes["e"]
    m = sizes["m"]
    params = {
        "W_Q": draw((H, d, e)),
        "W_K": draw((H, d, e)),
        "W_V": draw((H, d, e)),
        "W_O": draw((H, e, d)),
        "gamma_1": draw((d,)),
        "beta_1": draw((d,)),
        "gamma_2": draw((d,)),
        "beta_2": draw((d,)),
        "W_1": draw((d, m)),
        "b_1": draw((m,)),
        "W_2": draw((m, d)),
        "b_2": draw((d,)),
    }
    data = [
        draw((B, n, d)),
        draw((B, n, n)),
        rng.uniform(0.1, 0.9, (B, n, d)),
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
