"""The check-up in the window, over HTTPS, with the session of that window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.ui.models.doctor import CHECK, VERDICT
from app.ui.pages.doctor.page import DoctorPage
from tests.journeys.travel import Journey
from tests.support.simulated import DANA
from tests.ui.hands import press


def lines(page: DoctorPage) -> dict[str, str]:
    model = page.list.model
    return {
        str(model.index(row, CHECK).data()): str(model.index(row, VERDICT).data())
        for row in range(model.rowCount())
    }


def at_the_doctor(journey: Journey) -> DoctorPage:
    page = journey.stage.window.pages.doctor
    journey.stage.window.rail.chosen.emit("doctor")
    journey.stage.until(page.details.copy_button.isEnabled)
    return page


def test_a_signed_in_window_finds_its_own_rights_and_the_tenant_well(journey: Journey) -> None:
    journey.sign_in()
    found = lines(at_the_doctor(journey))
    well = {name for name, word in found.items() if word == "ok"}
    assert {
        "Record",
        "Microsoft Graph: certificate",
        "Clock",
        "Tenant",
        "Sign-in",
        "Permission Policy.Read.All",
        "Policy for hardware tokens",
        "Inventory of tokens",
    } <= well
    assert "failure" not in found.values()


def test_a_policy_switched_off_meanwhile_is_seen_on_f5_and_told_in_the_copy(
    journey: Journey,
) -> None:
    journey.sign_in()
    page = at_the_doctor(journey)
    journey.tenant.fault("policy_off")
    press(Qt.Key.Key_F5)
    journey.stage.until(lambda: lines(page).get("Policy for hardware tokens") == "failure")
    journey.stage.until(page.details.copy_button.isEnabled)
    press(Qt.Key.Key_F8)
    text = QGuiApplication.clipboard().text()
    assert "x failure      Policy for hardware tokens" in text
    operator = journey.tenant.operator(DANA)
    secrets = (operator.password, operator.username, operator.display_name)
    assert [secret for secret in secrets if secret in text] == []


def test_the_doctor_writes_nothing_to_the_tenant(journey: Journey) -> None:
    journey.sign_in()
    before = len(writes(journey))
    at_the_doctor(journey)
    assert len(writes(journey)) == before


def writes(journey: Journey) -> list[str]:
    requests = journey.tenant.control("GET", "/requests")["requests"]
    graph = [each for each in requests if each["path"].startswith(("/beta/", "/v1.0/"))]
    return [each["path"] for each in graph if each["method"] != "GET"]
