"""A tenant is written into the user's file, and all that stood there stands there afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.cloud import Cloud
from app.core.errors import SettingsProblem, SettingsUnwritable
from app.core.tenancy import Tenancy
from app.settings.example import example_file
from app.settings.writing import TenancyFile, fixed_elsewhere
from tests.settings.layers import CLIENT, TENANT, Machine

ROOT = Path(__file__).parents[2]
OTHER = "0b6ad4b2-5d3e-4f17-9a86-c1e7d2f83a55"
CONTOSO = Tenancy(TENANT, CLIENT, Cloud.GLOBAL, "contoso.com")
KEYS = f'id = "{TENANT}"\nclient_id = "{CLIENT}"\n'
NAMED = f'{KEYS}name = "contoso.com"\n'


def keep(machine: Machine, tenancy: Tenancy = CONTOSO) -> str:
    """Write `tenancy`; what the file says then."""
    TenancyFile(machine.sources(), machine.folder / "documents").keep(tenancy)
    return machine.user_file.read_bytes().decode()


def refused(machine: Machine, tenancy: Tenancy = CONTOSO) -> list[SettingsProblem]:
    """Try to write `tenancy`; why it was refused, and that nothing was touched."""
    before = machine.user_file.read_bytes() if machine.user_file.is_file() else None
    with pytest.raises(SettingsUnwritable) as caught:
        keep(machine, tenancy)
    after = machine.user_file.read_bytes() if machine.user_file.is_file() else None
    assert after == before
    return list(caught.value.problems)


def test_where_there_is_no_file_it_is_made(machine: Machine) -> None:
    text = keep(machine)
    assert text.endswith(f"\n[tenant]\n{NAMED}")
    (tenant,) = machine.load().sound().tenants
    assert (tenant.id, tenant.client_id, tenant.name) == (TENANT, CLIENT, "contoso.com")
    assert [file.name for file in machine.user_file.parent.iterdir()] == ["config.toml"]


def test_the_cloud_is_written_where_it_is_not_the_usual_one(machine: Machine) -> None:
    assert 'cloud = "china"' in keep(machine, Tenancy(TENANT, CLIENT, Cloud.CHINA))
    assert machine.load().sound().tenants[0].cloud is Cloud.CHINA


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "# mine\n[desk]\nname = 'A' # b\n",
            f"# mine\n[desk]\nname = 'A' # b\n\n[tenant]\n{NAMED}",
        ),
        ("[desk]\nname = 'A'", f"[desk]\nname = 'A'\n\n[tenant]\n{NAMED}"),
        ("[tenant]\n# ids\n[desk]\n", f"[tenant]\n{NAMED}# ids\n[desk]\n"),
        (
            " [ tenant ] # T\r\n[desk]\r\n",
            f" [ tenant ] # T\n{NAMED}[desk]\n".replace("\n", "\r\n"),
        ),
        ("[tenant]", f"[tenant]\n{NAMED}"),
        ("\ufeff[tenant]\n", f"\ufeff[tenant]\n{NAMED}"),
        ('[tenant]\nname = "Ours"\n', f'[tenant]\n{KEYS}name = "Ours"\n'),
        ("", f"\n[tenant]\n{NAMED}"),
    ],
)
def test_everything_else_stays_as_it_was(machine: Machine, before: str, after: str) -> None:
    machine.user(before)
    assert keep(machine) == after
    assert machine.load().errors == ()


def test_the_example_takes_a_tenant_between_its_comments(machine: Machine) -> None:
    before = example_file()
    machine.user(before)
    after = keep(machine)
    assert after.replace(NAMED, "", 1) == before
    assert machine.load().sound().tenants[0].id == TENANT


COMMENTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs")), max_size=20)
VALUES = st.one_of(st.integers(0, 9), st.booleans(), st.text(max_size=8))


def block(name: str, comment: str, values: list[object]) -> str:
    """A table of the user's, with a comment."""
    lines = [f"key{number} = {_shown(value)}" for number, value in enumerate(values)]
    return "\n".join((f"# {comment}", f"[{name}]", *lines, ""))


