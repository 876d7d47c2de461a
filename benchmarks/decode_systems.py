"""The systems that `decode.py` compares: the generation loops of audiocraft, transformers and Typebeat.

All generate greedily with guidance, from the same seeded random weights; nothing is downloaded. Random vectors of 20
positions stand for the caption. transformers runs `MusicgenForConditionalGeneration.generate` up to the tokens; its
text encoder and codec are not included in the time.
"""

from __future__ import annotations

import time
from types import SimpleNamespace

TEXT_POSITIONS, GUIDANCE, SEED = 20, 3.0, 0
# channels, layers, heads; "quick" is two layers of the small shape
SHAPES = {"small": (1024, 24, 16), "medium": (1536, 48, 24), "quick": (1024, 2, 16)}
CODEBOOKS, CARDINALITY = 4, 2048


def build_lm(shape: str):
    """Returns audiocraft's `LMModel` in a shape of MusicGen, with random weights and a fixed text instead of T5."""
    from typebeat.engines.quiet import import_audiocraft

    import_audiocraft()
    import torch
    from audiocraft.models.lm import LMModel
    from audiocraft.modules.codebooks_patterns import DelayedPatternProvider
    from audiocraft.modules.conditioners import ConditionFuser, ConditioningProvider, TextConditioner

    channels, layers, heads = SHAPES[shape]

    class FixedText(TextConditioner):
        """Random vectors for any text and zeros for none, which cost as much as those of T5."""

        def tokenize(self, texts):
            return {"there": torch.tensor([text is not None for text in texts])}

        def forward(self, inputs):
            generator = torch.Generator().manual_seed(SEED)
            vectors = torch.randn(1, TEXT_POSITIONS, self.dim, generator=generator)
            mask = inputs["there"][:, None].expand(-1, TEXT_POSITIONS).long()
            return vectors * mask[..., None], mask

    torch.manual_seed(SEED)
    provider = ConditioningProvider({"description": FixedText(channels, channels)})
    fuser = ConditionFuser({"cross": ["description"], "sum": [], "prepend": [], "input_interpolate": []})
    options = {"causal": True, "custom": False, "memory_efficient": True, "cross_attention": True, "dropout": 0.0}
    options |= {"bias_ff": False, "bias_attn": False, "bias_proj": False, "activation": "gelu", "norm_first": True}
    pattern, sizes = DelayedPatternProvider(CODEBOOKS), (CODEBOOKS, CARDINALITY, channels, heads)
    return LMModel(pattern, provider, fuser, *sizes, num_layers=layers, **options).eval()


def run_audiocraft(lm, takes: int, steps: int):
    """Returns the tokens (takes, codebooks, steps) of `LMModel.generate`."""
    from audiocraft.modules.conditioners import ConditioningAttributes

    asked = [ConditioningAttributes(text={"description": "a beat"})] * takes
    return lm.generate(None, asked, max_gen_len=steps, use_sampling=False, cfg_coef=GUIDANCE)


