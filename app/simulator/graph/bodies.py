"""Checks request bodies strictly: unknown properties and wrong JSON types are refused."""

from collections.abc import Mapping
from typing import Any

from app.simulator.refusals import refusal

ODATA_TYPE = "@odata.type"


def read(
    body: Mapping[str, Any],
    required: Mapping[str, type],
    optional: Mapping[str, type] | None = None,
    ignored: tuple[str, ...] = (ODATA_TYPE,),
) -> dict[str, Any]:
    """The properties of a body; optional ones may be null. Raises `GraphRefusal` 400."""
    optional = optional or {}
    fields = {name: value for name, value in body.items() if name not in ignored}
    for name, value in fields.items():
        expected = required.get(name) or optional.get(name)
        if expected is None:
            raise refusal("bad_body", f"The property '{name}' does not exist on this type.")
        nullable = name in optional
        if not _fits(value, expected, nullable=nullable):
            raise refusal("bad_body", f"Cannot convert the value of '{name}' to its type.")
    for name in required:
        if name not in fields:
            raise refusal("bad_body", f"The property '{name}' is required.")
    return fields


def _fits(value: Any, expected: type, *, nullable: bool) -> bool:
    if value is None:
        return nullable
    if expected is int and isinstance(value, bool):
        return False
    return isinstance(value, expected)


def reference(value: Mapping[str, Any], name: str) -> str:
    """The id of a nested `{"id": ...}` object."""
    fields = read(value, {"id": str})
    if not fields["id"]:
        raise refusal("bad_body", f"The id of '{name}' is empty.")
    return str(fields["id"])
