"""The command that makes what is installed: what it takes, and the sums it leaves."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

import package
from tests.packaging.builds import ROOT, nothing, tool


def test_the_sums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    (tmp_path / "oathdesk.deb").write_bytes(b"a package")
    (tmp_path / "oathdesk").mkdir()
    package.write_sums(tmp_path)
    package.write_sums(tmp_path)  # its own file is never among them
    told = (tmp_path / package.SUMS).read_text("ascii")
    assert told == f"{hashlib.sha256(b'a package').hexdigest()}  oathdesk.deb\n"
    check = [tool("sha256sum", "coreutils"), "--check", package.SUMS]
    subprocess.run(check, cwd=tmp_path, check=True, capture_output=True)


def test_what_it_does_not_know_it_refuses_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept"
    kept.write_text("here")
    with pytest.raises(SystemExit) as ended:
        package.make(ROOT, ["rpm", "--into", str(tmp_path)], nothing)
    assert ended.value.code == 2
    assert "bundle" in capsys.readouterr().err
    assert kept.exists()
