"""Convolutions (as the libraries use the word: cross-correlations) and pooling; a batch is a leading axis.

A window starts at ``stride i - padding`` and takes every ``dilation``-th entry; outside of the input there are zeros.
Source: V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, 2016.
"""

from symnn.declare import operator
from symnn.network.arrays import largest, mean, tabulate, total

GUIDE = "V. Dumoulin, F. Visin, A guide to convolution arithmetic for deep learning, 2016"


def windows(length, width, stride, padding, dilation):
    """How many windows fit."""
    return (length + 2 * padding - dilation * (width - 1) - 1) // stride + 1


@operator(
    latex=r"\operatorname{conv}_1",
    aliases=("convolution1d", "conv_1d", "conv_1"),
    kind="convolution",
    source=GUIDE,
)
def conv1d(
    x: "c n", w: "o c k", b: "o", *, stride: "integer" = 1, padding: "natural" = 0, dilation: "integer" = 1
) -> "o (n+2*padding-dilation*(k-1)-1)//stride+1":
    """Sums of windows of every channel, weighted by a kernel for each output channel, and a bias."""
    count = windows(x.shape[1], w.shape[2], stride, padding, dilation)

    def entry(o, i):
        place = tabulate(w.shape[1:], lambda c, p: w[o, c, p] * x.padded(c, stride * i + dilation * p - padding))
        return total(place) + b[o]

    return tabulate((w.shape[0], count), entry)


@operator(
    latex=r"\operatorname{conv}_2",
    aliases=("convolution2d", "conv_2d", "conv_2"),
    kind="convolution",
    source=GUIDE,
)
def conv2d(
    x: "c h v", w: "o c k l", b: "o", *, stride: "integer" = 1, padding: "natural" = 0, dilation: "integer" = 1
) -> "o (h+2*padding-dilation*(k-1)-1)//stride+1 (v+2*padding-dilation*(l-1)-1)//stride+1":
    """Sums of windows of every channel of an image, weighted by a kernel for each output channel, and a bias."""
    rows = windows(x.shape[1], w.shape[2], stride, padding, dilation)
    columns = windows(x.shape[2], w.shape[3], stride, padding, dilation)

    def entry(o, i, j):
        def weighted(c, p, q):
            return w[o, c, p, q] * x.padded(c, stride * i + dilation * p - padding, stride * j + dilation * q - padding)

        return total(tabulate(w.shape[1:], weighted)) + b[o]

    return tabulate((w.shape[0], rows, columns), entry)


@operator(
    latex=r"\operatorname{maxpool}_1",
    aliases=("max_pooling1d", "max_pool_1d", "maxpool_1"),
    kind="convolution",
    source=GUIDE,
)
def max_pool1d(x: "n", *, width: "integer", stride: "integer") -> "(n-width)//stride+1":
    """The largest entry of every window."""
    count = windows(x.shape[0], width, stride, 0, 1)
    return tabulate((count,), lambda i: largest(tabulate((width,), lambda p: x[stride * i + p])))


@operator(
    latex=r"\operatorname{maxpool}_2",
    aliases=("max_pooling2d", "max_pool_2d", "maxpool_2"),
    kind="convolution",
    source=GUIDE,
)
def max_pool2d(x: "h v", *, width: "integer", stride: "integer") -> "(h-width)//stride+1 (v-width)//stride+1":
    """The largest entry of every square window of an image."""
    rows, columns = (windows(size, width, stride, 0, 1) for size in x.shape)

    def entry(i, j):
        return largest(tabulate((width, width), lambda p, q: x[stride * i + p, stride * j + q]))

    return tabulate((rows, columns), entry)


@operator(
    latex=r"\operatorname{avgpool}_1",
    aliases=("average_pooling1d", "avg_pool1d", "mean_pool1d", "avgpool_1"),
    kind="convolution",
    source=GUIDE,
)
def average_pool1d(x: "n", *, width: "integer", stride: "integer") -> "(n-width)//stride+1":
    """The mean of every window."""
    count = windows(x.shape[0], width, stride, 0, 1)
    return tabulate((count,), lambda i: mean(tabulate((width,), lambda p: x[stride * i + p])))


@operator(
    latex=r"\operatorname{avgpool}_2",
    aliases=("average_pooling2d", "avg_pool2d", "mean_pool2d", "avgpool_2"),
    kind="convolution",
    source=GUIDE,
)
def average_pool2d(x: "h v", *, width: "integer", stride: "integer") -> "(h-width)//stride+1 (v-width)//stride+1":
    """The mean of every square window of an image."""
    rows, columns = (windows(size, width, stride, 0, 1) for size in x.shape)

    def entry(i, j):
        return mean(tabulate((width, width), lambda p, q: x[stride * i + p, stride * j + q]))

    return tabulate((rows, columns), entry)
