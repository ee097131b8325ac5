"""A class is graded, with real kernels: all rows are just, and nothing is lost."""

import argparse
import csv
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import nbformat
import psutil
import pytest
from handed_in import (
    COUNTS,
    NAME,
    NEAREST,
    RIGHT,
    SHARE,
    add,
    colab,
    hand_in,
    solved,
)
from waiting import until

from mnist_logreg.errors import UserError
from mnist_logreg.tools import cli
from mnist_logreg.tools.classroom.grading import command, fence
from mnist_logreg.tools.classroom.grading.kernel import Kernel

# Without bubblewrap the same is tried with the word that grading then asks for.
OPTIONS = ["--data", "digits", *(["--unfenced"] if fence.missing() else [])]
ALL = [COUNTS, SHARE, NEAREST]

FORGED = f"""\
from IPython.display import display
said = {{"exercise": "{COUNTS}", "status": "right", "message": "right.", "helped": 0}}
display({{"application/vnd.mnist-logreg.check+json": said}}, raw=True)
from mnist_logreg import checks
from mnist_logreg.checks import judging, values
checks.HANDED["class_counts"] = 1
judging._fits = judging.judge_value = values.same = lambda *a, **o: True
torch.equal = torch.allclose = lambda *a, **o: True
my_counts = 7
"""


def build(folder: Path) -> None:
    """A class of all kinds."""
    hand_in(folder / "anna" / "notebooks", solved())

    # Forged verdicts, a name that is a formula and markup, and an error's message that
    # would write to the terminal and the table.
    shout = "raise ValueError('\\x1b]52;c;cm0=\\x07=1+1' + 'x' * 10**7)"
    hand_in(folder / "=b\u202een <b>", solved({COUNTS: FORGED, NEAREST: shout}))

    # Solved on Colab, one answer in a copied cell; from Drive.
    copied = add(solved({SHARE: None}), RIGHT[SHARE])
    hand_in(folder / "cem", colab(copied), "Copy of 01_dataset.ipynb")

    # One answer ends the kernel, one stops with an error.
    hand_in(
        folder / "dora",
        solved({COUNTS: "import os\nos._exit(1)", SHARE: "my_accuracy = 1 / 0"}),
    )

    # As Moodle hands it over, a zip in a folder; answers split and joined.
    split = solved({COUNTS: "labels = train_dataset.targets", NEAREST: None})
    joined = f"my_counts = torch.bincount(labels)\n{RIGHT[NEAREST]}"
    add(split, joined, before="check-" + COUNTS.replace(".", "-"))
    moodle = folder / "Émil Zola_12345_assignsubmission_file_"
    moodle.mkdir()
    with zipfile.ZipFile(moodle / "notebooks.zip", "w") as archive:
        archive.writestr("notebooks/01_Dataset.ipynb", nbformat.writes(split))

    # As Canvas hands it over; wrong with a hint, numpy's numbers, a constant function.
    wrong = solved(
        {
            COUNTS: "my_counts = torch.bincount(test_dataset.targets)",
            SHARE: f"import numpy as np\n{RIGHT[SHARE]}".replace(
                "100", "np.float64(100)"
            ),
            NEAREST: "def my_nearest_mean(images, means):\n    return torch.zeros(30)",
        }
    )
    hand_in(folder, wrong, "fay_LATE_99_5678_01_dataset-1.ipynb")

    # A name that is no UTF-8; two answers are missing, one is the package's function.
    strange = os.fsencode(folder) + b"/G\x81nter"
    own = solved(
        {
            COUNTS: "my_counts = None",
            SHARE: None,
            NEAREST: "from mnist_logreg import model\n"
            "package = getattr(model, 'nearest' + '_mean')\n"
            "my_nearest_mean = lambda *given: package(*given)",
        }
    )
    hand_in(Path(os.fsdecode(strange)), own)

    # No notebook; a link to a neighbour's.
    hand_in(folder / "hana", '{"cells": [')
    (folder / "ivo").mkdir()
    (folder / "ivo" / NAME).symlink_to(folder / "anna" / "notebooks" / NAME)


EXPECTED = {
    "anna": ["right", "right", "right"],
    "'=ben <b>": ["wrong", "right", "error"],
    "cem": ["right", "right", "right"],
    "dora": ["error", "error", "right"],
    "Émil Zola": ["right", "right", "right"],
    "fay": ["wrong", "right", "wrong"],
    "Günter": ["todo", "todo", "flagged"],
    "hana": ["error", "error", "error"],
    "ivo": ["missing", "missing", "missing"],
}


