"""A finished run goes to the Hub with a card of its facts, comes back, and plays; what must not be pushed is not."""

from __future__ import annotations

import json
import shutil

import pytest
import tiny_models
import yaml
from beat_folder import write_beats
from hub_routes import READ_TOKEN
from tiny_codec import TINY_CODEC

from benchmarks.transformers_models import make_model, own_tokens, save, their_tokens
from training import push as push_module
from training.beat.export import ExportError
from training.evaluate import EvaluateOptions, evaluate, listen
from training.finetune_musicgen import FinetuneOptions, finetune
from training.hub.folders import FACTS, HubError
from training.prepare_beats import PrepareOptions, prepare
from training.push import PushOptions, push
from training.quality.evaluation import read_evaluation
from training.runs.errors import TrainingError
from training.runs.options import OptionsError
from typebeat.engines import Engines
from typebeat.engines.beat.codec import StarterCodec
from typebeat.engines.beat.loading import load_models
from typebeat.engines.beat.starter import build_lm, save_starter
from typebeat.engines.load import load_beat_engine
from typebeat.pipeline import make_pack
from typebeat.request.requests import BeatRequest

SHORT = {"steps": 2, "batch": 2, "micro_batch": 2, "warmup_steps": 1, "check_every": 1, "samples": 0, "lr": 0.01}


@pytest.fixture(scope="module", autouse=True)
def short_beats():
    """Beats of one bar are compared, which take a quarter of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.evaluate.BARS", 1)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    source = str(write_beats(folder / "raw", 2))
    return prepare(PrepareOptions(source=source, out=folder / "set", validation_share=1 / 3), lambda _: None).folder


@pytest.fixture(scope="module")
def musicgen(data, tmp_path_factory):
    """A LoRA of a tiny MusicGen, evaluated."""
    folder = tmp_path_factory.mktemp("musicgen")
    base = tiny_models.save_model(folder / "base")
    (base / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    return trained(data, folder, base, "lora")


@pytest.fixture(scope="module")
def starter(data, tmp_path_factory):
    """A full finetune of a tiny starter, evaluated."""
    folder, codec = tmp_path_factory.mktemp("starter"), StarterCodec(TINY_CODEC).eval()
    sizes = {"dim": 32, "num_layers": 1, "num_heads": 2, "dropout": 0.0}
    save_starter(folder / "base", codec, build_lm(sizes, codec, ["mood:dark", "sound:bells"], 4.0), sizes, 4.0)
    (folder / "base" / "README.md").write_text("---\nlicense: mit\n---\n")
    return trained(data, folder, folder / "base", "full")


def trained(data, folder, base, method):
    options = FinetuneOptions(
        data=data, out=folder / "run", base=str(base), method=method, cache=folder / "cache", rank=4, **SHORT
    )
    finetune(options, lambda _: None)
    evaluate(EvaluateOptions(run=folder / "run", beats=2), lambda _: None)
    return folder / "run"


def options(run, **changes):
    return PushOptions(**{"run": run, "repo": "me/beats", "tag": "v1", "contact": "ada@example.com", **changes})


@pytest.mark.parametrize("kind", ["musicgen", "starter"])
def test_what_was_pushed_is_what_the_app_plays(hub, kind, request, tmp_path):
    run, said = request.getfixturevalue(kind), []
    pushed = push(options(run), said.append)
    assert "it makes the same beat" in said[-1]
    engine = load_beat_engine("me/beats@v1")
    assert (engine.weights.name, engine.weights.source) == ("me/beats", "hub")
    assert engine.weights.revision == pushed.commit
    assert engine.weights.licence == ("cc-by-nc-4.0" if kind == "musicgen" else "mit")
    request = BeatRequest(prompt="dark bells", style="travis-scott", bpm=150, bars=2, parts=("beat",), seed=1)
    pack = make_pack(request, Engines(engine), tmp_path / "packs")
    assert pack.takes[0].stat().st_size > 100_000
    assert pack.recipe["weights"]["beat"]["name"] == "me/beats"


def test_the_card_tells_the_facts_of_the_run(hub, musicgen):
    push(options(musicgen), lambda _: None)
    card = hub.read("me/beats", "README.md", "v1").decode()
    _, front, body = card.split("---\n", 2)
    told = yaml.safe_load(front)
    assert told["license"] == "cc-by-nc-4.0"
    metrics = {metric["type"]: metric["value"] for metric in told["model-index"][0]["results"][0]["metrics"]}
    assert metrics["validation_loss"] == read_evaluation(musicgen).value("validation loss")
    assert "not known yet" not in body
    assert "State of this card" not in body
    for words in ("beat0", "cc-by-4.0", "lora from base", "tensors differ", "ada@example.com", "no commercial use"):
        assert words in body or words in json.dumps(json.loads(hub.read("me/beats", FACTS, "v1"))), words
    facts = json.loads(hub.read("me/beats", FACTS, "v1"))
    assert facts["run"]["step"] == 2
    assert str(musicgen) not in json.dumps(facts)
    assert "adapter/adapter_model.safetensors" in hub.repos["model", "me/beats"].files("v1")


def test_a_starters_card_does_not_speak_of_musicgens_licence(hub, starter):
    push(options(starter), lambda _: None)
    card = hub.read("me/beats", "README.md", "v1").decode()
    assert "\nlicense: mit\n" in card
    assert "no commercial use" not in card
    assert "base_model" not in card


def test_weights_that_equal_their_base_are_refused_and_nothing_is_sent(hub, starter, tmp_path):
    from safetensors.torch import load_file, save_file

    run = shutil.copytree(starter, tmp_path / "run")
    best = load_file(run / "best.safetensors")
    base = {}
    for file in (starter.parent / "base").glob("lm*.safetensors"):
        base |= load_file(file)
    save_file({name: base[name].to(tensor.dtype) for name, tensor in best.items()}, run / "best.safetensors")
    with pytest.raises(ExportError, match=r"refused: all .* tensors equal those of the base"):
        push(options(run), lambda _: None)
    assert not hub.repos


def test_a_run_that_was_not_evaluated_is_not_pushed(hub, starter, tmp_path):
    run = shutil.copytree(starter, tmp_path / "run", ignore=shutil.ignore_patterns("evaluation.json"))
    with pytest.raises(TrainingError, match="was not evaluated yet"):
        push(options(run), lambda _: None)
    assert not hub.repos


def test_without_rights_no_export_is_made(hub, starter, tmp_path, monkeypatch):
    run = shutil.copytree(starter, tmp_path / "run", ignore=shutil.ignore_patterns("export"))
    monkeypatch.setenv("HF_TOKEN", READ_TOKEN)
    with pytest.raises(HubError, match="may only read"):
        push(options(run), lambda _: None)
    assert not (run / "export").exists()


def test_a_push_that_was_interrupted_goes_on(hub, starter, monkeypatch):
    from huggingface_hub.utils import _http

    monkeypatch.setattr(_http.time, "sleep", lambda _: None)
    hub.fail("POST", "/commit/", 503, times=100)
    with pytest.raises(HubError, match="run the same command again"):
        push(options(starter), lambda _: None)
    assert not hub.repos["model", "me/beats"].tags
    hub.faults.clear()
    sent = hub.count("PUT", "/lfs/")
    push(options(starter), lambda _: None)
    assert hub.count("PUT", "/lfs/") == sent


def test_what_comes_back_and_plays_otherwise_is_told(hub, starter, monkeypatch):
    monkeypatch.setattr(push_module, "pull", lambda *args, **kwargs: starter.parent / "base")
    with pytest.raises(TrainingError, match="makes another beat than the export"):
        push(options(starter), lambda _: None)


def test_an_evaluation_has_all_its_figures_or_says_why_not(musicgen):
    found = read_evaluation(musicgen)
    assert found.value("validation loss", "base") > 0
    assert found.value("nearest training clip") > 0.4
    assert found.value("copies of training clips", "recordings") == 0
    assert set(found.skipped) >= {"CLAP", "style hit"}
    assert found.about["change"]["changed"] > 0
    assert "| validation loss |" in found.table
    assert [len(each) for each in listen(musicgen)] == [3, 3]


def test_one_beat_is_no_evaluation(tmp_path):
    with pytest.raises(OptionsError, match="two at least"):
        EvaluateOptions(run=tmp_path, beats=1)


@pytest.fixture(scope="module")
def of_transformers(data, tmp_path_factory):
    """A LoRA of a tiny MusicGen in transformers' format, evaluated."""
    folder = tmp_path_factory.mktemp("transformers")
    base = save(folder / "base", make_model())
    (base / "README.md").write_text("---\nlicense: cc-by-nc-4.0\n---\n")
    return trained(data, folder, base, "lora")


