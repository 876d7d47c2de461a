"""The loss of the starter's language model, in as few passes over memory as a CPU needs.

A test compares it with `training/beat/losses.py`, which asks audiocraft's layers. With it a step of three layers with
bf16 took 0.65 s instead of 1.5 s: attention is two products of matrices with a softmax between, and no logits of a
codebook are kept in fp32.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from audiocraft.models.lm import LMModel
from audiocraft.modules.conditioners import ConditioningAttributes
from audiocraft.modules.transformer import create_sin_embedding
from torch import Tensor, nn
from torch.nn import functional as F

from training.beat.losses import Excerpt


class LossOfTokens(nn.Module):
    """Returns the summed cross-entropy of each codebook, (K,), in nats.

    Args:
        lm: A language model of `starter.build_lm` whose conditions are all added to the steps.
    """

    def __init__(self, lm: LMModel):
        super().__init__()
        if lm.fuser.fuse2cond["cross"]:
            raise ValueError("words that are attended to are of the first versions, which are not trained any more")
        self.lm = lm

    def forward(self, sequence: Tensor, target: Tensor, conditions: list[ConditioningAttributes]) -> Tensor:
        """Measures windows.

        Args:
            sequence: Tokens that are seen, by step of the delay pattern, (B, K, S).
            target: Tokens to predict, (B, K, S); the special token is not counted.
            conditions: What is told of each window.
        """
        lm = self.lm
        told = lm.condition_provider(lm.condition_provider.tokenize(conditions))
        steps = sum(embed(tokens) for embed, tokens in zip(lm.emb, sequence.unbind(1), strict=True))
        steps, _ = lm.fuser(steps, told)
        x = steps + create_sin_embedding(
            torch.arange(steps.shape[1], device=steps.device).view(1, -1, 1), steps.shape[2], dtype=steps.dtype
        )
        later = torch.full((x.shape[1], x.shape[1]), float("-inf"), device=x.device).triu(1)
        for layer in lm.transformer.layers:
            x = x + _attend(layer.self_attn, layer.norm1(x), later)
            x = x + layer.linear2(F.gelu(layer.linear1(layer.norm2(x))))
        flat = lm.out_norm(x).flatten(0, 1)
        of_codebooks = zip(lm.linears, target.unbind(1), strict=True)
        sums = [_CrossEntropy.apply(head(flat), true.flatten(), lm.special_token_id) for head, true in of_codebooks]
        return torch.stack(sums)


def window_sums(lm: LMModel, forward: Callable[..., Tensor], excerpts: Sequence[Excerpt]) -> Tensor:
    """Returns the summed cross-entropy of each codebook, (K,).

    Args:
        lm: The model, for its pattern and device.
        forward: `LossOfTokens`, or accelerate's wrapper of it.
        excerpts: Windows of one length.
    """
    codes = torch.stack([torch.from_numpy(excerpt.codes) for excerpt in excerpts]).to(next(lm.parameters()).device)
    pattern = lm.pattern_provider.get_pattern(codes.shape[2])
    sequence, _, _ = pattern.build_pattern_sequence(codes, lm.special_token_id, keep_only_valid_steps=False)
    told = [ConditioningAttributes(text=dict(excerpt.texts)) for excerpt in excerpts]
    return forward(sequence[..., :-1], sequence[..., 1:], told)


def _attend(attention: nn.Module, x: Tensor, later: Tensor) -> Tensor:
    """Causal self-attention of (B, S, D); `later` is -inf where a step would see a later one."""
    batch, steps, dim = x.shape
    heads = attention.num_heads
    packed = F.linear(x, attention.in_proj_weight).view(batch, steps, 3, heads, dim // heads)
    q, k, v = packed.permute(2, 0, 3, 1, 4).reshape(3, batch * heads, steps, dim // heads)
    scores = torch.baddbmm(later.to(q.dtype), q, k.transpose(1, 2), alpha=(dim // heads) ** -0.5)
    heard = (scores.softmax(-1, dtype=scores.dtype) @ v).view(batch, heads, steps, dim // heads)
    return attention.out_proj(heard.transpose(1, 2).reshape(batch, steps, dim))


class _CrossEntropy(torch.autograd.Function):
    """The summed cross-entropy of logits (N, card) to targets (N,); its gradient is computed at once, in their type."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor, ignored: int) -> Tensor:
        counted = target != ignored
        at = torch.where(counted, target, 0)[:, None]
        logs = logits.float().log_softmax(-1)
        loss = -(logs.gather(1, at)[:, 0] * counted).sum()
        slope = logs.exp_().scatter_add_(1, at, -torch.ones_like(at, dtype=logs.dtype)).mul_(counted[:, None])
        ctx.save_for_backward(slope.to(logits.dtype))
        return loss

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        (slope,) = ctx.saved_tensors
        return slope * slopes[0].to(slope.dtype), None, None
