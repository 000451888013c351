"""Scores: of one user, of many, and of everyone in a score range.

The hot routes of the service. They write their JSON themselves, because a response model
costs about 40 % of so small a request, and a sync route half of it and a long tail.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from api import convertors
from api.auth import Reader, reader
from api.dependencies import (
    PredictionName,
    UserIdInPath,
    WorkspaceOf,
    is_name,
    is_user_id,
    look_up,
    workspace_of,
)
from api.quick import QuickRoute
from api.render import QuickJson, page_json, score_json, scores_json
from api.schemas.problems import problems
from api.schemas.scores import Score, ScorePage, ScoreRange, ScoresFound, ScoresRequest
from api.schemas.why import Reasons
from predictive.reasons import show_reasons
from predictive.store import Key
from predictive.store.keyed import key_and_score
from predictive.store.score import Score as StoredScore

convertors.register()

router = APIRouter(
    prefix="/predictions/{name}/scores",
    tags=["scores"],
    responses=problems(401, 403, 404, 409, 422),
)


@router.get("", summary="Page through a score range", responses={200: {"model": ScorePage}})
async def page(
    name: PredictionName,
    workspace: WorkspaceOf,
    _: Reader,
    wanted: Annotated[ScoreRange, Query()],
) -> QuickJson:
    """Users in the range, highest score first; all pages of a walk are of one scoring run."""
    found = await run_in_threadpool(workspace.store.scores.page, name, **wanted.model_dump())
    return QuickJson(page_json(name, found))


@router.post("", summary="Scores of many users", responses={200: {"model": ScoresFound}})
async def many(
    name: PredictionName, asked: ScoresRequest, workspace: WorkspaceOf, _: Reader
) -> QuickJson:
    """Scores of up to 1,000 users in the order asked for; ids without a score are listed."""
    found = await run_in_threadpool(workspace.store.scores.get_many, name, asked.user_ids)
    return QuickJson(scores_json(name, asked.user_ids, found))


_REASONS = "/reasons"


# Before the look-up of a score, which takes any id: also one that ends in "/reasons".
@router.get(
    f"/{{user_id:text}}{_REASONS}", summary="Reasons of one user's score", response_model=Reasons
)
def why(
    name: PredictionName, user_id: UserIdInPath, workspace: WorkspaceOf, _: Reader
) -> dict[str, Any]:
    """What moves the score, in plain words; computed from the user's own history."""
    return show_reasons(workspace, name, user_id)


@router.get("/{user_id:text}", summary="Score of one user", responses={200: {"model": Score}})
async def one(
    name: PredictionName,
    user_id: UserIdInPath,
    workspace: WorkspaceOf,
    _: Reader,
) -> QuickJson:
    """The user's score of the current scoring run. A slash in an id may be written as it is."""
    score = await look_up(workspace, workspace.store.scores.get, name, user_id)
    return QuickJson(score_json(name, score))


async def _quick_one(request: Request) -> QuickJson | None:
    name, user_id = request.path_params["name"], request.path_params["user_id"]
    if not (is_name(name) and is_user_id(user_id)) or user_id.endswith(_REASONS):
        return None
    workspace = workspace_of(request)
    score: StoredScore | None = None

    def verify(secret: str) -> Key | None:
        nonlocal score
        key, score = key_and_score(workspace.store, secret, name, user_id)
        return key

    key = await reader.admit(request, verify)
    if score is None:
        return await one(name, user_id, workspace, key)
    return QuickJson(score_json(name, score))


quick = QuickRoute("GET", "/v1/predictions/{name}/scores/{user_id:text}", _quick_one)