def _shown(value: object) -> str:
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(each):08x}" for each in value) + '"'
    return str(value).lower()


@given(
    blocks=st.dictionaries(
        st.sampled_from(["desk", "tenant.extra", "other", "x.y"]),
        st.tuples(COMMENTS, st.lists(VALUES, max_size=3)),
        max_size=3,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_file_holds_it_holds_it_afterwards_or_was_not_touched(
    tmp_path_factory: pytest.TempPathFactory,
    blocks: dict[str, tuple[str, list[object]]],
    end: str,
) -> None:
    machine = Machine(tmp_path_factory.mktemp("machine"))
    before = "".join(block(name, *content) for name, content in blocks.items())
    machine.user(before.replace("\n", end))
    was = machine.user_file.read_bytes().decode()
    try:
        after = keep(machine)
    except SettingsUnwritable:
        assert machine.user_file.read_bytes().decode() == was
        return
    kept = iter(after.splitlines())
    assert all(line in kept for line in was.splitlines())
    read = tomllib.loads(after)
    assert read["tenant"].pop("id") == TENANT
    assert read["tenant"].pop("client_id") == CLIENT
    assert read["tenant"].pop("name") == "contoso.com"
    assert {k: v for k, v in read.items() if v} == {
        k: v for k, v in tomllib.loads(was).items() if v
    }


def test_a_link_stays_one_and_permissions_stay(machine: Machine) -> None:
    if os.name != "posix":
        pytest.skip("Windows has no file modes")
    true = machine.folder / "dotfiles.toml"
    true.write_text("[desk]\n", encoding="utf-8")
    true.chmod(0o640)
    machine.user_file.parent.mkdir()
    machine.user_file.symlink_to(true)
    assert TENANT in keep(machine)
    assert machine.user_file.is_symlink()
    assert TENANT in true.read_text(encoding="utf-8")
    assert true.stat().st_mode & 0o777 == 0o640


# -- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "tenant.name = 'Ours'\n",
        "tenant = { name = 'Ours' }\n",
        "tenant = 7\n",
        "[[tenant]]\nname = 'Ours'\n",
    ],
)
def test_a_tenant_in_a_form_that_takes_no_lines_is_refused(machine: Machine, text: str) -> None:
    machine.user(text)
    (problem,) = refused(machine)
    assert problem.place == f"{machine.user_file}:1"
    assert "does not fit in" in problem.problem
    assert problem.allowed == "a table [tenant]"


def test_what_stands_there_already_is_never_written_over(machine: Machine) -> None:
    machine.user(f'[tenant]\nid = "{OTHER}"\n')
    (problem,) = refused(machine)
    assert problem.place == f"{machine.user_file}:2"
    assert problem.key == "tenant.id"
    assert OTHER in problem.problem
    assert TENANT in problem.allowed


def test_a_file_that_cannot_be_read_is_refused(machine: Machine) -> None:
    machine.user("[desk\n")
    (problem,) = refused(machine)
    assert problem.place == f"{machine.user_file}:1"


def test_a_key_that_the_machines_file_locks_is_refused_with_where_it_is(machine: Machine) -> None:
    machine.administrator(f'locked = ["tenant.*"]\n[tenant]\nclient_id = "{OTHER}"\n')
    problems = refused(machine)
    assert [problem.key for problem in problems] == ["tenant.id", "tenant.client_id"]
    assert str(machine.machine_file) in problems[1].place
    assert "gives it no value" in problems[0].problem


def test_a_lock_on_the_same_value_is_in_nobodys_way(machine: Machine) -> None:
    machine.administrator(f'locked = ["tenant.id"]\n[tenant]\nid = "{TENANT}"\n')
    keep(machine)
    assert machine.load().origins["tenant.id"].locked


