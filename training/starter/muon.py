"""The Muon optimizer (Jordan et al. 2024) for convolutions too, and fast on processors without bf16.

torch's own takes only matrices and always computes in bf16, which is fifty times slower than fp32 where a processor has
no instructions for it.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer

_POLYNOMIAL = (3.4445, -4.7750, 2.0315)
_STEPS = 5


def orthogonalised(matrices: Tensor) -> Tensor:
    """Returns approximately the nearest orthogonal matrices, by five Newton-Schulz steps, in bf16 where that is fast.

    Args:
        matrices: Of one shape, (n, rows, columns).
    """
    tall = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if tall else matrices
    is_bf16_fast = x.is_cuda or torch.cpu._is_avx512_bf16_supported()
    if is_bf16_fast:
        x = x.bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    long = x.shape[2] >= 2 * x.shape[1] and not is_bf16_fast  # bf16 is too coarse for it
    x = _by_gram_matrix(x) if long else _by_steps(x)
    return (x.mT if tall else x).float()


def _by_steps(x: Tensor) -> Tensor:
    a, b, c = _POLYNOMIAL
    for _ in range(_STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x


def _by_gram_matrix(x: Tensor) -> Tensor:
    """Does the same steps on the small square matrix x xᵀ alone, and multiplies the long matrix once, at the end."""
    a, b, c = _POLYNOMIAL
    gram = x @ x.mT
    product = None  # of the polynomials so far; all of them commute
    for i in range(_STEPS):
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        polynomial.diagonal(dim1=1, dim2=2).add_(a)
        product = polynomial if product is None else polynomial @ product
        if i < _STEPS - 1:
            gram = polynomial @ gram @ polynomial
    return product @ x


class Muon(Optimizer):
    """Muon for kernels and matrices, each as a matrix with one row per output; learning rates are those of AdamW."""

    def __init__(self, parameters: Iterable[Tensor], lr: float, momentum: float = 0.95, weight_decay: float = 0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Does a step along the orthogonalised momentum; closures are not supported."""
        for group in self.param_groups:
            of_shapes: dict[torch.Size, list[nn.Parameter]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    of_shapes.setdefault(p.flatten(1).shape, []).append(p)
            for shape, alike in of_shapes.items():
                updates = orthogonalised(torch.stack([self._direction(p, group["momentum"]) for p in alike]))
                for p, update in zip(alike, updates, strict=True):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_(update.view_as(p), alpha=-group["lr"] * 0.2 * max(shape) ** 0.5)

    def _direction(self, p: nn.Parameter, momentum: float) -> Tensor:
        gradient = p.grad.flatten(1)
        held = self.state[p].setdefault("momentum", torch.zeros_like(gradient))
        held.lerp_(gradient, 1 - momentum)
        return gradient.lerp(held, momentum)


def muon_and_adamw(model: nn.Module, apart: Iterable[nn.Module], lr: float) -> list[Optimizer]:
    """Returns Muon for kernels and matrices, and AdamW for vectors, embeddings and the layers `apart`."""
    kept = {id(p) for module in apart for p in module.parameters()}
    kept |= {id(p) for module in model.modules() if isinstance(module, nn.Embedding) for p in module.parameters()}
    parameters = [p for p in model.parameters() if p.requires_grad]
    matrices = [p for p in parameters if p.dim() > 1 and id(p) not in kept]
    known = {id(p) for p in matrices}
    rest = [p for p in parameters if id(p) not in known]
    return [Muon(matrices, lr), AdamW(rest, lr=lr, betas=(0.9, 0.98), weight_decay=0.0)]