def test_a_musicgen_is_pushed_for_plain_transformers_too_and_draws_the_same_tokens(hub, of_transformers):
    from peft import PeftModel
    from transformers import AutoModelForTextToWaveform

    said = []
    push(options(of_transformers, transformers_repo="me/beats-for-all"), said.append)
    assert any("me/beats-for-all@v1" in line and "transformers" in line for line in said)
    front = yaml.safe_load(hub.read("me/beats-for-all", "README.md", "v1").decode().split("---\n", 2)[1])
    assert (front["library_name"], front["pipeline_tag"]) == ("transformers", "text-to-audio")
    assert all(example["text"] for example in front["widget"])
    files = hub.repos["model", "me/beats-for-all"].files("v1")
    assert {"config.json", "generation_config.json", "model.safetensors", "typebeat.json"} <= set(files)
    assert "adapter/adapter_config.json" in files

    models = load_models(of_transformers / "export", "cpu")
    folder = of_transformers / "export-transformers"
    plain = AutoModelForTextToWaveform.from_pretrained(folder, local_files_only=True).eval()
    theirs, _ = their_tokens(plain, "dark bells", 30)
    own, _ = own_tokens(models, "dark bells", theirs.shape[-1])
    assert own.tolist() == theirs.tolist()
    adapted = PeftModel.from_pretrained(make_model(), folder / "adapter").merge_and_unload()
    again, _ = their_tokens(adapted, "dark bells", 30)
    assert again.tolist() == theirs.tolist()