@pytest.mark.parametrize("layer", ["environment", "command line", "policy"])
def test_what_outranks_the_users_file_is_refused_with_its_name(
    machine: Machine, layer: str
) -> None:
    if layer == "environment":
        machine.environment["OATHDESK_TENANT_CLOUD"] = "china"
    elif layer == "command line":
        machine.options.append("tenant.cloud=china")
    else:
        machine.policy("tenant", "cloud", "china")
    (problem,) = refused(machine)
    assert problem.key == "tenant.cloud"
    assert "whatever the user's file says" in problem.problem


def test_before_anything_is_typed_it_is_known_which_ids_are_fixed(machine: Machine) -> None:
    assert fixed_elsewhere(machine.load()) == ()
    machine.administrator('locked = ["tenant.client_id", "tenant.name"]\n')
    (problem,) = fixed_elsewhere(machine.load())
    assert problem.key == "tenant.client_id"


def test_a_folder_that_cannot_be_made_is_told(machine: Machine) -> None:
    machine.user_file.parent.write_text("no folder", encoding="utf-8")
    problems = refused(machine)
    assert str(machine.user_file) in problems[0].place


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0,
    reason="file modes bar nobody who is root, and Windows has none",
)
def test_a_file_that_may_not_be_written_is_not_replaced(machine: Machine) -> None:
    machine.user("[desk]\n")
    machine.user_file.chmod(0o400)
    (problem,) = refused(machine)
    assert "cannot be written" in problem.problem


# -- killed ---------------------------------------------------------------------------------------

WRITER = """
    import sys
    from pathlib import Path
    from app.core.tenancy import Tenancy
    from app.settings.loading import Sources
    from app.settings.writing import TenancyFile

    file = Path(sys.argv[1])
    keeper = TenancyFile(Sources(file.with_name("none.toml"), file), file.parent)
    print("ready", flush=True)
    keeper.keep(Tenancy(sys.argv[2], sys.argv[3]))
"""


def test_a_kill_at_any_moment_leaves_the_old_file_or_the_new_one(machine: Machine) -> None:
    before = "# mine\n[desk]\nname = 'Lobby'\n" + "# a long comment\n" * 20_000
    machine.user(before)
    after = keep(machine, Tenancy(TENANT, CLIENT))
    for moment in range(8):
        machine.user(before)
        _kill_while_writing(machine.user_file, 0.004 * moment)
        assert machine.user_file.read_bytes().decode() in {before, after}
    machine.user(before)
    assert keep(machine, Tenancy(TENANT, CLIENT)) == after


def _kill_while_writing(file: Path, seconds: float) -> None:
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(file), TENANT, CLIENT]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(seconds)
        process.kill()  # SIGKILL, or TerminateProcess


@pytest.mark.skipif(os.name == "nt", reason="needs a limit on the size of files; Windows has none")
def test_a_disk_that_is_full_loses_nothing_and_leaves_nothing(machine: Machine) -> None:
    before = "# mine\n" * 40_000
    machine.user(before)
    limited = """
        import resource, signal, sys
        from pathlib import Path
        from app.core.errors import SettingsUnwritable
        from app.core.tenancy import Tenancy
        from app.settings.loading import Sources
        from app.settings.writing import TenancyFile

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        file = Path(sys.argv[1])
        try:
            TenancyFile(Sources(file.with_name("none.toml"), file), file.parent).keep(
                Tenancy(sys.argv[2], sys.argv[3])
            )
        except SettingsUnwritable as error:
            print(error.problems[0].problem)
    """
    command = [sys.executable, "-c", textwrap.dedent(limited), str(machine.user_file)]
    done = subprocess.run(
        [*command, TENANT, CLIENT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "it cannot be written: File too large" in done.stdout
    assert machine.user_file.read_text(encoding="utf-8") == before
    assert [each.name for each in machine.user_file.parent.iterdir()] == ["config.toml"]
