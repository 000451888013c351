"""Examples of every schema: those of parts are taken out of the examples of what they are in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_REF = "#/components/schemas/"

Schema = Mapping[str, Any]


def spread_examples(document: Mapping[str, Any]) -> None:
    """Give each schema of an OpenAPI document an example where one can be found; make all whole.

    What is null in an example is lost where FastAPI makes the document: it is put in again.

    Parameters
    ----------
    document
        Changed in place.
    """
    schemas: dict[str, dict[str, Any]] = document["components"]["schemas"]
    for schema, example in _written(document, schemas):
        _walk(schema, example, schemas)


def _written(
    document: Mapping[str, Any], schemas: Mapping[str, Schema]
) -> Iterator[tuple[Schema, Any]]:
    """Each schema with each example that was written for it."""
    for schema in list(schemas.values()):
        for example in list(schema.get("examples", ())):
            yield schema, example
    for methods in document["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for named in content.get("examples", {}).values():
                    yield content["schema"], named["value"]


def _walk(schema: Schema, value: Any, schemas: Mapping[str, dict[str, Any]]) -> None:
    """Show the parts of a value as examples of their schemas."""
    if "$ref" in schema:
        named = schemas[schema["$ref"].removeprefix(_REF)]
        if not named.get("examples"):
            named["examples"] = [value]
        _walk(named, value, schemas)
        return
    options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    fitting = next((option for option in options if _fits(option, value, schemas)), None)
    if fitting is not None:
        _walk(fitting, value, schemas)
    elif isinstance(value, list):
        for each in value:
            _walk(schema.get("items", {}), each, schemas)
    elif isinstance(value, dict):
        _complete(schema, value)
        further = schema.get("additionalProperties")
        for name, inner in value.items():
            of_inner = schema.get("properties", {}).get(name, further)
            if isinstance(of_inner, dict):
                _walk(of_inner, inner, schemas)


def _complete(schema: Schema, value: dict[str, Any]) -> None:
    for name in schema.get("required", ()):
        if name not in value and _may_be_null(schema["properties"][name]):
            value[name] = None


def _may_be_null(schema: Schema) -> bool:
    return {"type": "null"} in schema.get("anyOf", ())


def _fits(schema: Schema, value: Any, schemas: Mapping[str, Schema]) -> bool:
    """Whether a value can be meant by this one of several schemas: by its kind and its fields."""
    if "$ref" in schema:
        return _fits(schemas[schema["$ref"].removeprefix(_REF)], value, schemas)
    if not isinstance(value, dict):
        return isinstance(value, list) and schema.get("type") == "array"
    known = schema.get("properties", {})
    missing = [name for name in schema.get("required", ()) if name not in value]
    whole = all(_may_be_null(known[name]) for name in missing)
    is_open = schema.get("additionalProperties", True) is not False
    return schema.get("type") == "object" and whole and (is_open or set(value) <= set(known))
