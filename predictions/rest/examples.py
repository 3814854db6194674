"""What the OpenAPI document shows as an example of each answer; a test checks each against its
schema."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

VERSION = "2026-11-23T21-18-27Z"
TABLE = {
    "date": "2025-10-04",
    "file": "cumulative_2025.10.04.csv",
    "mission": "Kepler",
    "rows": 9564,
}
BATCH = "http://localhost:8000/api/v1/batches/0c9f6cfe-6f3e-4a41-9c8f-2f0c3e6b7a55"

VERDICT: dict[str, Any] = {
    "disposition": "FALSE POSITIVE",
    "probabilities": {"CONFIRMED": 0.305, "CANDIDATE": 0.1, "FALSE POSITIVE": 0.595},
    "planet_score": 0.339,
    "prediction_set": ["CONFIRMED", "FALSE POSITIVE"],
    "missing": ["impact_parameter", "radius_ratio"],
    "absent_groups": [
        {"group": "vetting measurements", "accuracy_loss": 0.038, "roc_auc_loss": 0.014}
    ],
    "warnings": [],
    "model_version": VERSION,
    "open_score": 0.41,
    "planet_set": ["planet", "false positive"],
    "learnt_from": True,
    "out_of_fold": False,
    "helpful": [
        {
            "inputs": ["signal_count", "sibling_period_ratio"],
            "words": "how many signals the star has",
            "accuracy_gain": 0.015,
            "roc_auc_gain": 0.005,
        }
    ],
    "identifier": "KOI-72.01",
}
EXPLANATION = {
    "base_value": -1.53,
    "raw_score": -0.372,
    "contributions": [
        {
            "feature": "duty_cycle",
            "label": "Share of the orbit spent in transit",
            "unit": "%",
            "value": 9.01,
            "contribution": 0.807,
        }
    ],
    "sentences": [
        "The transit takes up as much as 9.0 % of the orbit, which speaks for FALSE POSITIVE."
    ],
}
PROBLEM = {
    "code": "out_of_range",
    "column": "pl_trandep",
    "count": 1,
    "rows": [2],
    "sentence": (
        "1 row has a value in pl_trandep that is not between 0.1 and 1,000,000 ppm (Transit depth),"
        " which is treated as missing (row 2)."
    ),
}
ANSWERS = {
    "model_version": VERSION,
    "rows": 2,
    "unusable": 1,
    "problems": [PROBLEM],
    "results": [
        {"row": 1, **VERDICT},
        {"row": 2, "identifier": "TOI-700.02", "error": "Orbital period is missing."},
    ],
}
MARK = {"row": 3, "decision": "kept", "note": "Deep enough for our telescope."}
LISTED_MARK = MARK | {"identifier": "K00752.01", "changed_at": "2026-11-29T12:00:00Z"}
RUNNING = {
    "id": BATCH.rpartition("/")[2],
    "name": "TOI_2025.10.04.csv",
    "status": "running",
    "reason": "",
    "rows": 7703,
    "rows_done": 5000,
    "rows_unusable": 12,
    "seconds_left": 4.5,
    "model_version": VERSION,
    "created_at": "2026-11-23T21:40:02Z",
    "finished_at": None,
    "dispositions": None,
    "problems": [],
    "url": BATCH,
    "page": BATCH.replace("api/v1/", "") + "/",
    "results": {},
}
DONE = RUNNING | {
    "status": "succeeded",
    "rows_done": 7703,
    "seconds_left": None,
    "finished_at": "2026-11-23T21:40:11Z",
    "dispositions": {"CONFIRMED": 1180, "CANDIDATE": 4711, "FALSE POSITIVE": 1800},
    "problems": [PROBLEM],
    "results": {"csv": f"{BATCH}/results/csv", "parquet": f"{BATCH}/results/parquet"},
}
CURVE = "http://localhost:8000/api/v1/curves/7c2d1f0e-58b0-4b5f-9a9e-0d8d4a0c7f11"
CURVE_RUNNING = {
    "id": CURVE.rpartition("/")[2],
    "name": "TIC 231663901",
    "status": "RUNNING",
    "stage": "Looking for signal 1 of at most 5",
    "progress": 0.15,
    "reason": "",
    "files": ["tess2018206045859-s0001-0000000231663901-0120-s_lc.fits.gz"],
    "model_version": None,
    "shared": False,
    "created_at": "2026-11-29T18:40:02Z",
    "finished_at": None,
    "kept_until": None,
    "url": CURVE,
    "page": CURVE.replace("api/v1/", "") + "/",
}
CURVE_SIGNAL = {
    "order": 1,
    "period": {"value": 1.43037, "error": 0.00005},
    "epoch": {"value": 2458326.0092, "error": 0.0002},
    "duration_hours": {"value": 1.63, "error": 0.02},
    "depth_ppm": {"value": 21680.0, "error": 120.0},
    "radius_ratio": {"value": 0.1472, "error": 0.0004},
    "ingress_share": 0.17,
    "snr": 181.0,
    "sde": 52.0,
    "max_single_event_statistic": 44.0,
    "max_multiple_event_statistic": 180.0,
    "transit_count": 18,
    "odd_even": {"odd_depth_ppm": 21700.0, "even_depth_ppm": 21660.0, "sigma": 0.4},
    "secondary": {"phase": 0.41, "depth_ppm": 160.0, "sigma": 2.6},
    "sine_ratio": 0.01,
    "vetoes": [],
    "no_verdict": [],
    "inputs": {"mission": "TESS", "orbital_period": 1.43037, "transit_depth": 21680.0},
    "verdict": VERDICT,
    "stated": None,
    "prediction": "0c9f6cfe-6f3e-4a41-9c8f-2f0c3e6b7a55",
}
CURVE_DONE = CURVE_RUNNING | {
    "status": "SUCCEEDED",
    "stage": "Done",
    "progress": 1.0,
    "model_version": VERSION,
    "finished_at": "2026-11-29T18:40:07Z",
    "kept_until": "2027-02-27T18:40:07Z",
    "result": {
        "files": ["tess2018206045859-s0001-0000000231663901-0120-s_lc.fits.gz"],
        "star": {"name": "TIC 231663901", "mission": "TESS", "teff": 5600.0, "radius": 0.89},
        "star_from": {"name": "files", "mission": "files", "teff": "files", "radius": "catalogue"},
        "curve": {
            "points": 5120,
            "span_days": 27.9,
            "minutes_per_point": 5.0,
            "time_zero": 2457000.0,
        },
        "notes": [],
        "signals": [CURVE_SIGNAL],
        "ended": "Nothing else stands out of the noise.",
    },
}
FOLDER_ADDRESS = CURVE.replace("/curves/", "/curves/folders/")
FOLDER_RUNNING = {
    "id": CURVE.rpartition("/")[2],
    "name": "sector-8",
    "status": "SEARCHING",
    "reason": "",
    "stars": 40,
    "stars_ended": 12,
    "stars_failed": 1,
    "created_at": "2026-11-29T18:40:02Z",
    "finished_at": None,
    "kept_until": None,
    "batch": None,
    "url": FOLDER_ADDRESS,
    "page": FOLDER_ADDRESS.replace("api/v1/", "") + "/",
}
FOLDER = FOLDER_RUNNING | {
    "status": "SUCCEEDED",
    "stars_ended": 40,
    "finished_at": "2026-11-29T18:43:11Z",
    "kept_until": "2027-02-27T18:43:11Z",
    "batch": BATCH,
}
FOLDER_DONE = FOLDER | {
    "searches": [
        {
            "name": "TIC 231663901",
            "status": "SUCCEEDED",
            "reason": "",
            "files": CURVE_RUNNING["files"],
            "url": CURVE,
        }
    ],
    "refused": [{"file": "readme.txt", "reason": "This has one column."}],
}
CSV = (
    "identifier,note,predicted_disposition,p_confirmed,p_candidate,p_false_positive,"
    "planet_score\r\nKOI-72.01,,FALSE POSITIVE,0.305,0.1,0.595,0.339\r\n"
)
METRICS = {
    "version": VERSION,
    "created": "2026-11-23T21:18:27Z",
    "in_service_since": "2026-11-23T22:32:25Z",
    "tables": [TABLE],
    "evaluation": None,
    "metrics": {
        "test": {"all": {"pooled": {"accuracy": 0.803, "macro_f1": 0.805, "roc_auc": 0.988}}}
    },
    "backtests": {"Kepler": {"decided": 589, "roc_auc": 0.958, "roc_auc_interval": [0.941, 0.973]}},
    "prospective": {
        "sentence": "None yet: no signal that was open in its tables, and that it had scored, has"
        " been decided since by a table of the catalogue.",
        "missions": {},
    },
}


def answer(
    name: str, value: Any, status: int = 200, media_type: str = "application/json"
) -> OpenApiExample:
    return OpenApiExample(
        name, value=value, response_only=True, status_codes=[str(status)], media_type=media_type
    )
