"""The commands and the pinned set, as far as they can be tested without installing anything."""

import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make was not found")


def dry_run(root, *arguments):
    command = ["make", "--dry-run", "--always-make", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout


def pinned(root):
    lines = (root / "lib" / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@needs_make
def test_help_explains_every_target(root):
    text = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"^make (\w+) +\w", text, re.MULTILINE)) == set(phony[1].split())


@needs_make
def test_arguments_for_pip_reach_pip(root):
    installs = [line for line in dry_run(root, "book", "PIP_ARGS=--quiet").splitlines() if "pip install" in line]
    assert len(installs) == 2 and all("pip install --quiet" in line for line in installs)


@needs_make
def test_the_strict_build_starts_afresh_and_takes_warnings_for_errors(root):
    strict, usual = dry_run(root, "book", "STRICT=1"), dry_run(root, "book")
    assert "rm -rf _build" in strict and "-W -n --keep-going" in strict
    assert "rm -rf _build" not in usual and "-W" not in usual


@needs_make
def test_a_python_without_venv_is_told_what_to_install(root, tmp_path):
    bare = tmp_path / "python"
    bare.write_text('#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexit 0\n')
    bare.chmod(0o755)
    for name in ("Makefile", "lib", ".binder"):
        (tmp_path / name).symlink_to(root / name)
    result = subprocess.run(["make", ".venv/.installed", f"PYTHON={bare}"], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode != 0
    assert "sudo apt install python3.11-venv" in result.stdout
    assert not (tmp_path / ".venv").exists()


def test_every_pin_is_exact_and_of_no_particular_build(root):
    for requirement in pinned(root):
        (pin,) = requirement.specifier
        assert pin.operator == "==" and "+" not in pin.version and requirement.url is None, str(requirement)


def test_what_the_library_needs_is_pinned_within_its_bounds(root):
    pins = {requirement.name.lower().replace("_", "-"): requirement for requirement in pinned(root)}
    project = tomllib.loads((root / "lib" / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    for line in project["dependencies"] + extras:
        needed = Requirement(line)
        (pin,) = pins[needed.name.lower()].specifier
        assert needed.specifier.contains(pin.version), f"{needed} is not met by the pin {pin}"


def test_conda_installs_the_same_pinned_set(root):
    steps = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    (pip,) = [step["pip"] for step in steps if isinstance(step, dict)]
    assert pip == ["-r lib/requirements.lock", "-e ./lib"]
    assert f"python={sys.version_info.major}.{sys.version_info.minor}" in steps or sys.version_info[:2] != (3, 11)
