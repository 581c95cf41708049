"""Compares two quantised GGUF files with the file that both were made from, tensor by tensor.

    python quantisation_error.py ORIGINAL.gguf OURS.gguf THEIRS.gguf

Prints the root-mean-square errors of all quantised weights, their ratio, and the tensor with the largest ratio. Needs
the PyPI packages gguf and numpy; the decoding is theirs. For example:

    bin/lectern convert model-f16.gguf ours.gguf --type Q4_K
    llama-quantize --pure model-f16.gguf theirs.gguf Q4_K_S
    python engine/benchmarks/quantisation_error.py model-f16.gguf ours.gguf theirs.gguf
"""

import sys

import gguf
import numpy as np

PIECE_WEIGHTS = 1 << 22


def decode(tensor, first, last):
    rows = tensor.data.reshape(-1, tensor.data.shape[-1])
    return gguf.quants.dequantize(rows[first:last], tensor.tensor_type).astype(np.float64)


def squared_errors(original, ours, theirs):
    """Sums over a tensor, a few rows at a time."""
    rows = original.data.size // original.data.shape[-1]
    step = max(1, PIECE_WEIGHTS // int(original.shape[0]))
    sums = np.zeros(2)
    for first in range(0, rows, step):
        weights = decode(original, first, first + step)
        for i, other in enumerate((ours, theirs)):
            sums[i] += ((decode(other, first, first + step) - weights) ** 2).sum()
    return sums


def main(paths):
    files = [{tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors} for path in paths]
    total, weights, worst = np.zeros(2), 0, (0.0, "none")
    for name, original in files[0].items():
        ours, theirs = files[1][name], files[2][name]
        if ours.tensor_type == original.tensor_type:
            continue
        if ours.tensor_type != theirs.tensor_type:
            print(f"{name}: {ours.tensor_type.name} and {theirs.tensor_type.name}, left out")
            continue
        sums = squared_errors(original, ours, theirs)
        total += sums
        weights += int(original.n_elements)
        worst = max(worst, (float(np.sqrt(sums[0] / sums[1])), name))
    rms = np.sqrt(total / weights)
    print(f"{weights:,} weights: RMS error {rms[0]:.6e}, theirs {rms[1]:.6e}, ratio {rms[0] / rms[1]:.4f};"
          f" largest ratio {worst[0]:.4f}, {worst[1]}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(sys.argv[1:])
