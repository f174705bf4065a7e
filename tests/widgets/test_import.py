"""Importing the widgets makes none: one that exists while a page is built ends up in its HTML."""

import subprocess
import sys


def test_importing_makes_no_widget():
    program = (
        "import reading_neurons.widgets; from ipywidgets.widgets.widget import _instances; "
        "assert not _instances, list(_instances.values())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
