"""Whom the program trusts, and which variables of the environment would have it trust others."""

import os
from collections.abc import Mapping
from typing import Final

from app.checks.way import Trust, error_row
from app.core.checkup import Check, Finding, Told, Verdict
from app.network.environment import found
from app.network.proxies import Proxies, variables_set

_LONGEST: Final = 200


def look_at_environment(proxies: Proxies, environment: Mapping[str, str] = os.environ) -> Finding:
    """Name each variable that other programs would heed, and what became of it here."""
    check = Check.ENVIRONMENT
    ignored = {name: f"ignored: {value[:_LONGEST]}" for name, value in found(environment).items()}
    use = _use_of(proxies)
    by_proxy = dict.fromkeys(variables_set(environment), use or "used")
    rows = (*ignored.items(), *by_proxy.items())
    names = [*ignored, *(by_proxy if use else ())]
    if not names:
        return Finding(check, Verdict.OK, Told.ENVIRONMENT_CLEAR, rows=rows)
    facts = {"names": ", ".join(names)}
    verdict = Verdict.WARNING if ignored or not proxies.configured else Verdict.OK
    return Finding(check, verdict, Told.ENVIRONMENT_IGNORED, facts, rows)


def look_at_authorities(trust: Trust) -> Finding:
    """Load the authorities that are trusted, and tell where they come from."""
    check, roots = Check.AUTHORITIES, trust.roots
    rows = [("Trusted", "what the system itself accepts" if roots.native else str(roots.bundle))]
    if trust.ca_file is not None:
        rows.append(("network.ca_file", str(trust.ca_file)))
    try:
        context = trust.context()
    except OSError as error:
        facts = {"file": str(trust.ca_file or roots.bundle)}
        failed = (*rows, *error_row(error))
        return Finding(check, Verdict.FAILURE, Told.AUTHORITIES_UNREADABLE, facts, failed)
    if roots.native:
        return Finding(check, Verdict.OK, Told.AUTHORITIES_OF_SYSTEM, rows=tuple(rows))
    rows.append(("Certificates", str(context.cert_store_stats()["x509_ca"])))
    if roots.built_in:
        return Finding(check, Verdict.WARNING, Told.AUTHORITIES_BUILT_IN, rows=tuple(rows))
    return Finding(check, Verdict.OK, Told.AUTHORITIES_OF_SYSTEM, rows=tuple(rows))


def _use_of(proxies: Proxies) -> str:
    """Return why proxies of the environment do not count; nothing where they do."""
    if proxies.configured:
        return "ignored: network.proxy names another"
    return "" if proxies.of_system else "ignored: network.proxy is locked"
