"""Drafts of weights that know their parts are ranked by those parts, and told concepts by their ids."""

from __future__ import annotations

from dataclasses import dataclass, field

from fakes import PartsEngine

from typebeat.engines import Engines
from typebeat.hearing.parts_reranker import PARTS, PartsReranker
from typebeat.parts.beat import DRAFTS, draft_seeds
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest


@dataclass(frozen=True)
class LastIsBest(PartsReranker):
    """Likes each draft better than the one before, and keeps what it was asked."""

    asked: list[tuple] = field(default_factory=list)

    def nearness(self, parts, bpm, style, concepts, left_out):
        self.asked.append((tuple(parts), bpm, style, concepts, left_out))
        return float(len(self.asked))


def make(tmp_path, prompt: str):
    engine = PartsEngine(reranker=LastIsBest({}), concepts=("style:kid-cudi", "lead:flute", "without:808"))
    request = BeatRequest(prompt, "kid-cudi", 100, "A minor", bars=1, seed=7, parts="beat")
    return engine, make_pack(request, Engines(engine), tmp_path).recipe


def test_each_draft_is_compared_by_its_parts_with_what_the_words_ask_for(tmp_path):
    engine, recipe = make(tmp_path, "flute melody, no bass")
    assert (
        engine.reranker.asked
        == [
            (PARTS, 100, "kid-cudi", ("lead:flute", "without:808"), ("808",)),
        ]
        * DRAFTS
    )
    assert recipe["files"][0]["seed"] == draft_seeds(7, DRAFTS)[-1]


def test_the_model_is_told_the_concepts_that_it_knows_and_the_recipe_says_which(tmp_path):
    engine, recipe = make(tmp_path, "flute melody, no bass, dark")
    told = "style:kid-cudi lead:flute without:808"
    assert recipe["caption"].endswith(told)
    assert engine.asked[0][0].caption == recipe["caption"]
    assert "mood:dark" not in recipe["caption"]
