"""From files, variables, options and policies to one configuration, whatever they hold."""

import logging
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.cloud import Cloud
from app.core.errors import SettingsError
from app.core.model import Mode
from app.core.wedge import WedgeSettings
from app.settings.choices import LookTheme
from app.settings.givens import Layer
from app.settings.loading import Sources, load
from app.settings.locks import matches
from app.settings.places import default_file, machine_file
from app.settings.schema import KEYS, TenantProfile
from app.settings.showing import toml
from tests.settings.layers import CLIENT, LEAST, TENANT, Machine

WHOLE = f"""
[tenant]
id = "{TENANT}"
client_id = "{CLIENT}"
name = "Contoso"
cloud = "china"

[desk]
name = "受付 Nguyễn"
mode = "assign_only"
exports = "out"

[network]
proxy = "http://me:hush@proxy:8080"
ca_file = "ca.pem"

[badge]
pattern = "(?P<number>[0-9]+)"
"""


def test_nothing_at_all_is_a_configuration_without_a_tenant(machine: Machine) -> None:
    loaded = machine.load()
    assert loaded.problems == ()
    assert loaded.sound().tenants == ()
    assert {origin.layer for origin in loaded.origins.values()} == {Layer.BUILT_IN}
    assert set(loaded.origins) == {key.path for key in KEYS}


def test_every_kind_of_value_is_read(machine: Machine) -> None:
    machine.user(WHOLE)
    (machine.user_file.parent / "ca.pem").touch()
    found = machine.load().sound()
    assert found.tenants == (TenantProfile("", TENANT, CLIENT, "Contoso", Cloud.CHINA),)
    assert (found.desk.name, found.desk.mode) == ("受付 Nguyễn", Mode.ASSIGN_ONLY)
    assert found.desk.exports == machine.user_file.parent / "out"
    assert found.network.ca_file == machine.user_file.parent / "ca.pem"
    assert found.network.proxy == "http://me:hush@proxy:8080"
    assert found.badge.pattern is not None


def test_several_tenants_are_kept_in_the_order_of_the_file(machine: Machine) -> None:
    ids = f'id = "{TENANT}"\nclient_id = "{CLIENT}"\n'
    machine.user(f'[tenants.south]\n{ids}label = "South"\n[tenants.north]\n{ids}')
    found = machine.load().sound().tenants
    assert [(each.key, each.title) for each in found] == [("south", "South"), ("north", "north")]


def test_each_layer_outranks_those_below_it(machine: Machine) -> None:
    machine.administrator("[desk]\nname = 'machine'\n[lock]\nafter = 1\n[look]\ntheme = 'dark'\n")
    machine.user("[desk]\nname = 'user'\n[lock]\nafter = 2\n")
    machine.environment["OATHDESK_DESK_NAME"] = "environment"
    loaded = machine.load()
    assert loaded.configuration.desk.name == "environment"
    assert loaded.configuration.lock.after == 2
    assert loaded.configuration.look.theme is LookTheme.DARK
    machine.options.append("desk.name=command line")
    assert machine.load().configuration.desk.name == "command line"
    machine.policy("desk", "name", "policy")
    loaded = machine.load()
    assert loaded.configuration.desk.name == "policy"
    assert loaded.origins["desk.name"].layer is Layer.POLICY
    assert loaded.origins["lock.after"].place == f"{machine.user_file}:4"


def test_attempts_to_change_what_is_locked_are_told_and_the_station_works(
    machine: Machine,
) -> None:
    machine.administrator(f'locked = ["desk.*", "tenant.*"]\n{LEAST}[desk]\nmode = "assign-only"\n')
    machine.user('[tenant]\nid = "contoso"\n\n[desk]\nmode = "assign-and-activate"\n')
    machine.environment["OATHDESK_DESK_MODE"] = "assign-and-activate"
    machine.options.append("desk.name=Lobby")
    loaded = machine.load()
    found = loaded.sound()
    assert found.desk.mode is Mode.ASSIGN_ONLY
    assert found.desk.name == "Front desk"
    assert found.tenants[0].id == TENANT
    assert {(problem.place, problem.key) for problem in loaded.warnings} == {
        (f"{machine.user_file}:2", "tenant.id"),
        (f"{machine.user_file}:5", "desk.mode"),
        ("environment: OATHDESK_DESK_MODE", "desk.mode"),
        ("command line: --set desk.name", "desk.name"),
    }


def test_a_user_cannot_lock_or_unlock(machine: Machine) -> None:
    machine.administrator("locked = ['desk.name']\n[desk]\nname = 'Hall'\n")
    machine.user("locked = []\n[desk]\nname = 'Lobby'\n")
    loaded = machine.load()
    assert loaded.sound().desk.name == "Hall"
    assert [problem.key for problem in loaded.warnings] == ["locked", "desk.name"]


def test_all_that_is_wrong_anywhere_is_told_at_once(machine: Machine) -> None:
    machine.administrator("locked = ['dsek.*']\n[desk]\nname = 3\n")
    machine.user("[desk]\nmode = 'give'\nnmae = 'x'\n[lock]\nafter = -1\n")
    machine.environment["OATHDESK_LOOK_MOTION"] = "perhaps"
    machine.options += ["look.theme=pink", "hush"]
    machine.policy("scanner", "layout", 5)
    with pytest.raises(SettingsError) as caught:
        machine.load().sound()
    places = [problem.place for problem in caught.value.problems]
    first, second = machine.machine_file, machine.user_file
    assert places[:5] == [f"{first}:1", f"{first}:3", f"{second}:2", f"{second}:3", f"{second}:5"]
    assert sorted(places[5:]) == [
        "HKLM\\Software\\Policies\\Oathdesk\\scanner\\layout",
        "command line: --set",
        "command line: --set look.theme",
        "environment: OATHDESK_LOOK_MOTION",
    ]
    assert str(caught.value).count("\n") == len(places) - 1


