"""Makes the configuration of the values that were settled, as one frozen value."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from app.settings.lookup import profile_names
from app.settings.schema import (
    KEYS,
    PROFILE_KEYS,
    PROFILES,
    SECTION_TYPES,
    Configuration,
    TenantProfile,
)


def built(values: Mapping[str, object]) -> Configuration:
    """Return the configuration that `values`, by path, make; every key has one."""
    sections = {
        name: kind(**{each.name: values[f"{name}.{each.name}"] for each in fields(kind)})
        for name, kind in SECTION_TYPES.items()
        if name != PROFILES
    }
    return Configuration(tenants=_tenants(values), **sections)


def defaults() -> Configuration:
    """Return the configuration of a station that nobody has configured."""
    return built({key.path: key.fallback for key in KEYS})


def _tenants(values: Mapping[str, object]) -> tuple[TenantProfile, ...]:
    """Those tenants that have both IDs; who has but one is a problem of the loader's."""
    plain = {each.name: values.get(f"tenant.{each.name}", "") for each in PROFILE_KEYS}
    profiles = [("", plain)]
    for name in profile_names(values):
        members = {each.name: values[f"{PROFILES}.{name}.{each.name}"] for each in PROFILE_KEYS}
        profiles.append((name, members))
    return tuple(
        _profile(name, members)
        for name, members in profiles
        if members["id"] and members["client_id"]
    )


def _profile(name: str, members: Mapping[str, Any]) -> TenantProfile:
    return TenantProfile(key=name, **members)
