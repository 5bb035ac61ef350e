"""The tests on Windows Python: what is installed for them, and how their results are told."""

from pathlib import Path

import pytest

import environment
import wine
import wine_report

LOCK = """\
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
secretstorage==3.3 ; sys_platform == 'linux' \\
    --hash=sha256:cc
msal[broker]==1.39 \\
    --hash=sha256:dd
old==1 ; python_version < '3.11' \\
    --hash=sha256:ee
"""
RESULTS = """\
<testsuites><testsuite>
<testcase classname="tests.core.test_scan" file="tests\\core\\test_scan.py" name="a"/>
<testcase classname="tests.core.test_scan" name="b"><failure message="no"/></testcase>
<testcase classname="tests.ledger.test_crash" name="c"><skipped message="needs SIGKILL"/></testcase>
<testcase classname="tests.ledger.test_crash" name="d"><skipped message="needs SIGKILL"/></testcase>
<testcase classname="tests.test_cli" name="e"><error message="no"/></testcase>
<testcase classname="" name="tests.readers.test_serial"><skipped message="collection skipped">
('C:\\oathdesk\\tests\\test_serial.py', 24, 'Skipped: needs pseudo-terminals')</skipped></testcase>
</testsuite></testsuites>
"""


def test_markers_are_judged_for_windows_and_hashes_are_kept() -> None:
    assert wine.windows_requirements([LOCK, LOCK]).splitlines() == [
        "colorama==0.4.6 --hash=sha256:aa --hash=sha256:bb",
        "msal==1.39 --hash=sha256:dd",
    ]


def test_the_project_s_own_locks_hold_windows_packages_with_hashes() -> None:
    locks = Path(wine.__file__).with_name("requirements")
    texts = [(locks / f"{name}.txt").read_text("utf-8") for name in wine.LOCKS]
    lines = wine.windows_requirements(texts).splitlines()
    assert any(line.startswith("pymsalruntime==") for line in lines)
    assert not any(line.startswith("secretstorage") for line in lines)
    assert all(" --hash=sha256:" in line for line in lines)


def test_every_test_that_is_run_there_exists() -> None:
    root = Path(wine.__file__).parents[1]
    assert [each for each in (*wine.FAST, *wine.REST) if not (root / each).exists()] == []


def test_a_test_that_does_not_exist_is_told_before_anything_is_set_up(tmp_path: Path) -> None:
    with pytest.raises(environment.BootstrapError, match="no tests/test_gone"):
        wine.test(tmp_path, ["tests/test_gone.py::test_a"], lambda _sentence: None)


def test_the_folder_is_the_user_s_own_or_the_one_that_is_named() -> None:
    assert wine.folder_for({"OATHDESK_WINE": "/srv/wine"}) == Path("/srv/wine")
    assert wine.folder_for({"XDG_CACHE_HOME": "/var/c"}) == Path("/var/c/oathdesk/wine")


def test_results_are_told_by_part_with_the_reasons_of_what_was_skipped(tmp_path: Path) -> None:
    file = tmp_path / "pytest.xml"
    file.write_text(RESULTS, "utf-8")
    assert list(wine_report.lines(file))[2:] == [
        "| core | 1 | 1 | 0 |  |",
        "| ledger | 0 | 0 | 2 | 2: needs SIGKILL |",
        "| readers | 0 | 0 | 1 | 1: needs pseudo-terminals |",
        "| test_cli | 0 | 1 | 0 |  |",
        "| all | 1 | 2 | 3 |  |",
    ]


def test_the_results_of_several_runs_are_one_table(tmp_path: Path) -> None:
    files = [tmp_path / "fast.xml", tmp_path / "rest.xml"]
    files[0].write_text(RESULTS, "utf-8")
    mended = '<testcase classname="tests.core.test_scan" name="b"/>'
    added = (
        '<testcase classname="tests.ledger.test_one" name="c"><skipped message="a | b"/></testcase>'
    )
    files[1].write_text(f"<testsuites><testsuite>{mended}{added}</testsuite></testsuites>", "utf-8")
    table = list(wine_report.lines(*files))
    assert "| core | 2 | 0 | 0 |  |" in table  # the test that failed was run again
    assert "| ledger | 0 | 0 | 3 | 2: needs SIGKILL; 1: a \\| b |" in table
    assert table[-1] == "| all | 2 | 1 | 4 |  |"


def test_the_table_takes_its_place_in_the_readme_and_nothing_else_changes(tmp_path: Path) -> None:
    file = tmp_path / "pytest.xml"
    file.write_text(RESULTS, "utf-8")
    before = f"# Title\n\n{wine_report.BEGIN}\nold\n{wine_report.END}\nthe end\n"
    once = wine_report.update(before, file)
    assert once.startswith(f"# Title\n\n{wine_report.BEGIN}\nRun on 20")
    assert "| core | 1 | 1 | 0 |  |" in once
    assert "old" not in once
    assert once.endswith(f"|\n{wine_report.END}\nthe end\n")
    assert wine_report.update(once, file) == once
    with pytest.raises(ValueError, match="no place"):
        wine_report.update("# Title", file)


def test_results_that_are_not_there_are_told(tmp_path: Path) -> None:
    missing = tmp_path / "none.xml"
    assert list(wine_report.lines(missing)) == [f"pytest left no results in {missing}."]
