"""A starter's codec of a few thousand weights, for tests of what surrounds it."""

from typebeat.engines.quiet import quiet_import

with quiet_import():
    from typebeat.engines.beat.codec import CodecConfig, NetworkConfig

_SMALL = {"width": 32, "fine_width": 32, "latent": 8}
TINY_CODEC = CodecConfig(
    networks=(
        NetworkConfig(30.0, 2_000.0, 12, 16, books=2, **_SMALL),
        NetworkConfig(27.5, 2_000.0, 12, 8, books=1, **_SMALL),
        NetworkConfig(60.0, 8_000.0, 12, 16, books=2, **_SMALL),
    ),
    cardinality=16,
)
TINY_DELAYS = (*(0, 1), 1, *(0, 1), *(2, 3))
TINY_LM = {"dim": 32, "num_layers": 2, "num_heads": 2, "dropout": 0.0, "delays": list(TINY_DELAYS)}
