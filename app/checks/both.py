"""What is judged of both ways together, or of an answer that already came: proxy, clock, tenant."""

from collections.abc import Sequence
from statistics import median

from app.checks.proxy import Proxy, ProxyError, open_way, proxy_for
from app.checks.way import Way, error_row
from app.core.checkup import Check, Finding, Told, Verdict
from app.core.errors import RegistrationWrong, SignInEvidence, SignInRefused
from app.core.skew import ClockState, judge_offset

_NO_SUCH_TENANT = ("AADSTS90002", "AADSTS900023")
_LONGEST = 2000
_CLOCKS = {
    ClockState.FINE: (Verdict.OK, Told.CLOCK_RIGHT),
    ClockState.OFF: (Verdict.WARNING, Told.CLOCK_OFF),
    ClockState.WRONG: (Verdict.FAILURE, Told.CLOCK_WRONG),
}


def look_at_proxy(ways: Sequence[Way]) -> Finding:
    """Tell which proxy lies on the way and why; where there is one, ask it for a tunnel."""
    found = [_proxy_of(way) for way in ways]
    by_weight = (Verdict.FAILURE, Verdict.WARNING)
    wrong = next((each for each in found if each.verdict in by_weight), None)
    used = next((each for each in found if each.told is not Told.PROXY_NONE), found[0])
    return wrong or used


def _proxy_of(way: Way) -> Finding:
    check, verdict = Check.PROXY, Verdict.FAILURE
    try:
        proxy = proxy_for(way.host, way.proxies)
    except ValueError as error:
        return Finding(check, verdict, Told.PROXY_UNUSABLE, rows=(("Problem", str(error)),))
    if proxy is None:
        return Finding(check, Verdict.OK, Told.PROXY_NONE)
    facts, rows = {"proxy": proxy.shown}, (("Proxy", proxy.shown), ("For", str(way.host)))
    try:
        open_way(way.host, proxy, way.trust.context, way.limits).close()
    except ProxyError as error:
        told = Told.PROXY_PASSWORD if error.wants_password else Told.PROXY_REFUSES
        return Finding(check, verdict, told, facts, (*rows, *error_row(error)))
    except OSError as error:
        return Finding(check, verdict, Told.PROXY_AWAY, facts, (*rows, *error_row(error)))
    return Finding(check, Verdict.OK, _why(proxy), facts, rows)


def _why(proxy: Proxy) -> Told:
    return Told.PROXY_CONFIGURED if proxy.configured else Told.PROXY_OF_SYSTEM


def look_at_clock(ways: Sequence[Way]) -> Finding:
    """Compare this machine's clock with those that answered."""
    answers = [way.answer for way in ways if way.answer is not None]
    offsets = [each.offset for each in answers if each.offset is not None]
    if not offsets:
        return Finding(Check.CLOCK, Verdict.NOT_CHECKED, Told.CLOCK_UNKNOWN)
    offset = median(offsets)
    verdict, told = _CLOCKS[judge_offset(offset)]
    rows = (("Server minus this machine", f"{offset:+.1f} s"),)
    return Finding(Check.CLOCK, verdict, told, {"offset": offset}, rows)


def look_at_tenant(way: Way) -> Finding:
    """Judge the tenant's sign-in document, or what came in its place."""
    answer = way.answer
    document = answer.document if answer and answer.document else {}
    if answer is not None and answer.status in range(200, 300) and "token_endpoint" in document:
        rows = (("Issuer", str(document.get("issuer", ""))[:_LONGEST]),)
        return Finding(Check.TENANT, Verdict.OK, Told.TENANT_EXISTS, rows=rows)
    evidence = SignInEvidence(
        error=str(document.get("error", f"HTTP {answer.status if answer else 0}")),
        description=str(document.get("error_description", ""))[:_LONGEST],
        correlation_id=str(document.get("correlation_id", "")),
    )
    unknown = any(number in evidence.description for number in _NO_SUCH_TENANT)
    error = RegistrationWrong(evidence) if unknown else SignInRefused(evidence)
    return Finding(Check.TENANT, Verdict.FAILURE, Told.FAULT, error=error)