def table(folder) -> dict[str, dict[str, str]]:
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["learner"]: row for row in csv.DictReader(file)}


def statuses(folder) -> dict[str, list[str]]:
    return {
        name: [row[exercise].partition(":")[0] for exercise in ALL]
        for name, row in table(folder).items()
    }


@pytest.fixture(scope="module")
def graded(tmp_path_factory, small_series):
    folder = tmp_path_factory.mktemp("class")
    build(folder)
    arguments = [str(folder), *OPTIONS, "--due", "2026-01-01"]
    assert cli.main(["grade", *arguments]) == 0
    return folder


def test_every_row_is_just(graded):
    assert statuses(graded) == EXPECTED


def test_a_hint_a_reason_and_points_stand_beside_the_verdict(graded):
    rows = table(graded)
    assert "these are the counts of the test set" in rows["fay"][COUNTS]
    assert "ended the kernel" in rows["dora"][COUNTS]
    assert "divides by zero" in rows["dora"][SHARE]
    assert "this is not a notebook" in rows["hana"][COUNTS]
    assert "a link, which is not followed" in rows["ivo"]["notes"]
    assert "the package's own solution" in rows["Günter"][NEAREST]
    assert [rows[name]["points"] for name in ("anna", "dora", "fay")] == ["5", "2", "2"]
    assert rows["fay"]["late"] == "late"


def test_nothing_of_a_learner_reaches_the_tables_unclean(graded):
    for path in [*graded.glob("grades*"), *graded.rglob("*feedback.html")]:
        content = path.read_text("utf-8-sig")
        assert "\x1b" not in content
        assert "\u202e" not in content
        assert len(content) < 100_000
        if path.suffix == ".html":
            assert "<b>" not in content
        if path.suffix == ".csv":
            cells = [cell for row in csv.reader(content.splitlines()) for cell in row]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_each_learner_has_a_page_and_none_shows_another(graded):
    pages = [path.read_text("utf-8") for path in graded.rglob("*feedback.html")]
    assert len(pages) == len(EXPECTED)
    for name in ("anna", "cem", "dora"):
        assert sum(f"for {name}</h1>" in page for page in pages) == 1
    moodle = graded / "_feedback" / "Émil Zola_12345_assignsubmission_file_"
    assert (moodle / "feedback.html").is_file()
    canvas = graded / "_feedback" / "fay_LATE_99_5678_"
    assert (canvas / "fay_LATE_99_5678_feedback.html").is_file()


def test_nothing_unchanged_is_run_again_and_what_changed_is(graded, capsys):
    before = (graded / "grades.csv").read_bytes()
    assert cli.main(["grade", str(graded), *OPTIONS, "--due", "2026-01-01"]) == 0
    said = capsys.readouterr().out
    assert said.count("as before") == 7  # all but a link and what is no notebook
    assert (graded / "grades.csv").read_bytes() == before

    hand_in(graded / "hana", solved({SHARE: "my_accuracy = 3"}))
    chosen = ["--learners", "hana", "anna", "--notebooks", "01"]
    assert cli.main(["grade", str(graded), *OPTIONS, *chosen, "--again"]) == 0
    said = capsys.readouterr().out
    assert "hana: 01_dataset.ipynb: 2 of 3 right" in said
    assert "as before" not in said
    now = statuses(graded)
    assert now.pop("hana") == ["right", "wrong", "right"]
    assert now == {name: row for name, row in EXPECTED.items() if name != "hana"}


def test_the_table_of_numbers_gives_them_to_the_platforms(tmp_path, small_series):
    hand_in(tmp_path / "class" / "zoe", "{}")
    (tmp_path / "numbers.csv").write_text("learner,number\nzoe,s-77\n")
    arguments = ["--numbers", str(tmp_path / "numbers.csv"), *OPTIONS]
    assert cli.main(["grade", str(tmp_path / "class"), *arguments]) == 0
    assert "s-77" in (tmp_path / "class" / "grades-canvas.csv").read_text()


def test_without_a_fence_one_word_is_asked_for(tmp_path, small_series, monkeypatch):
    hand_in(tmp_path / "anna", solved())
    monkeypatch.setattr(fence, "missing", lambda: "bubblewrap is not installed")
    with pytest.raises(SystemExit) as stop:
        cli.main(["grade"])
    assert stop.value.code == 2
    with pytest.raises(UserError, match=r"apt-get install bubblewrap.*--unfenced"):
        command.main(command_line(tmp_path, "--data", "digits"))
    assert not (tmp_path / "grades.csv").exists()
    assert cli.main(["grade", str(tmp_path), "--data", "digits", "--unfenced"]) == 0
    assert table(tmp_path)["anna"]["right"] == "3"


