"""A model of code behind the server of another room: what a client gets is what the model says here."""

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


def asked(url, texts):
    body = {"inputs": [{"name": "text", "datatype": "BYTES", "shape": [len(texts)], "data": texts}]}
    request = Request(f"{url}/v2/models/js/infer", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=30) as answer:
        return {one["name"]: one for one in json.load(answer)["outputs"]}


def test_a_client_gets_what_the_model_says(model, tmp_path):
    own = model.predict({"text": np.array(TEXTS, np.object_)})
    with serve.running(model.save(tmp_path / "js"), slo="10s") as url:
        found = asked(url, TEXTS)
        one = asked(url, TEXTS[1:2])
    assert found["suggestion"]["shape"] == [len(TEXTS), 5]
    assert found["suggestion"]["data"] == own["suggestion"].ravel().tolist()
    np.testing.assert_allclose(found["p"]["data"], own["p"].ravel(), rtol=1e-6)
    assert one["suggestion"]["data"] == own["suggestion"][1].tolist()
