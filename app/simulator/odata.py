"""Query options of a collection: what is asked, whether it is allowed, and one page of answer."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.simulator.odata_filter import Filter, Row, parse_filter
from app.simulator.odata_search import Predicate, parse_search
from app.simulator.refusals import refusal

ADVANCED = frozenset(("ne", "not", "endswith"))
"""Filter operators that Graph serves only as advanced queries."""


@dataclass(frozen=True, slots=True)
class Collection:
    """What one collection supports: options, filters, order, columns, and its page sizes."""

    entity: str
    options: frozenset[str]
    columns: tuple[str, ...]
    default_columns: tuple[str, ...]
    filters: Mapping[str, frozenset[str]]
    sortable: frozenset[str] = frozenset()
    page: int = 100
    largest_page: int = 999
    advanced_rules: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The options of one request, already checked against a `Collection`."""

    columns: tuple[str, ...]
    explicit_columns: bool
    filter: Filter | None
    search: Predicate | None
    order: tuple[tuple[str, bool], ...]
    top: int
    skip: int
    count: bool
    options: Mapping[str, str]


def options_of(query: Sequence[tuple[str, str]], allowed: frozenset[str]) -> dict[str, str]:
    """The `$` options of a query string; refuses repeated and unsupported ones."""
    found: dict[str, str] = {}
    for name, value in query:
        if not name.startswith("$"):
            continue
        if name in found:
            raise refusal("bad_query", f"Query option '{name}' was specified more than once.")
        if name not in allowed:
            raise refusal("bad_query", f"Query option '{name}' is not supported here.")
        found[name] = value
    return found


def read_query(
    query: Sequence[tuple[str, str]], collection: Collection, *, eventual: bool
) -> Query:
    """Check and compile the options of a request; `eventual` is the ConsistencyLevel header."""
    options = options_of(query, collection.options | {"$skiptoken"})
    if "$search" in options and not eventual:
        raise refusal("search_needs_header")
    parsed_filter = _filter(options, collection)
    order = _order(options.get("$orderby", ""), collection)
    count = _boolean(options.get("$count", "false"))
    if collection.advanced_rules:
        _check_advanced(options, parsed_filter, eventual=eventual and count)
    return Query(
        columns=select_columns(options.get("$select"), collection),
        explicit_columns="$select" in options,
        filter=parsed_filter,
        search=parse_search(options["$search"]) if "$search" in options else None,
        order=order,
        top=_top(options.get("$top"), collection),
        skip=_skip(options.get("$skiptoken")),
        count=count and (eventual or not collection.advanced_rules),
        options=options,
    )


def _filter(options: Mapping[str, str], collection: Collection) -> Filter | None:
    if "$filter" not in options:
        return None
    return parse_filter(options["$filter"], collection.filters)


def _check_advanced(options: Mapping[str, str], parsed: Filter | None, *, eventual: bool) -> None:
    if parsed is None or eventual:
        return
    if parsed.operators & ADVANCED or "$orderby" in options:
        raise refusal("unsupported_query")


def select_columns(text: str | None, collection: Collection) -> tuple[str, ...]:
    """The columns of `$select`, or the defaults; refuses a name the type does not have."""
    if text is None:
        return collection.default_columns
    wanted = tuple(part.strip() for part in text.split(",") if part.strip())
    for name in wanted:
        if name not in collection.columns:
            kind = f"microsoft.graph.{collection.entity}"
            raise refusal("bad_query", f"Could not find a property named '{name}' on '{kind}'.")
    return wanted


def _order(text: str, collection: Collection) -> tuple[tuple[str, bool], ...]:
    terms = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = part.partition(" ")
        if name not in collection.sortable or direction.strip() not in ("", "asc", "desc"):
            raise refusal("unsupported_query")
        terms.append((name, direction.strip() == "desc"))
    return tuple(terms)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise refusal("bad_query", "Invalid value for $count.")
    return text == "true"


def _top(text: str | None, collection: Collection) -> int:
    if text is None:
        return collection.page
    if not text.isdigit() or not 1 <= int(text) <= collection.largest_page:
        largest = collection.largest_page
        raise refusal(
            "bad_query", f"Invalid page size specified: '{text}'. Must be between 1 and {largest}."
        )
    return int(text)


def _skip(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(token.encode()))["from"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise refusal("bad_query", "Skip token is not valid.") from None


def skip_token(position: int) -> str:
    """An opaque token for the rows from `position` on."""
    return base64.urlsafe_b64encode(json.dumps({"from": position, "v": 1}).encode()).decode()


def chosen(rows: Sequence[Row], query: Query) -> Sequence[Row]:
    """The rows that match, in the order asked for; `rows` itself where nothing is asked."""
    if query.filter is not None:
        rows = [row for row in rows if query.filter.matches(row)]
    if query.search is not None:
        rows = [row for row in rows if query.search(row)]
    if not query.order:
        return rows
    ordered = list(rows)
    for name, descending in reversed(query.order):
        ordered.sort(key=lambda row: (row.get(name) or "").casefold(), reverse=descending)
    return ordered


def page(rows: Sequence[Row], query: Query, url: str, context: str) -> dict[str, Any]:
    """One page of matching rows as the body of an answer. `url` is absolute, without a query."""
    matching = chosen(rows, query)
    end = query.skip + query.top
    body: dict[str, Any] = {"@odata.context": context}
    if query.count:
        body["@odata.count"] = len(matching)
    if end < len(matching):
        body["@odata.nextLink"] = _next_link(url, query, end)
    body["value"] = [project(row, query) for row in matching[query.skip : end]]
    return body


def _next_link(url: str, query: Query, position: int) -> str:
    kept = {name: value for name, value in query.options.items() if name != "$skiptoken"}
    kept["$skiptoken"] = skip_token(position)
    return url + "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in kept.items())


def project(row: Row, query: Query) -> dict[str, Any]:
    """The chosen columns of a row; annotations (`@...`) always stay."""
    kept = {name: value for name, value in row.items() if name.startswith("@")}
    return kept | {name: row.get(name) for name in query.columns}
