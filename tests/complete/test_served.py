"""A model of code behind the server of another room: clients get what the model says; what they accept is counted."""

import json
from urllib.request import Request, urlopen

import numpy as np
import pytest
from tests.complete.runtime.models import saved_model

from learnsys import serve
from learnsys.complete.predictor import CodeModel

TEXTS = ["", "let total = count; to", "if (a) {\n  retu", "// naïve 😀\nx = [1, "]


@pytest.fixture
def model(tmp_path):
    return CodeModel.of(saved_model(tmp_path / "js.safetensors"), "js")


def posted(url, body):
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return json.load(answer)


def asked(url, texts, **more):
    body = {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [len(texts)], "data": texts}], **more}
    return {one["name"]: one for one in posted(f"{url}/v2/models/js/infer", body)["outputs"]}


def test_a_client_gets_what_the_model_says(model, tmp_path):
    own = model.predict({"text": np.array(TEXTS, np.object_)})
    with serve.running(model.save(tmp_path / "js"), slo="10s") as url:
        found = asked(url, TEXTS)
        one = asked(url, TEXTS[1:2], id="1")
        two = asked(url, TEXTS[2:3], id="2")
        accepted = posted(f"{url}/v2/models/js/feedback", {"id": "1", "reward": 1})
        rejected = posted(f"{url}/v2/models/js/feedback", {"id": "2", "reward": 0})
        with urlopen(f"{url}/metrics", timeout=30) as answer:
            metrics = answer.read().decode()
    assert found["suggestion"]["shape"] == [len(TEXTS), 5]
    assert found["suggestion"]["data"] == own["suggestion"].ravel().tolist()
    np.testing.assert_allclose(found["p"]["data"], own["p"].ravel(), rtol=1e-6)
    assert one["suggestion"]["data"] == own["suggestion"][1].tolist()
    assert two["suggestion"]["data"] == own["suggestion"][2].tolist()
    assert (accepted["reward"], rejected["reward"]) == (1, 0)
    assert f'learnsys_rewarded_total{{model="js/{model.version}"}} 2' in metrics
    assert f'learnsys_reward_total{{model="js/{model.version}"}} 1.0' in metrics
