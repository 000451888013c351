"""What the documentation says is true: examples validate, commands parse, nothing is missing.

Commands are parsed by the real command line with their work taken out.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.main import get_command

from predictive.cli.main import app
from predictive.conditions.grammar import (
    OPERATORS,
    Aggregate,
    AggregateName,
    AttributeLeaf,
    Behaviour,
    Group,
    PropertyFilter,
)
from predictive.configuration import (
    AttributesMapping,
    EmailConfig,
    EventsMapping,
    ExcludeConfig,
    SourceConfig,
    WebhookConfig,
    WorkspaceConfig,
    read_config,
)
from predictive.definitions import Categories, Definition, Retraining, Target
from predictive.settings import Settings
from predictive.workspace import Workspace

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
KOREAN = ROOT / "README.ko.md"
CLIENT = ROOT / "client/README.md"
PAGES = [README, KOREAN, CLIENT, *sorted((ROOT / "docs").rglob("*.md")), ROOT / "CHANGELOG.md"]
GUIDES = [README, *sorted((ROOT / "docs").glob("*.md"))]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def text_of(*pages: Path) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def fenced(page: Path, *languages: str) -> list[str]:
    return [body for language, body in _FENCED.findall(text_of(page)) if language in languages]


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the one table in a section, its head left out."""
    section = text_of(page).split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[1:]]


# --- definitions -------------------------------------------------------------------------------


def definitions_in(page: Path) -> Iterator[str]:
    yield from fenced(page, "yaml", "json")
    for console in fenced(page, "console"):
        lines = iter(console.splitlines())
        for line in lines:
            if re.fullmatch(r"\$ cat \S+\.yaml", line):
                yield "\n".join(takewhile(lambda each: not each.startswith("$ "), lines))
    for code in fenced(page, "python"):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "apply":
                yield ast.literal_eval(node.args[1])


@pytest.mark.parametrize(("page", "least"), [("docs/definitions.md", 8), ("README.md", 2)])
def test_every_example_of_a_definition_is_valid(page: str, least: int) -> None:
    texts = list(definitions_in(ROOT / page))
    assert len(texts) >= least
    for text in texts:
        definition = Definition.from_text(text)
        assert Definition.from_text(definition.to_yaml()) == definition


def test_the_grammar_is_documented_whole() -> None:
    models = (Definition, Target, Categories, Retraining, Group, Behaviour, PropertyFilter)
    keys = {
        field.alias or name
        for model in (*models, Aggregate, AttributeLeaf)
        for name, field in model.model_fields.items()
    }
    page = text_of(ROOT / "docs/definitions.md")
    words = {word for code in _INLINE.findall(page) for word in re.findall(r"\w+", code)}
    assert {*keys, *OPERATORS, *get_args(AggregateName)} <= words


# --- the command line --------------------------------------------------------------------------


