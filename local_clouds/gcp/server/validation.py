"""Requests against discovery schemas: parameters and bodies, refused as Google's front end does.

Unknown names, wrong primitive types, values outside an enum, broken patterns and missing required
fields raise ApiError 400. Output-only fields are dropped, as the APIs ignore them.
"""

import base64
import binascii
import re
from typing import Any

from local_clouds.gcp.server.discovery import Method
from local_clouds.gcp.server.errors import ApiError, invalid, invalid_field

_INTEGER_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


def parameters(method: Method, path: dict[str, str], query: dict[str, list[str]]) -> dict[str, Any]:
    """Path and query parameters with their declared types; repeated ones are lists."""
    for name in query:
        if name not in method.parameters:
            raise invalid(
                f'Invalid JSON payload received. Unknown name "{name}": '
                "Cannot bind query parameter. Field could not be found in request message."
            )
    values: dict[str, Any] = {}
    for name, schema in method.parameters.items():
        texts = [path[name]] if name in path else query.get(name, [])
        if not texts:
            if schema.get("required"):
                raise ApiError(400, "required", f"Required parameter: {name}")
            continue
        converted = [_parameter(name, text, schema) for text in texts]
        values[name] = converted if schema.get("repeated") else converted[-1]
    return values


def body(method: Method, value: object) -> dict[str, Any]:
    """The body without output-only fields; an empty one where the method takes none."""
    if method.request is None:
        if value:
            raise invalid(f"{method.id} takes no request body.")
        return {}
    if not isinstance(value, dict):
        raise _wrong_type("", method.request["$ref"], value)
    return _Body(method).check(value, method.request, "resource")


def _parameter(name: str, text: str, schema: dict[str, Any]) -> str | int | bool:
    if "pattern" in schema and not re.fullmatch(schema["pattern"].strip("^$"), text):
        raise invalid_field(name, text, f"Must be a match of regex '{schema['pattern']}'")
    if "enum" in schema and text not in schema["enum"]:
        raise invalid_field(name, text, f"Allowed values are {', '.join(schema['enum'])}.")
    if schema["type"] == "boolean":
        if text not in {"true", "false"}:
            raise _wrong_type(name, "boolean", text)
        return text == "true"
    if schema["type"] != "integer":
        return text
    if not re.fullmatch(r"-?\d+", text):
        raise _wrong_type(name, "integer", text)
    low, high = int(schema.get("minimum", text)), int(schema.get("maximum", text))
    if not low <= int(text) <= high:
        raise invalid_field(name, text, f"Values must be within the range: [{low}, {high}]")
    return int(text)


class _Body:
    def __init__(self, method: Method) -> None:
        self.method = method

    def check(self, value: object, schema: dict[str, Any], at: str) -> Any:
        if "$ref" in schema:
            schema = self.method.schemas[schema["$ref"]]
        kind = schema.get("type", "any")
        if kind == "object":
            return self._object(value, schema, at)
        if kind == "array":
            if not isinstance(value, list):
                raise _wrong_type(at, "array", value)
            return [
                self.check(item, schema["items"], f"{at}[{index}]")
                for index, item in enumerate(value)
            ]
        return value if kind == "any" else _primitive(value, schema, at)

    def _object(self, value: object, schema: dict[str, Any], at: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_type(at, "object", value)
        if "additionalProperties" in schema:
            each = schema["additionalProperties"]
            return {
                key: self.check(item, each, f"{at}.{key}")
                for key, item in value.items()
                if item is not None
            }
        properties = schema.get("properties", {})
        for name, declared in properties.items():
            required = declared.get("annotations", {}).get("required", ())
            if self.method.id in required and value.get(name) in (None, ""):
                raise ApiError(400, "required", f"Required field '{at}.{name}' not specified")
        checked = {}
        for name, item in value.items():
            if name not in properties:
                raise invalid(
                    f"Invalid JSON payload received. Unknown name \"{name}\" at '{at}': "
                    "Cannot find field."
                )
            if item is not None and not _output_only(properties[name]):
                checked[name] = self.check(item, properties[name], f"{at}.{name}")
        return checked


def _output_only(schema: dict[str, Any]) -> bool:
    marks = ("[Output Only]", "Output only.")
    return bool(schema.get("readOnly")) or schema.get("description", "").startswith(marks)


def _primitive(value: object, schema: dict[str, Any], at: str) -> str | int | float | bool:
    kind, form = schema["type"], schema.get("format", "")
    if kind == "boolean":
        if not isinstance(value, bool):
            raise _wrong_type(at, "boolean", value)
        return value
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(at, form or "number", value)
        return value
    if form in _INTEGER_RANGES:
        number = _integer(value, form, at)
        return number if kind == "integer" else str(number)
    if not isinstance(value, str):
        raise _wrong_type(at, kind, value)
    _check_text(value, schema, at)
    return value


def _integer(value: object, form: str, at: str) -> int:
    # Protobuf's JSON mapping takes integers as numbers or as decimal strings.
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
        raise _wrong_type(at, form, value)
    low, high = _INTEGER_RANGES[form]
    if not low <= int(str(value)) <= high:
        raise _wrong_type(at, form, value)
    return int(str(value))


def _check_text(value: str, schema: dict[str, Any], at: str) -> None:
    if "enum" in schema and value not in schema["enum"]:
        allowed = ", ".join(schema["enum"])
        raise invalid_field(at, value, f"Allowed values are {allowed}.")
    # An empty string is protobuf's way to say "not set".
    if value and "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        raise invalid_field(at, value, f"Must be a match of regex '{schema['pattern']}'")
    if schema.get("format") == "byte":
        try:
            base64.b64decode(value.translate(str.maketrans("-_", "+/")), validate=True)
        except binascii.Error as error:
            raise invalid(
                f"Invalid value at '{at}' (TYPE_BYTES): Base64 decoding failed"
            ) from error


def _wrong_type(at: str, kind: str, value: object) -> ApiError:
    found = type(value).__name__
    return invalid(f"Invalid value at '{at}': expected {kind}, found a JSON {found}.")
