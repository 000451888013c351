"""Builds in MLflow: parameters, metrics, pictures, files, and the registry's aliases.

The suite's own database says which version is champion; the aliases here mirror it. MLflow takes
seconds to import and phones home unless told not to: it is imported only inside functions, by
:func:`_client`.
"""

from __future__ import annotations

import logging
import math
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from models.files import MODEL_FILE

if TYPE_CHECKING:
    from mlflow import MlflowClient

Alias = Literal["champion", "challenger"]

MODEL_FOLDER, PICTURE_FOLDER, DEFINITION_FILE = "model", "curves", "definition.yaml"
_KEY = "job_id"
#: MLflow refuses longer parameter values.
_PARAMETER_CHARACTERS = 6000


def log_build(
    tracking_uri: str,
    experiment: str,
    folder: Path,
    *,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
    definition_yaml: str,
    tags: Mapping[str, str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    artifact_root: Path | None = None,
    key: str | None = None,
) -> str:
    """Record one build as a run and as a new version of the registered model.

    Parameters
    ----------
    tracking_uri
        A database URL, or the address of an MLflow server.
    experiment
        Name of the experiment and of the registered model: the prediction's.
    folder
        The saved model; every file in it is kept with the run.
    params, metrics
        What was decided, and how good it is; metrics must be finite.
    definition_yaml
        The definition that was trained.
    tags
        What traces the build: code version, data version, seed.
    pictures
        PNG bytes by file name, from :func:`models.pictures.curve_pictures`.
    artifact_root
        Where files go when no server decides it; used when the experiment is made.
    key
        Names the occasion, kept as the tag ``job_id``: what was logged under it before is found
        again, and what was cut short is taken back.

    Returns
    -------
    str
        The run's id.

    Raises
    ------
    ValueError
        When the folder holds no saved model or a metric is not finite; nothing is recorded then.
    """
    _check(folder, metrics)
    client = _client(tracking_uri)
    experiment_id = _experiment(client, experiment, artifact_root)
    named = dict(tags or {}) | ({_KEY: key} if key else {})
    before = _logged_before(client, experiment_id, key) if key else None
    if before is not None:
        return before
    with _run(client, experiment_id, named) as run_id:
        _log_values(client, run_id, params, metrics)
        client.log_artifacts(run_id, str(folder), MODEL_FOLDER)
        contents = {f"{PICTURE_FOLDER}/{name}": png for name, png in (pictures or {}).items()}
        _log_contents(client, run_id, contents | {DEFINITION_FILE: definition_yaml.encode()})
        _register(client, experiment, run_id)
    return run_id


def set_aliases(tracking_uri: str, name: str, run_ids: Mapping[Alias, str | None]) -> None:
    """Say which versions of a registered model are what.

    Parameters
    ----------
    name
        Of the registered model.
    run_ids
        For each alias the run that registered its version; None leaves the alias to nobody.

    Raises
    ------
    ValueError
        When a run registered no version of that model.
    """
    client = _client(tracking_uri)
    for alias, run_id in run_ids.items():
        if run_id is not None:
            _set_alias(client, name, run_id, alias)
        elif alias in _aliases(client, name):
            client.delete_registered_model_alias(name, alias)


def make_tables(tracking_uri: str) -> None:
    """Make MLflow's tables in a database that has none."""
    _client(tracking_uri).search_experiments(max_results=1)


def tables_revision() -> str:
    """Revision of the tables that the installed MLflow makes and reads; it reads no other."""
    import mlflow  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory(str(Path(mlflow.__file__).parent / "store" / "db_migrations"))
    return str(scripts.get_current_head())


def _check(folder: Path, metrics: Mapping[str, float]) -> None:
    if not (folder / MODEL_FILE).is_file():
        raise ValueError(f"folder is {folder}; allowed: one that holds a saved {MODEL_FILE}.")
    for name, number in metrics.items():
        if not math.isfinite(number):
            raise ValueError(f"metrics[{name!r}] is {number}; allowed: a finite number.")


def _client(tracking_uri: str) -> MlflowClient:
    # Both are read while MLflow is imported; nothing may leave this machine.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["DO_NOT_TRACK"] = "true"
    from mlflow import MlflowClient  # noqa: PLC0415

    for chatty in ("mlflow", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)


def _experiment(client: MlflowClient, name: str, artifact_root: Path | None) -> str:
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    location = None
    if artifact_root is not None:
        artifact_root.mkdir(parents=True, exist_ok=True)
        location = (artifact_root.resolve() / name).as_uri()
    return str(client.create_experiment(name, artifact_location=location))


@contextmanager
def _run(client: MlflowClient, experiment_id: str, tags: dict[str, Any]) -> Iterator[str]:
    """A run that ends as finished or, when its block raises, as failed."""
    run_id: str = client.create_run(experiment_id, tags=tags).info.run_id
    try:
        yield run_id
    except BaseException:
        client.set_terminated(run_id, status="FAILED")
        raise
    client.set_terminated(run_id)


def _logged_before(client: MlflowClient, experiment_id: str, key: str) -> str | None:
    """The run that was logged whole under a key; one that was cut short is deleted."""
    for run in client.search_runs([experiment_id], f"tags.{_KEY} = '{key}'"):
        run_id = str(run.info.run_id)
        if run.info.status == "FINISHED":
            return run_id
        for version in client.search_model_versions(f"run_id='{run_id}'"):
            client.delete_model_version(version.name, version.version)
        client.delete_run(run_id)
    return None


def _log_values(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, object],
    metrics: Mapping[str, float],
) -> None:
    from mlflow.entities import Metric, Param  # noqa: PLC0415

    now = int(1000 * time.time())
    # At once: a transaction for each would take as long as all the rest.
    client.log_batch(
        run_id,
        metrics=[Metric(name, float(number), now, 0) for name, number in metrics.items()],
        params=[Param(name, str(value)[:_PARAMETER_CHARACTERS]) for name, value in params.items()],
    )


def _log_contents(client: MlflowClient, run_id: str, contents: Mapping[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for path, content in contents.items():
            file = Path(folder) / path
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        client.log_artifacts(run_id, folder)


def _register(client: MlflowClient, name: str, run_id: str) -> None:
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{client.get_run(run_id).info.artifact_uri}/{MODEL_FOLDER}"
    client.create_model_version(name, source, run_id=run_id)


def _aliases(client: MlflowClient, name: str) -> Mapping[str, str]:
    """The aliases of a registered model; none where nothing was registered yet."""
    found = client.search_registered_models(f"name = '{name}'")
    return found[0].aliases if found else {}


def _set_alias(client: MlflowClient, name: str, run_id: str, alias: Alias) -> None:
    versions = [
        version
        for version in client.search_model_versions(f"run_id='{run_id}'")
        if version.name == name
    ]
    if not versions:
        raise ValueError(f"run_id is {run_id!r}; allowed: a run that registered {name!r}.")
    client.set_registered_model_alias(name, alias, versions[0].version)
