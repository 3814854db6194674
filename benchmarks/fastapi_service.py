"""What a small project builds to serve this classifier: FastAPI, scikit-learn's Pipeline,
``shap.TreeExplainer``.

Only ``benchmarks.serve`` starts it, with uvicorn. It is built fairly: classifier and explainer are
made once at start, the signal goes through the Pipeline's steps once, the endpoint is asynchronous
and so spares the thread pool, and one thread computes, as in the site's own processes. It answers
less than the site: raw probabilities and SHAP values, without calibration, sets, warnings or words.
"""

from __future__ import annotations

import os
from typing import Any

import pandas as pd
import shap
from fastapi import FastAPI

from training.ml.answering.steps import encoded_matrix
from training.ml.artifact import CLASSIFIER_FILE, METADATA_FILE, sign
from training.ml.evaluation.measures import CANDIDATE, FALSE_POSITIVE
from training.ml.fitting.bundled import __file__ as bundled_file
from training.ml.model import ExoplanetClassifier
from training.ml.schema import DISPOSITIONS
from training.ml.signal_rows import FRAME_COLUMNS, TEXT_NAMES

KEY = b"nobody else reads this signature"


def load() -> ExoplanetClassifier:
    folder = os.path.dirname(bundled_file)
    files = {}
    for name in (CLASSIFIER_FILE, METADATA_FILE):
        with open(os.path.join(folder, name), "rb") as file:
            files[name] = file.read()
    return ExoplanetClassifier.unpack(sign(files, KEY), KEY)


app = FastAPI()
classifier = load()
pipeline = classifier.pipeline
boosters = pipeline.named_steps["classify"]
planet_explainer = shap.TreeExplainer(boosters.planet_)
explainer = shap.TreeExplainer(boosters.dispositions_)
names = classifier.columns


def evidence(matrix: Any, number: int) -> tuple[float, Any]:
    """Base value and SHAP values of the booster that decides this disposition."""
    if number == CANDIDATE:
        values = explainer.shap_values(matrix)[0, :, number]
        return explainer.expected_value[
            number
        ], values  # which shap sets as it computes the first values
    sign = -1 if number == FALSE_POSITIVE else 1
    values = sign * planet_explainer.shap_values(matrix)[0]
    return sign * planet_explainer.expected_value, values


@app.post("/predict")
async def predict(signal: dict[str, float | str | None], explain: bool = True) -> dict[str, Any]:
    frame = pd.DataFrame([{name: signal.get(name) for name in FRAME_COLUMNS}])
    frame = frame.astype(
        {name: "str" if name in TEXT_NAMES else "float64" for name in FRAME_COLUMNS}
    )
    matrix = encoded_matrix(pipeline, frame)  # once, for probabilities and explanation
    probabilities = boosters.predict_proba(matrix)[0]
    number = int(probabilities.argmax())
    answer: dict[str, Any] = {
        "disposition": str(DISPOSITIONS[number]),
        "probabilities": {
            str(d): float(p) for d, p in zip(DISPOSITIONS, probabilities, strict=True)
        },
    }
    if explain:
        base, values = evidence(matrix, number)
        answer["base_value"] = float(base)
        # How full a row is stands last in the matrix, without a name.
        told = map(float, values[: len(names)])
        answer["contributions"] = list(zip(names, told, strict=True))
    return answer
