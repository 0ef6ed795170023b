"""`make setup` in a checkout of its own, with a stand-in for Python that keeps a list of what it was asked to do.

Shows what can be shown without a network: nothing is done twice, what was interrupted is done again, and what is
missing is told in one line. The real thing is what built the environment these tests run in.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = (
    "awk bash cat chmod cksum dirname echo env find flock grep head id mkdir mktemp rm sed sort tail tee touch uname "
    "wc xargs"
)

# Plays python3, .venv/bin/python and .venv/bin/faceapp. $ASKED is the list; a file `broken` beside it makes pip fail.
STAND_IN = r"""#!/usr/bin/env bash
case "$*" in
    *_base_executable*) [ ! -e "$ASKED.old" ] || exit 1; echo "$0" ;;
    *platform.python_version*) echo Python 3.99 ;;
    "-m venv --clear "*)
        echo venv >>"$ASKED"
        rm -rf "$4"; mkdir -p "$4/bin"; cat "$0" >"$4/bin/python"; chmod +x "$4/bin/python" ;;
    "-m pip install "*)
        echo "pip ${*:4}" >>"$ASKED"
        [ ! -e "$ASKED.broken" ] || { echo "ERROR: no route to host"; exit 1; }
        case "$*" in *" -e .") cat "$0" >.venv/bin/faceapp; chmod +x .venv/bin/faceapp ;; esac ;;
    "models install") echo models >>"$ASKED"; echo network >models/net.onnx ;;
    *"import sys, pip"*) exit 1 ;;