def command_line(folder, *options):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args([str(folder), *options])


# ------------------------------------------------------------ stops


def test_a_kernel_that_cannot_be_started_stops_no_class_and_is_tried_again(
    tmp_path, small_series, monkeypatch
):
    hand_in(tmp_path / "anna", solved())
    hand_in(tmp_path / "zoe", "{}")
    arguments = ["grade", str(tmp_path), *OPTIONS]
    files = psutil.Process().num_fds()
    with monkeypatch.context() as patched:
        patched.setattr(Kernel, "_launch", too_many_files)
        assert cli.main(arguments) == 0
    assert psutil.Process().num_fds() <= files
    said = table(tmp_path)["anna"][COUNTS]
    assert "error: not graded: OSError: " in said
    assert said.endswith("The same command tries again.")
    assert statuses(tmp_path)["zoe"] == ["error"] * 3
    assert cli.main(arguments) == 0
    assert statuses(tmp_path)["anna"] == ["right"] * 3


def too_many_files(*given, **options):
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


GRADE = """\
import sys
from pathlib import Path
from mnist_logreg.tools.classroom import editions
from mnist_logreg.tools import cli
editions.NOTEBOOKS = Path(sys.argv[1])
sys.exit(cli.main(["grade", *sys.argv[2:]]))
"""


def start(series, folder, *options, **more):
    command = [sys.executable, "-c", GRADE, str(series), str(folder), *OPTIONS]
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    )


def wait_for(process, words: str) -> str:
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said + process.stderr.read())


def left_behind(temporary) -> list:
    """Folders and kernels that are still there."""
    kernels = [
        process
        for process in psutil.process_iter(["cmdline"])
        if str(temporary) in " ".join(process.info["cmdline"] or ())
    ]
    return [*temporary.iterdir(), *kernels]


@pytest.fixture
def slow_class(tmp_path):
    """A learner's notebook sleeps, so that a stop comes in the middle."""
    folder = tmp_path / "class"
    hand_in(folder / "ben", add(solved(), "import time\ntime.sleep(25)", "text-1-1"))
    return folder


def test_each_stop_keeps_what_is_done_and_leaves_nothing(
    slow_class, small_series, tmp_path, capsys, monkeypatch
):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary)}
    arguments = ["grade", str(slow_class), *OPTIONS]
    right = {}
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        name = f"al{stop:02}"
        hand_in(slow_class / name, solved())
        process = start(small_series, slow_class, env=environment)
        said = wait_for(process, f"{name}: 01_dataset.ipynb: 3 of 3 right\n")
        assert said.count("3 of 3 right; as before") == len(right)
        right[name] = ["right"] * 3
        assert cli.main(arguments) == 1
        assert "Another process is grading" in capsys.readouterr().err
        process.send_signal(stop)
        _, error = process.communicate(timeout=300)
        if stop == signal.SIGKILL:
            assert process.returncode == -9
        else:
            assert process.returncode == 130
            assert "the same command goes on from there" in error
        assert statuses(slow_class) == {**right, "ben": ["open"] * 3}
        until(lambda: left_behind(temporary) == [], 10)

    hand_in(slow_class / "ben", solved())
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert cli.main(arguments) == 0
    assert capsys.readouterr().out.count("3 of 3 right; as before") == len(right)
    assert statuses(slow_class) == {**right, "ben": ["right"] * 3}
    until(lambda: left_behind(temporary) == [], 10)


def test_a_disk_that_is_full_is_told_and_costs_only_what_is_not_graded(
    tmp_path, small_series
):
    import resource

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, -1))

    path = tmp_path / ".grading" / "results.jsonl"
    path.parent.mkdir()
    entry = {"key": ["carl", "x"], "value": {"filler": "x" * 1_999_700}}
    path.write_text(json.dumps(entry) + "\n")
    hand_in(tmp_path / "anna", solved())
    hand_in(tmp_path / "ben", "{}")
    process = start(small_series, tmp_path, preexec_fn=little_room)
    _, error = process.communicate(timeout=300)
    assert process.returncode == 1
    assert "results.jsonl: " in error
    assert "the same command goes on from there" in error
    assert json.loads(path.read_text().splitlines()[1]) == entry


def test_a_table_that_cannot_be_written_is_told_before_anything_is_graded(
    slow_class, small_series, capsys
):
    (slow_class / "grades.csv").mkdir()
    assert cli.main(["grade", str(slow_class), *OPTIONS]) == 1
    said, error = capsys.readouterr()
    assert "grades.csv" in error
    assert "ben" not in said
