"""Runs commands as a shell would, without the cost of a process each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from predictive.cli.main import exit_code


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout, which must be exactly one JSON document."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    def ok(self) -> Ran:
        assert self.code == 0, self.err
        return self


@dataclass(frozen=True)
class CommandLine:
    workspace: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ran:
        return self.bare("--workspace", self.workspace, *arguments)

    def bare(self, *arguments: object) -> Ran:
        self.capsys.readouterr()
        code = exit_code([str(argument) for argument in arguments])
        written = self.capsys.readouterr()
        return Ran(code, written.out, written.err)
