"""The client against the service's own OpenAPI document: every route, every key of an answer."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

import predictive_client
from predictive_client import AsyncClient, Client, answers, questions
from predictive_client.nouns.noun import Noun, call, items
from tests.api.conftest import Service

PACKAGE = Path(predictive_client.__file__).parent
#: For probes and monitors, which come without a client.
NOT_FOR_CLIENTS = {("get", "/health"), ("get", "/metrics")}
#: Another address of what a method does already.
TWINS = {
    ("post", "/v1/predictions/{name}/builds"),
    ("get", "/v1/predictions/{name}/builds"),
}


@pytest.fixture(scope="module")
def document(few: Service) -> dict[str, Any]:
    body: dict[str, Any] = few.client.get("/v1/openapi.json").json()
    return body


class Noted(Exception):
    """A request was made: that is all there is to know."""


class NotingAsking:
    """Takes the place of `Asking`: what is asked is noted, and not sent."""

    attempts = 1

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()

    def ask(self, request: Any) -> Any:
        self.asked.add((request.method.lower(), request.template))
        assert re.fullmatch(r"/[^{}]*", request.target), request.target
        raise Noted
        yield

    open = ask


def methods_of(noun: type) -> list[Any]:
    return [each for each in vars(noun).values() if isinstance(each, call | items)]


def nouns() -> list[type]:
    return [type(each) for each in vars(Client("http://x", "k")).values() if isinstance(each, Noun)]


ARGUMENTS: dict[str, Any] = {
    "definition": {"name": "x"},
    "segment": {"name": "x"},
    "user_ids": ["a"],
    "treated": ["a"],
    "scenarios": [{"min_score": 1.0}],
    "form": "csv",
    "version": 1,
    "number": 1,
    "state": "draft",
    "since": "2025-11-01",
}


def asked_by_methods() -> set[tuple[str, str]]:
    noting: Any = NotingAsking()
    for noun in [*nouns(), Client]:
        for base in noun.__mro__:
            for method in methods_of(base):
                flow = method._flow
                optional: list[dict[str, Any]] = [{}]
                names = inspect.signature(flow).parameters
                if "prediction" in names and names["prediction"].default is None:
                    optional.append({"prediction": "x"})
                for more in optional:
                    given = {
                        name: ARGUMENTS.get(name, "x")
                        for name, each in names.items()
                        if name != "self" and each.default is inspect.Parameter.empty
                    }
                    instance: Any = base.__new__(base)
                    instance.run, instance.asking = None, noting
                    for _ in range(2):
                        try:
                            next(flow(instance, **(given | more)))
                        except Noted:
                            break
    return noting.asked  # type: ignore[no-any-return]


def test_every_route_has_a_method_and_every_method_a_route(document: dict[str, Any]) -> None:
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    missing = routes - asked_by_methods() - NOT_FOR_CLIENTS - TWINS
    assert missing == set()
    assert asked_by_methods() <= routes


def typed(module: Any) -> dict[str, Any]:
    return {
        name: each
        for name, each in vars(module).items()
        if inspect.isclass(each) and issubclass(each, dict) and hasattr(each, "__total__")
    }


@pytest.mark.parametrize("name", sorted(typed(answers)))
def test_answers_have_the_keys_that_the_service_documents(
    document: dict[str, Any], name: str
) -> None:
    schema, answer = document["components"]["schemas"][name], typed(answers)[name]
    assert set(answer.__annotations__) == set(schema["properties"])
    assert set(answer.__required_keys__) == set(schema.get("required", []))
    for key, hint in typing.get_type_hints(answer).items():
        assert_agrees(hint, schema["properties"][key], f"{name}.{key}")


def assert_agrees(hint: Any, schema: dict[str, Any], where: str) -> None:
    """The kinds of JSON values that a type allows are those that a schema allows."""
    assert kinds_of_type(hint) == kinds_of_schema(schema), where


def kinds_of_type(hint: Any) -> set[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, type(int | str)}:
        return {kind for each in arguments for kind in kinds_of_type(each)}
    if origin is typing.NotRequired:
        return kinds_of_type(arguments[0])
    if origin is typing.Literal:
        return {"string"}
    named = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
    if hint in named:
        return {named[hint]}
    if origin is list:
        return {f"list of {'|'.join(sorted(kinds_of_type(arguments[0])))}"}
    if origin is dict:
        return {"object"}
    assert hasattr(hint, "__total__"), hint
    return {hint.__name__}


def kinds_of_schema(schema: dict[str, Any]) -> set[str]:
    if "anyOf" in schema:
        return {kind for each in schema["anyOf"] for kind in kinds_of_schema(each)}
    if "$ref" in schema:
        return {schema["$ref"].rpartition("/")[2]}
    if schema["type"] == "array":
        return {f"list of {'|'.join(sorted(kinds_of_schema(schema['items'])))}"}
    return {schema["type"]}


@pytest.mark.parametrize(
    ("asked", "name"), [(questions.Money, "MoneyTerms"), (questions.Scenario, "ScenarioRequest")]
)
def test_questions_have_the_keys_that_the_service_takes(
    document: dict[str, Any], asked: Any, name: str
) -> None:
    schema = document["components"]["schemas"][name]
    assert set(asked.__annotations__) == set(schema["properties"])
    assert set(asked.__required_keys__) == set(schema.get("required", []))


def test_both_clients_have_the_same_methods_with_the_same_words() -> None:
    blocking, awaiting = Client("http://x", "k"), AsyncClient("http://x", "k")
    blocking.close()
    nouns = [name for name, each in vars(blocking).items() if isinstance(each, Noun)]
    assert len(nouns) >= 13
    for name in nouns:
        one, other = getattr(blocking, name), getattr(awaiting, name)
        assert type(one) is type(other)
        for method in methods_of(type(one)):
            assert method.__doc__
            bound = getattr(one, method._flow.__name__)
            assert bound.__doc__ == method.__doc__


def test_it_stands_on_its_own() -> None:
    """It imports nothing of the suite, and of others only httpx."""
    for file in PACKAGE.rglob("*.py"):
        imported = re.findall(r"^\s*(?:from|import) (\w+)", file.read_text("utf-8"), re.MULTILINE)
        suite = {"api", "predictive", "models", "evaluation", "examples", "tests"}
        assert not suite & set(imported), file
        allowed = set(sys.stdlib_module_names) | {"httpx", "predictive_client", "__future__"}
        assert set(imported) <= allowed, file
