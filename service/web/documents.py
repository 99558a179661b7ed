"""`/docs`: the OpenAPI document as one page, for people. Needs no script, and nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape


def document_page(document: dict[str, Any]) -> str:
    """The page of an OpenAPI document."""
    templates = Environment(
        loader=PackageLoader("service"), autoescape=select_autoescape(default=True), trim_blocks=True
    )
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            tag = operation.get("tags", ["service"])[0]
            groups.setdefault(tag, []).append(_operation(document, path, method, operation))
    return templates.get_template("docs.html").render(document=document, groups=groups)


def _operation(document: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, dict[str, Any]] = operation.get("requestBody", {}).get("content", {})
    schema = next((content.get("schema") for content in body.values()), None)
    return {
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "required": one.get("required", False),
                "kind": _kind(document, one.get("schema", {})),
                "description": one.get("description", ""),
            }
            for one in operation.get("parameters", [])
        ],
        "fields": _fields(document, schema) if schema else [],
        "body": _kind(document, schema) if schema else "",
        "answers": [
            (status, answer.get("description", ""), _answer(document, answer))
            for status, answer in sorted(operation["responses"].items())
        ],
    }


def _answer(document: dict[str, Any], answer: dict[str, Any]) -> str:
    content: dict[str, Any] = next(iter(answer.get("content", {}).values()), {})
    return _kind(document, content["schema"]) if "schema" in content else ""


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The fields of an object's schema."""
    schema = _resolved(document, schema)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "required": name in required,
            "kind": _kind(document, field),
            "description": field.get("description", ""),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    for word in ("anyOf", "oneOf"):
        if word in schema:
            kinds = dict.fromkeys(_kind(document, one) for one in schema[word])
            return " or ".join(filter(None, kinds))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {})) or 'anything'}"
    kind = schema.get("type", "")
    limits = [
        f"{words} {schema[key]}"
        for key, words in (("maxLength", "at most"), ("maximum", "at most"), ("pattern", "like"))
        if key in schema
    ]
    return ", ".join([str(schema.get("format") or kind), *limits])


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[-1]]
    return found