esac
"""


LEARNING = ("requirements-train.txt", "requirements-train-cuda.txt")


class Checkout:
    """A folder with what set-up reads, and a PATH with nothing on it but `TOOLS` and the stand-in."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "checkout"
        self.bin = folder / "bin"
        self.list = folder / "asked"
        shutil.copytree(ROOT / "scripts", self.root / "scripts")
        (self.root / "models" / "statistics").mkdir(parents=True)
        (self.root / "faceapp").mkdir()
        for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml", "models/manifest.toml"):
            (self.root / name).write_text(f"{name}\n")
        for name in LEARNING:
            (self.root / name).write_text("torch==9.9.9\n")
        (self.root / "faceapp" / "__init__.py").write_text("")
        self.bin.mkdir()
        for tool in TOOLS.split():
            if found := shutil.which(tool):
                (self.bin / tool).symlink_to(found)

    def add_python(self, name: str = "python3") -> None:
        (self.bin / name).write_text(STAND_IN)
        (self.bin / name).chmod(0o755)

    def setup(self, goal: str = "setup") -> tuple[int, list[str], list[str]]:
        """Run it; returns exit status, what the stand-in was asked to do, and the lines on stderr."""
        self.list.unlink(missing_ok=True)
        environment = {"PATH": str(self.bin), "HOME": str(self.root), "ASKED": str(self.list)}
        done = subprocess.run(
            [str(self.bin / "bash"), str(self.root / "scripts" / "setup.sh"), goal],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "", "stdout belongs to the application"
        asked = self.list.read_text().splitlines() if self.list.exists() else []
        return done.returncode, asked, done.stderr.splitlines()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    if os.name != "posix" or not shutil.which("bash"):
        pytest.skip("set-up needs bash")
    return Checkout(tmp_path)


@pytest.fixture
def ready(checkout: Checkout) -> Checkout:
    """One where set-up has been run once."""
    checkout.add_python()
    status, _, lines = checkout.setup()
    assert status == 0, lines
    # As if PyTorch were there.
    sums = subprocess.run(["cksum", *LEARNING], cwd=checkout.root, capture_output=True, text=True, check=True).stdout
    (checkout.root / ".venv" / ".setup" / "torch").write_text(sums)
    return checkout


def test_the_first_run_does_everything_in_order(checkout: Checkout) -> None:
    checkout.add_python()
    status, asked, _ = checkout.setup()
    assert status == 0
    assert [line.split()[0] for line in asked] == ["venv", "pip", "pip", "models"]
    assert "--require-hashes" in asked[1]
    assert "--no-deps" in asked[1]
    assert asked[1].endswith("-r requirements.txt")
    assert asked[2].endswith("-e .")


def test_the_second_run_does_nothing(ready: Checkout) -> None:
    assert ready.setup() == (0, [], [])


def test_tests_need_more(ready: Checkout) -> None:
    _, asked, _ = ready.setup("test")
    assert [line.split()[-1] for line in asked] == ["requirements-dev.txt"]
    assert ready.setup("test")[1] == []


def test_where_pytorch_is_huge_the_tests_do_without(ready: Checkout) -> None:
    (ready.root / ".venv" / ".setup" / "torch").unlink()
    status, asked, lines = ready.setup("test")
    assert status == 0
    assert lines[-1].startswith("The tests of learning are left out")
    assert "--dry-run" in asked[-1]
    assert "torch==9.9.9" in asked[-1]


def test_a_new_lock_is_installed(ready: Checkout) -> None:
    (ready.root / "requirements.txt").write_text("new")
    _, asked, _ = ready.setup()
    assert [line.split()[-1] for line in asked] == ["requirements.txt"]


BROKER = "some tests need programs that are missing here; as root: apt-get install -y --no-install-recommends mosquitto"


@pytest.fixture
def without_broker(ready: Checkout) -> Checkout:
    """One whose machine has openssl and no mosquitto, wherever this one has it."""
    script = ready.root / "scripts" / "system-libraries.sh"
    script.write_text(script.read_text().replace("/usr/sbin/", f"{ready.bin}/"))
    (ready.bin / "openssl").touch(0o755)
    return ready


def test_a_missing_broker_is_one_line_and_stops_nobody(without_broker: Checkout) -> None:
    status, asked, lines = without_broker.setup("test")
    assert (status, len(asked)) == (0, 1)
    assert lines[-1] == BROKER
    assert without_broker.setup("setup") == (0, [], []), "only tests need it"
    assert without_broker.setup("test") == (0, [], [BROKER]), "said until it is there"


def test_a_missing_broker_is_installed_where_that_is_possible(without_broker: Checkout) -> None:
    (without_broker.bin / "id").unlink()
    (without_broker.bin / "id").write_text("#!/usr/bin/env bash\necho 0\n")
    # Knows no package before its first `update`, as a fresh container.
    (without_broker.bin / "apt-get").write_text(
        '#!/usr/bin/env bash\necho "apt-get $*" >>"$ASKED"\n'
        'case "$*" in *update) touch "$0.updated" ;; *mosquitto) [ -e "$0.updated" ] || exit 100\n'
        'touch "${0%/*}/mosquitto"; chmod +x "${0%/*}/mosquitto" ;; esac\n'
    )
    for name in ("id", "apt-get"):
        (without_broker.bin / name).chmod(0o755)
    (without_broker.root / "requirements-dev.txt").write_text("newer")
    status, asked, lines = without_broker.setup("test")
    assert (status, lines[-1]) == (0, "Installing what the tests need: mosquitto")
    assert [line.split()[-1] for line in asked if line.startswith("apt-get")][-3:] == [
        "mosquitto",
        "update",
        "mosquitto",
    ]
    assert without_broker.setup("test") == (0, [], [])


@pytest.mark.parametrize("damage", ["", "net"])
def test_a_missing_or_cut_off_model_is_built_again(damage: str, ready: Checkout) -> None:
    if damage:
        (ready.root / "models" / "net.onnx").write_text(damage)
    else:
        (ready.root / "models" / "net.onnx").unlink()
    assert ready.setup()[1] == ["models"]
    assert ready.setup()[1] == []


def test_an_interrupted_installation_is_done_again_from_scratch(checkout: Checkout) -> None:
    checkout.add_python()
    broken = checkout.list.with_name("asked.broken")
    broken.touch()
    status, asked, lines = checkout.setup()
    assert (status, len(asked)) == (1, 2)
    assert "ERROR: no route to host" in lines
    assert lines[-1].endswith("then run the same command again")
    broken.unlink()
    status, asked, _ = checkout.setup()
    assert status == 0
    assert "--force-reinstall" in asked[0]
    assert checkout.setup()[1] == []


def test_a_moved_checkout_is_installed_anew(ready: Checkout) -> None:
    ready.root = ready.root.rename(ready.root.with_name("elsewhere"))
    _, asked, _ = ready.setup()
    assert asked[0] == "venv"
    assert any(line.endswith("-e .") for line in asked)


def test_no_python_is_one_line(checkout: Checkout) -> None:
    status, _, lines = checkout.setup()
    assert (status, len(lines)) == (1, 1)
    assert "Python 3.11 or newer is needed" in lines[0]


def test_an_old_python_is_none(checkout: Checkout) -> None:
    checkout.add_python()
    checkout.list.with_name("asked.old").touch()
    status, _, lines = checkout.setup()
    assert (status, len(lines)) == (1, 1)
    assert "Python 3.11 or newer is needed" in lines[0]


def test_a_name_without_a_python_behind_it_is_passed_over(checkout: Checkout) -> None:
    # pyenv's shims: python3.13 is on the PATH and says "command not found".
    (checkout.bin / "python3.13").write_text("#!/usr/bin/env bash\nexit 127\n")
    (checkout.bin / "python3.13").chmod(0o755)
    checkout.add_python("python3.12")
    assert checkout.setup()[0] == 0


def test_make_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = makefile.split(".PHONY:")[1].splitlines()[0].split()
    text = makefile.split("help:\n")[1].split("\n\n")[0]
    assert [name for name in phony if name != "help" and name not in text] == []