def commands(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every command below one, groups too, by the words that name it."""
    found = {path: command}
    for name, inner in getattr(command, "commands", {}).items():
        found |= commands(inner, (*path, name))
    return found


def flags(command: Any) -> set[str]:
    return {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
        if name.startswith("--")
    }


COMMANDS = commands(get_command(app))
EVERYWHERE = {"--workspace", "--json", "--help"}


def idle() -> Any:
    """The command line with its work taken out; what is left parses."""
    command = get_command(app)
    for each in commands(command).values():
        each.callback = lambda **_: None
    return command


def blocks(page: Path) -> Iterator[str]:
    yield from fenced(page, "console", "bash", "sh")
    yield from _INDENTED.findall(_FENCED.sub("", text_of(page)))


def command_lines(page: Path) -> Iterator[list[str]]:
    """The arguments of each ``predictive …`` that a page shows."""
    for block in blocks(page):
        for line in block.replace("\\\n", " ").splitlines():
            if re.search(r"(?<![\w/.:-])predictive [a-z-]", line):
                yield from _arguments(line)


def _arguments(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    tokens = iter(lexer)
    for token in tokens:
        if token == "predictive":
            yield list(takewhile(lambda each: not set(each) & set("|&;()<>"), tokens))


SHOWN = [(page.name, line) for page in GUIDES for line in command_lines(page)]


def test_the_pages_show_commands() -> None:
    assert len(SHOWN) >= 20
    assert {"README.md", "data.md", "operations.md", "api.md"} <= {page for page, _ in SHOWN}


@pytest.mark.parametrize(("page", "arguments"), SHOWN, ids=lambda each: " ".join(each)[:60])
def test_every_command_line_shown_parses(page: str, arguments: list[str]) -> None:
    idle().main(arguments, prog_name="predictive", standalone_mode=False)


def test_a_command_line_that_does_not_exist_would_be_found() -> None:
    for wrong in (["scores", "x"], ["train", "x", "--sead", "1"], ["train"]):
        with pytest.raises(Exception, match=r"No such|Missing"):
            idle().main(wrong, prog_name="predictive", standalone_mode=False)


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_commands_named_in_a_sentence_exist_with_their_flags(page: Path) -> None:
    for code in _INLINE.findall(text_of(page)):
        if not code.startswith("predictive "):
            continue
        words = tuple(takewhile(lambda word: re.fullmatch("[a-z]+", word), code.split()[1:]))
        known = next((words[:n] for n in (2, 1) if words[:n] in COMMANDS), None)
        assert known or not words, code
        mentioned = set(_FLAG.findall(code))
        assert mentioned <= flags(COMMANDS[known or ()]) | EVERYWHERE, code


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=" ".join)
def test_every_command_and_flag_is_documented(path: tuple[str, ...]) -> None:
    text = text_of(*GUIDES)
    assert f"predictive {' '.join(path)}" in text
    assert flags(COMMANDS[path]) - {"--help"} - {"--worker"} <= set(_FLAG.findall(text))


# --- settings, workspace, routes, dependencies ---------------------------------------------------


def test_every_setting_is_documented_and_no_other() -> None:
    names = {f"PREDICTIVE_{name.upper()}" for name in Settings.model_fields}
    listed = {row[0].strip("`") for row in rows(ROOT / "docs/operations.md", "Settings")}
    assert {name for name in listed if name.startswith("PREDICTIVE_")} == names
    everywhere = set(re.findall(r"PREDICTIVE_[A-Z_]+", text_of(*PAGES, ROOT / "compose.yaml")))
    assert everywhere <= names


def test_every_key_of_the_workspace_file_is_documented() -> None:
    page = text_of(ROOT / "docs/data.md")
    models = (WorkspaceConfig, SourceConfig, EventsMapping, AttributesMapping, ExcludeConfig)
    for name in {name for model in models for name in model.model_fields}:
        assert re.search(rf"\b{name}\b", page), name
    told = {row[0] for row in rows(ROOT / "docs/operations.md", "Notifications")}
    listed = {name for cell in told for name in _INLINE.findall(cell)}
    keys = {
        field.alias or name
        for model in (WebhookConfig, EmailConfig)
        for name, field in model.model_fields.items()
    }
    assert listed == keys


def test_examples_of_the_workspace_file_are_valid() -> None:
    examples = fenced(ROOT / "docs/data.md", "toml")
    assert len(examples) >= 2
    settings = "format_version = 1\n"
    examples += [settings + each for each in fenced(ROOT / "docs/operations.md", "toml")]
    for example in examples:
        read_config(tomllib.loads(example))


def test_the_routes_are_documented_and_no_others(tmp_path: Path) -> None:
    from api.app import create_app

    Workspace.create(tmp_path / "workspace").close()
    document = create_app(Settings(workspace=tmp_path / "workspace")).openapi()
    routes = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert {row[0].strip("`") for row in rows(ROOT / "docs/api.md", "Routes")} == routes


def test_every_dependency_has_its_reason_and_no_other() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    page = ROOT / "docs/dependencies.md"
    assert listed(rows(page, "Runtime"), 0) == names(project["dependencies"])
    for extra, needed in project["optional-dependencies"].items():
        reasons = [row for row in rows(page, "Extras") if row[0] == f"`{extra}`"]
        assert names(needed) - names(project["dependencies"]) == listed(reasons, 1), extra


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=~!; ]", each)[0].lower() for each in requirements}


def listed(table: list[list[str]], column: int) -> set[str]:
    cells = [re.sub(r"\(.*?\)", "", row[column]) for row in table]
    return {name.strip().lower() for cell in cells for name in cell.split(",")}


# --- pages -------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", _FENCED.sub("", text_of(page)), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(text_of(page)):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_files_that_the_readme_names_are_there() -> None:
    codes = _INLINE.findall(_FENCED.sub("", text_of(README)))
    named = [code for code in codes if re.fullmatch(r"[a-z_]+/(?:[\w./-]*)|[\w-]+\.yaml", code)]
    assert len(named) >= 10
    built = {"build/bench.json", "build/dashboard"}
    assert [name for name in named if name not in built and not (ROOT / name).exists()] == []


def told_to_type(page: Path) -> list[str]:
    """What a reader copies: blocks of code, and indented commands without their comments."""
    text = text_of(page)
    code = [body for language, body in _FENCED.findall(text) if language != "mermaid"]
    indented = "".join(_INDENTED.findall(_FENCED.sub("", text)))
    return [*code, *(line.partition("#")[0].strip() for line in indented.splitlines())]


def test_the_korean_readme_is_the_twin_of_the_english_one() -> None:
    assert told_to_type(KOREAN) == told_to_type(README)
    for found in (_INLINE, _LINK):
        english, korean = (
            set(found.findall(_FENCED.sub("", text_of(page)))) - {"README.md", "README.ko.md"}
            for page in (README, KOREAN)
        )
        assert korean == english
    assert "README.ko.md" in _LINK.findall(text_of(README))
    assert "README.md" in _LINK.findall(text_of(KOREAN))
    parts = [
        [len(text_of(page).split(f"\n{mark}")) for mark in ("## ", "|", "    ", "```")]
        for page in (README, KOREAN)
    ]
    assert parts[0] == parts[1]
    words = re.findall(r"[가-힣]{2,}", text_of(KOREAN))
    assert len(words) > 400


def test_the_readme_uses_names_of_the_python_interface() -> None:
    import predictive

    code, _ = fenced(README, "python")
    used = {
        node.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "p"
    }
    assert used
    assert used <= set(predictive.__all__)


def test_the_notebooks_are_committed_without_outputs() -> None:
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), notebook.name
            assert cell.get("execution_count") is None, notebook.name
