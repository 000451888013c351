from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from predictive.formats import MEDIA_TYPES
from tests.api.conftest import Service

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def document(shared: Service) -> dict[str, Any]:
    body: dict[str, Any] = shared.client.get("/v1/openapi.json").json()
    return body


def test_every_route_stands_in_the_docs_with_its_scope(document: dict[str, Any]) -> None:
    rows = re.findall(r"^\| `(\w+) (/\S+)` \| (\w+) \|", DOCS.read_text("utf-8"), re.MULTILINE)
    documented = {(method, path): scope for method, path, scope in rows}
    real = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            scopes = [each["ApiKey"] for each in operation.get("security", [])]
            real[method.upper(), path] = scopes[0][0] if scopes else "none"
    assert documented == real


def test_every_operation_is_described(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert operation["tags"], where
            success = next(code for code in operation["responses"] if code.startswith("2"))
            if success != "204":
                content = operation["responses"][success]["content"]
                allowed = {"application/json", "text/event-stream", "text/plain"}
                allowed |= set(MEDIA_TYPES.values())
                assert set(content) <= allowed, where
                assert next(iter(content.values()))["schema"], where


def test_errors_are_problem_documents_everywhere(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], (method, path)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = re.findall(r"'#/components/schemas/([^']+)'", str(document))
    assert references
    assert set(references) <= set(document["components"]["schemas"])


def test_bodies_and_answers_have_examples(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def has_example(content: dict[str, Any]) -> bool:
        if "examples" in content or "example" in content:
            return True
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        return bool(name) and bool(schemas[name].get("examples"))

    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            contents = list(operation.get("requestBody", {}).get("content", {}).values())
            for response in operation["responses"].values():
                contents += response.get("content", {}).values()
            for content in contents:
                options = content["schema"].get("anyOf")
                named = [{"schema": option} for option in options] if options else [content]
                assert any(has_example(each) for each in named), (method, path, content)


def test_every_schema_has_examples_and_they_are_of_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        assert schema.get("examples"), name
        whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        for example in schema["examples"]:
            Draft202012Validator(whole).validate(example)


def test_every_parameter_is_described_and_those_of_paths_have_examples(
    document: dict[str, Any],
) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for parameter in operation.get("parameters", []):
                where = (method, path, parameter["name"])
                assert parameter["description"], where
                if parameter["in"] == "path":
                    assert parameter["schema"]["examples"], where


def test_the_docs_page_loads_nothing_from_elsewhere(shared: Service) -> None:
    page = shared.client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 3
    assert "http" not in re.sub(r"https?:\\?/\\?/www\.w3\.org", "", " ".join(loaded))
    for address in loaded:
        asset = shared.client.get(address)
        assert asset.status_code == 200, address
    assert "/v1/openapi.json" in page.text
