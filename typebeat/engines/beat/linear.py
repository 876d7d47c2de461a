"""Dense layers laid out for one step of a decoder: a few rows against many weights, limited by the memory's speed.

On some processors PyTorch's plain `F.linear` runs such shapes far below that speed; weights packed once for oneDNN run
near it. int8 weights, with one scale for each output channel, are a quarter of the bytes. Inputs are scaled row by row,
so that the result of a row does not depend on the other rows of its batch. Processors without the instructions for
bytes keep the weights in fp16 and compute in fp32.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

Linear = Callable[[Tensor], Tensor]

FP16_WEIGHTS = "fp16 weights"  # on a CPU: weights in fp16, sums in fp32
LARGEST_FP16 = 65_504.0
EXPECTED_ROWS = 2  # a layout hint for oneDNN; any number of rows works


def best_precision(lm_dtype: torch.dtype, device: str) -> str:
    """Returns "fp16" or "bf16" if the weights are so, on a CPU the fastest that it has, else "fp32"."""
    if lm_dtype in (torch.float16, torch.bfloat16):
        return "fp16" if lm_dtype == torch.float16 else "bf16"
    if device != "cpu" or not has_fbgemm():
        return "fp32"
    return "int8" if has_int8() else FP16_WEIGHTS


def has_fbgemm() -> bool:
    """Whether PyTorch's kernels for small weights run here: on x86 processors with AVX2."""
    return "fbgemm" in torch.backends.quantized.supported_engines


def has_int8() -> bool:
    """Whether this processor multiplies bytes without overflow (VNNI); on others a bit of precision would be lost."""
    return torch.cpu._is_vnni_supported() and has_fbgemm()


def pack_linear(weight: Tensor, bias: Tensor | None, precision: str) -> Linear:
    """Returns the function x (..., in) -> (..., out) of a weight (out, in) and a bias (out,) or None.

    The weight is fp32 on a CPU or half precision on a GPU; `precision` is "int8", `FP16_WEIGHTS` or the weight's own.
    """
    weight = weight.detach()
    if precision == "int8":
        return Int8Linear(weight, bias)
    if precision == FP16_WEIGHTS and weight.abs().max() < LARGEST_FP16:
        return Fp16Linear(weight, bias)
    if weight.device.type == "cpu" and weight.dtype == torch.float32 and torch.backends.mkldnn.is_available():
        return PackedLinear(weight, bias)
    return lambda x: F.linear(x, weight, bias)


def keeps_rows_apart(linear: Linear) -> bool:
    """Whether a row's result is the same bits whatever other rows, and how many, are computed with it.

    oneDNN and BLAS choose the order of a sum by the number of rows. FBGEMM does not, but for what `Fp16Linear` evens
    out.
    """
    return isinstance(linear, Fp16Linear | Int8Linear)


class PackedLinear:
    """fp32 weights in oneDNN's own layout."""

    def __init__(self, weight: Tensor, bias: Tensor | None):
        self._packed = torch.ops.mkldnn._reorder_linear_weight(weight, EXPECTED_ROWS)
        self._bias = None if bias is None else bias.detach()

    def __call__(self, x: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(x, self._packed, self._bias, "none", [], "")


class Fp16Linear:
    """fp16 weights, half the bytes to read; inputs, sums and results are fp32. Errors are about 2e-4 of the largest.

    FBGEMM adds up its last one or two rows in another order than three or more. Rows are therefore filled up to threes,
    so that no row's result depends on how many others there are.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None):
        self._packed = torch.ops.quantized.linear_prepack_fp16(weight, None if bias is None else bias.detach())

    def __call__(self, x: Tensor) -> Tensor:
        count = x.shape[:-1].numel()
        rows = x.reshape(count, -1)
        if count % 3:
            rows = F.pad(rows, (0, 0, 0, 3 - count % 3))
        return torch.ops.quantized.linear_dynamic_fp16(rows, self._packed)[:count].view(*x.shape[:-1], -1)


class Int8Linear:
    """int8 weights with a scale for each output channel; inputs become bytes with a scale for each row."""

    def __init__(self, weight: Tensor, bias: Tensor | None):
        scales = weight.abs().amax(dim=1).clamp(min=1e-8).double() / 127
        quantised = torch.quantize_per_channel(
            weight, scales, torch.zeros(len(scales), dtype=torch.long), 0, torch.qint8
        )
        self._packed = torch.ops.quantized.linear_prepack(quantised, None)
        self._bias = None if bias is None else bias.detach()

    def __call__(self, x: Tensor) -> Tensor:
        loudest = x.abs().amax(dim=-1, keepdim=True).clamp_min_(1e-8)
        # zero lies on byte 128; a row's loudest value on 1 or 255
        made = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            x / loudest, 1 / 127, 128, self._packed
        )
        made *= loudest
        return made if self._bias is None else made.add_(self._bias)
