"""The configuration as `doctor` looks at it: every problem with its place, and what is locked."""

from app.core.checkup import Check, Finding, Rows, Told, Verdict
from app.core.errors import NotConfigured, SettingsError, SettingsProblem
from app.settings.loading import Loaded, Sources


def look_at_configuration(loaded: Loaded, sources: Sources) -> Finding:
    """Judge what was `loaded` from `sources`."""
    locked = [each.path for each in loaded.settled if each.origin.locked]
    rows = _rows(sources, loaded.warnings, locked)
    facts = {"problems": len(loaded.errors), "hints": len(loaded.warnings), "locked": len(locked)}
    check = Check.CONFIGURATION
    if loaded.errors:
        error: SettingsError = SettingsError(*loaded.errors)
        return Finding(check, Verdict.FAILURE, Told.FAULT, facts, rows, error=error)
    if not loaded.configuration.tenants:
        error = NotConfigured(_no_tenant(sources))
        return Finding(check, Verdict.FAILURE, Told.FAULT, facts, rows, error=error)
    if loaded.warnings:
        return Finding(check, Verdict.WARNING, Told.HINTS, facts, rows)
    return Finding(check, Verdict.OK, Told.SOUND, facts, rows)


def _no_tenant(sources: Sources) -> SettingsProblem:
    problem, allowed = "no tenant is configured", "the tenant's ID, and beside it tenant.client_id"
    return SettingsProblem(str(sources.user_file), problem, "tenant.id", allowed)


def _rows(sources: Sources, hints: tuple[SettingsProblem, ...], locked: list[str]) -> Rows:
    return (
        ("Machine's file", str(sources.machine_file)),
        ("User's file", str(sources.user_file)),
        *(("Hint", str(each)) for each in hints),
        *(("Locked", path) for path in locked),
    )
