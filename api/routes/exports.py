"""Exports: a file of all members, written by a worker, fetched within a day."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.auth import Manager, Reader, requester
from api.dependencies import WorkspaceOf
from api.pages import Cursor, Limit
from api.routes.segments import SegmentName
from api.schemas.exports import MEMBER_EXAMPLES, Export, ExportList, ExportRequest
from api.schemas.problems import problems
from api.streams import Part, contents
from predictive.formats import MEDIA_TYPES
from predictive.segments import exports

router = APIRouter(tags=["segments"], responses=problems(401, 403, 404, 422))

ExportId = Annotated[
    str,
    Path(
        description="Id of the export.",
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        examples=["01a1b2c3d4e5f60718293a4b5c6d7e8f"],
    ),
]


@router.post(
    "/segments/{name}/exports",
    status_code=202,
    summary="Export the members",
    response_model=Export,
    responses=problems(409),
)
def start(
    key: Manager,
    name: SegmentName,
    asked: ExportRequest,
    workspace: WorkspaceOf,
    response: Response,
) -> dict[str, Any]:
    """Queue a job that writes the file; follow it at the address in ``Location``."""
    export = exports.request_export(
        workspace, name, asked.format, callback_url=asked.callback_url, by=requester(key)
    )
    response.headers["Location"] = f"/v1/exports/{export['id']}"
    return export


@router.get("/segments/{name}/exports", summary="Exports of a segment", response_model=ExportList)
def listing(
    _: Reader,
    name: SegmentName,
    workspace: WorkspaceOf,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The newest first."""
    return exports.list_exports(workspace, name, limit=limit, cursor=cursor)


@router.get("/exports/{export_id}", summary="Where an export stands", response_model=Export)
def show(_: Reader, export_id: ExportId, workspace: WorkspaceOf) -> dict[str, Any]:
    """State, and where the file is once it is done."""
    return exports.show_export(workspace, export_id)


@router.get(
    "/exports/{export_id}/file",
    summary="Fetch the file of an export",
    status_code=200,
    response_class=Part,
    responses={
        200: {"description": "The file.", "content": contents(MEMBER_EXAMPLES)},
        206: {
            "description": "The part that `Range` asks for.",
            "content": contents(MEMBER_EXAMPLES),
        },
        **problems(409),
    },
)
def file(_: Reader, export_id: ExportId, workspace: WorkspaceOf) -> Part:
    """The file, for a day after it was done; `Range: bytes=1000-` goes on with one cut off."""
    export = exports.show_export(workspace, export_id)
    path = exports.export_file(workspace, export_id)
    name = f"{export['segment']}-{export_id}.{export['format']}"
    return Part(path, media_type=MEDIA_TYPES[export["format"]], filename=name)
