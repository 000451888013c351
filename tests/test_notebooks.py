"""The notebooks run from top to bottom, as any data scientist would run them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

pytestmark = [
    pytest.mark.slow,
    # Of the client's own libraries; the notebooks run in a process of theirs.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def test_there_is_a_quickstart_and_what_leads_on_from_it() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "1_quickstart",
        "2_data",
        "3_own_model",
        "4_thresholds",
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_runs(path: Path, tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, kernel_name="python3", timeout=500, resources={"metadata": {"path": tmp_path}}
    )
    # This checkout, wherever the kernel starts; nothing left behind; pictures as in a browser.
    environment = {
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    client.execute(env={**os.environ, **environment})
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code if cell.source.strip())
    shown = [output for cell in code for output in cell.outputs]
    assert [output.text for output in shown if output.get("name") == "stderr"] == []
    assert sum("image/png" in output.get("data", {}) for output in shown) >= 3