def as_transformers(lm, shape: str):
    """Returns transformers' model with the same language model and with a tiny text encoder and codec."""
    from transformers import (
        EncodecConfig,
        MusicgenConfig,
        MusicgenDecoderConfig,
        MusicgenForCausalLM,
        MusicgenForConditionalGeneration,
        T5Config,
    )

    channels, layers, heads = SHAPES[shape]
    config = MusicgenDecoderConfig(
        vocab_size=CARDINALITY, max_position_embeddings=2048, num_hidden_layers=layers, ffn_dim=4 * channels,
        num_attention_heads=heads, hidden_size=channels, num_codebooks=CODEBOOKS, dropout=0.0,
        pad_token_id=CARDINALITY, bos_token_id=CARDINALITY,
    )  # fmt: skip
    renamed = {}
    for name, weight in lm.state_dict().items():
        name = name.replace("transformer.layers", "model.decoder.layers").replace(
            "out_norm", "model.decoder.layer_norm"
        )
        name = name.replace("emb.", "model.decoder.embed_tokens.") if name.startswith("emb.") else name
        name = name.replace("linears.", "lm_heads.").replace("linear1", "fc1").replace("linear2", "fc2")
        name = name.replace("cross_attention.", "encoder_attn.").replace("norm_cross", "encoder_attn_layer_norm")
        name = name.replace("norm1", "self_attn_layer_norm").replace("norm2", "final_layer_norm")
        if name.endswith("in_proj_weight"):
            for part, rows in zip("qkv", weight.chunk(3), strict=True):
                renamed[name.replace("in_proj_weight", f"{part}_proj.weight")] = rows
        elif name.startswith(("model.", "lm_heads.")):
            renamed[name] = weight
    model = MusicgenForCausalLM(config).eval()
    missing, unexpected = model.load_state_dict(renamed, strict=False)
    missing = [name for name in missing if "embed_positions" not in name]
    if missing or unexpected:
        raise RuntimeError(f"weights do not map: {missing[:3]} {unexpected[:3]}")
    text = T5Config(vocab_size=8, d_model=channels, d_kv=8, d_ff=8, num_layers=1, num_heads=1)
    codec = EncodecConfig(
        num_filters=4, hidden_size=8, codebook_size=CARDINALITY, codebook_dim=8, target_bandwidths=[2.2],
        sampling_rate=32_000, upsampling_ratios=[8, 5, 4, 4], num_lstm_layers=1,
    )  # fmt: skip
    parts = {"text_encoder": text, "audio_encoder": codec, "decoder": config}
    whole = MusicgenForConditionalGeneration(config=MusicgenConfig(**{name: c.to_dict() for name, c in parts.items()}))
    whole.decoder = model
    return whole.eval()


def run_transformers(model, lm, takes: int, steps: int):
    """Returns the tokens (takes, codebooks, steps) of `MusicgenForConditionalGeneration.generate`."""
    import torch
    from transformers import GenerationConfig
    from transformers.modeling_outputs import BaseModelOutput

    text = lm.condition_provider.conditioners["description"]
    vectors, mask = text({"there": torch.tensor([True] * takes)})
    model.text_encoder.forward = lambda **_: BaseModelOutput(last_hidden_state=vectors)
    config = GenerationConfig(
        max_length=steps + CODEBOOKS, do_sample=False, num_beams=1, guidance_scale=GUIDANCE, use_cache=True,
        pad_token_id=CARDINALITY, bos_token_id=CARDINALITY, decoder_start_token_id=CARDINALITY,
    )  # fmt: skip
    made = []

    def keep(codes, *_, **__):
        made.append(codes.reshape(-1, CODEBOOKS, codes.shape[-1]))
        return SimpleNamespace(audio_values=torch.zeros(1, 1, 1))

    model.audio_encoder.decode = keep
    with torch.inference_mode():
        model.generate(torch.zeros_like(mask), attention_mask=mask, generation_config=config)
    return torch.cat(made)[..., :steps]


def run_own(decoder, lm, takes: int, steps: int, marks: list[float] | None = None, requests: int = 1):
    """Returns the tokens of Typebeat's decoder for one of several requests; appends the time of each step to `marks`.

    The requests are drawn side by side, as `typebeat/engines/beat/batch.py` does.
    """
    import torch
    from audiocraft.modules.conditioners import ConditioningAttributes

    from typebeat.engines.beat.sampling import Sampling, Window, WindowRun

    texts = [ConditioningAttributes(text={"description": text}) for text in ("a beat", None)]
    sampling = Sampling(GUIDANCE, 1.0, 1, tuple(torch.Generator() for _ in range(takes)))
    with torch.inference_mode():
        tensors = lm.condition_provider(lm.condition_provider.tokenize(texts))
        nothing = torch.zeros((takes, CODEBOOKS, 0), dtype=torch.long)
        runs = [WindowRun(decoder, lm, nothing, Window(0, 0, steps), tensors, sampling) for _ in range(requests)]
        while not runs[0].is_over:
            for run, logits in zip(runs, decoder.step_all([run.ask() for run in runs]), strict=True):
                run.take(logits)
            if marks is not None:
                marks.append(time.perf_counter())
        return runs[0].tokens()
