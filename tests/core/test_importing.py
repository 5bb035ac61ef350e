"""The rows of a file as they are shown."""

from app.core.importing import Preview, Standing, preview_of, without
from app.core.seed import FaultKind, RowFault, SeedFile, SeedFormat
from tests.fakes.seeds import a_seed


def a_preview() -> Preview:
    tokens = (a_seed("GAKT0001", "ada@example.com", 2), a_seed("GAKT0003", "", 4))
    fault = RowFault(3, FaultKind.SECRET_MISSING, "GAKT0002")
    return preview_of(SeedFile(SeedFormat.ENTRA_CSV, tokens, (fault,)))


def test_tokens_and_faults_stand_in_the_order_of_the_file() -> None:
    assert [row.serial for row in a_preview().rows] == ["GAKT0001", "GAKT0002", "GAKT0003"]
    assert a_preview().people() == 1


def test_a_serial_number_is_known_whatever_the_case_of_its_letters() -> None:
    found = Preview(a_preview().rows, frozenset({"gakt0003"}))
    assert [found.standing(row) for row in found.rows] == [
        Standing.GOOD,
        Standing.FAULTY,
        Standing.THERE,
    ]
    assert found.counts() == dict.fromkeys(Standing, 1)


def test_what_the_tenant_has_does_not_go() -> None:
    tokens = (a_seed("GAKT0001"), a_seed("GAKT0003"))
    assert without(tokens, frozenset({"gakt0003"})) == tokens[:1]
