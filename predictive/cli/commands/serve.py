"""``predictive serve``: the HTTP service, with a worker beside it."""

from __future__ import annotations

import importlib
import math
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from predictive.cli.options import JsonOption, WorkspaceOption
from predictive.cli.session import Session
from predictive.errors import InvalidInput

if TYPE_CHECKING:
    import uvicorn

    from predictive.settings import Settings


def serve(
    context: typer.Context,
    host: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            help="Address to listen on; 0.0.0.0 opens it to the network. Default: 127.0.0.1, "
            "or PREDICTIVE_HOST.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            help="Port to listen on; 0 takes a free one. Default: 8000, or PREDICTIVE_PORT.",
            show_default=False,
        ),
    ] = None,
    with_worker: Annotated[
        bool,
        typer.Option(
            "--worker/--no-worker",
            help="Also run jobs: those of the schedules and those asked for.",
        ),
    ] = True,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Serve scores and simulations over HTTP, until Ctrl-C.

    Clients need a key (predictive keys create). The address /docs explains every route.
    """
    from predictive.cli.views.service import view_service  # noqa: PLC0415
    from predictive.jobs.supervisor import WorkerProcess  # noqa: PLC0415
    from predictive.settings import load_settings  # noqa: PLC0415
    from predictive.workspace import Workspace  # noqa: PLC0415

    session = Session.of(context, workspace, as_json)
    settings = load_settings(workspace=session.path, host=host, port=port)
    path = Workspace.open(settings=settings).path
    worker = WorkerProcess(path, settings.shutdown_seconds) if with_worker else None
    with _listening(settings.host, settings.port) as listener:
        address = f"http://{settings.host}:{listener.getsockname()[1]}"
        server = _server(settings, worker.stop if worker else lambda: None)
        # Whoever is told the address may ask at once: the kernel holds them until we accept.
        listener.listen(server.config.backlog)
        session.show(
            {"url": address, "docs": f"{address}/docs", "workspace": str(path)}, view_service
        )
        _run(server, listener, worker or nullcontext())


def _server(settings: Settings, told: Callable[[], None]) -> uvicorn.Server:
    """The service in its server, which calls ``told`` when it is told to end."""
    import uvicorn  # noqa: PLC0415

    from predictive.cli.serving import DrainingServer  # noqa: PLC0415
    from predictive.logs import configure  # noqa: PLC0415

    configure(settings.log_level)
    # By name, because the service stands a floor above this package.
    service: Any = importlib.import_module("api.app")
    app = service.create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=settings.log_level,
        # The service writes its own line about each request, which names nobody.
        access_log=False,
        timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds),
    )
    return DrainingServer(config, app.state.ending, settings.drain_seconds, told)


def _run(
    server: uvicorn.Server, listener: socket.socket, worker: AbstractContextManager[object]
) -> None:
    # uvicorn stops in order and then raises the signal again: that must end us in order too.
    signal.signal(signal.SIGTERM, _leave)
    with worker, suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A bound socket, so that a port in use is told before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise InvalidInput(
                "--host, --port", f"{host}:{port}", f"an address that can be listened on ({error})"
            ) from error
        yield listener
