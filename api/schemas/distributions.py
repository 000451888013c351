"""How scores are spread over customers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.simulations import ORIGIN, Origin


class Bucket(BaseModel):
    """Users in a range of scores; the last one includes its upper bound too."""

    min_score: float
    max_score: float
    users: int
    expected_positives: float


class CategoryCount(BaseModel):
    """Users of a category."""

    category: Literal["low", "medium", "high"]
    min_score: float
    users: int
    expected_positives: float


class ScoreDistribution(Origin):
    """How many users have which score."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                ORIGIN
                | {
                    "expected_positives": 408.1,
                    "buckets": [
                        {
                            "min_score": 95.0,
                            "max_score": 100.0,
                            "users": 41,
                            "expected_positives": 33.9,
                        }
                    ],
                    "categories": [
                        {
                            "category": "high",
                            "min_score": 75.0,
                            "users": 310,
                            "expected_positives": 212.4,
                        }
                    ],
                }
            ]
        }
    )

    expected_positives: float
    buckets: list[Bucket] = Field(description="20 ranges of 5 points, from low to high.")
    categories: list[CategoryCount] = Field(description="From low to high.")