def test_a_file_that_cannot_be_read_keeps_nobody_from_hearing_of_the_other(
    machine: Machine,
) -> None:
    machine.administrator("[desk\n")
    machine.user("[desk]\nnmae = 'x'\n")
    places = [problem.place for problem in machine.load().errors]
    assert places == [f"{machine.machine_file}:1", f"{machine.user_file}:2"]


def test_a_file_that_was_asked_for_has_to_be_there(machine: Machine) -> None:
    assert load(machine.sources()).errors == ()
    (problem,) = load(machine.sources(named=True)).errors
    assert problem.place == str(machine.user_file)


@pytest.mark.skipif(
    os.name != "posix",
    reason="Windows has access lists and no modes (tests/test_files.py tries those)",
)
def test_a_machine_wide_file_that_everybody_may_write_is_warned_of(machine: Machine) -> None:
    machine.administrator("locked = ['desk.name']\n")
    assert machine.load().warnings == ()
    machine.machine_file.chmod(0o666)
    (problem,) = machine.load().warnings
    assert problem.place == str(machine.machine_file)
    assert "everybody" in problem.problem


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0,
    reason="file modes bar nobody who is root, and Windows has none",
)
def test_a_file_that_may_not_be_read_is_told(machine: Machine) -> None:
    machine.user(LEAST)
    machine.user_file.chmod(0)
    (problem,) = machine.load().errors
    assert "cannot be read" in problem.problem


def test_a_secret_is_in_the_configuration_and_nowhere_else(machine: Machine) -> None:
    machine.user("[network]\nproxy = 'http://me:hush@proxy'\n")
    machine.environment["OATHDESK_NETWORK_PROXY"] = "http://me:hush2@proxy"
    machine.options.append("network.proxy=http://me:hush3@proxy")
    loaded = machine.load()
    assert loaded.configuration.network.proxy == "http://me:hush3@proxy"
    assert "hush" not in repr((loaded, machine.sources()))


@given(
    files=st.tuples(st.binary(max_size=200), st.binary(max_size=200)),
    environment=st.dictionaries(
        st.sampled_from(["OATHDESK_DESK_NAME", "OATHDESK_DESK_MODE", "OATHDESK_X", "HOME"]),
        st.text(),
    ),
    options=st.lists(st.text() | st.sampled_from(["desk.mode=x", "tenants.a.id=x"]), max_size=3),
)
def test_whatever_the_layers_hold_there_is_a_configuration_or_a_reason(
    files: tuple[bytes, bytes],
    environment: dict[str, str],
    options: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("any")
    paths = folder / "machine.toml", folder / "user.toml"
    for path, content in zip(paths, files, strict=True):
        path.write_bytes(content)
    loaded = load(Sources(*paths, environment=environment, options=options))
    for problem in loaded.problems:
        assert str(problem).isprintable()
        assert problem.place


SCALARS = st.booleans() | st.integers(-5, 5_000) | st.floats() | st.text(max_size=20)
SPOKEN = st.sampled_from(["browser", "assign-only", "dark", "(", "~/x", "http://p", "", TENANT])
SETTINGS = st.dictionaries(
    st.sampled_from([*(key.path for key in KEYS), "desk.nmae", "tenants.a.id", "tenants.a.label"]),
    SCALARS | SPOKEN | st.lists(SCALARS | SPOKEN, max_size=3),
    max_size=12,
)


@given(administrator=SETTINGS, user=SETTINGS, locks=st.sets(st.sampled_from(["*", "desk.*"])))
@example(administrator={}, user={"kiosk.enabled": True}, locks=set())
def test_whatever_the_keys_are_set_to_each_is_settled_or_told_with_its_line(
    administrator: dict[str, object],
    user: dict[str, object],
    locks: set[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    machine = Machine(tmp_path_factory.mktemp("any"))
    machine.administrator(f"locked = {toml(sorted(locks))}\n{written(administrator)}")
    machine.user(written(user))
    loaded = machine.load()
    for problem in loaded.problems:
        assert re.search(r"config\.toml:\d+", problem.place)
    for path, origin in loaded.origins.items():
        assert origin.locked is any(matches(lock, path) for lock in locks)
        assert not (origin.locked and origin.layer is Layer.USER)
    if not loaded.errors:
        assert isinstance(loaded.sound().scanner.wedge, WedgeSettings)


def written(settings: dict[str, object]) -> str:
    """A file that sets each key by its whole path."""
    return "".join(f"{path} = {toml(value)}\n" for path, value in settings.items())


def test_nothing_of_it_is_logged(machine: Machine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    machine.user(WHOLE)
    machine.load()
    assert caplog.text == ""


def test_this_machine_has_its_own_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OATHDESK_DESK_NAME", "Lobby")
    sources = Sources.of_this_machine()
    assert (sources.machine_file, sources.user_file) == (machine_file(), default_file())
    assert not sources.named
    assert sources.environment["OATHDESK_DESK_NAME"] == "Lobby"
    assert (sources.policies is None) is (sys.platform != "win32")
    named = Sources.of_this_machine(Path("x.toml"), ["desk.name=x"])
    assert (named.user_file, named.named, named.options) == (Path("x.toml"), True, ("desk.name=x",))
