"""The two editions, the archives, and the installation from one without a network."""

import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from packaging.specifiers import SpecifierSet
from preparing import NO_NETWORK, UNSET
from small_packages import wheel

from mnist_logreg.checks.solutions import solutions
from mnist_logreg.errors import UserError
from mnist_logreg.tools import cli
from mnist_logreg.tools.classroom import archive, editions, wheels
from mnist_logreg.tools.cli import COMMANDS
from mnist_logreg.tools.machine.setup import this_python
from mnist_logreg.tools.project import ROOT

COMMITTED = editions.committed()
each_notebook = pytest.mark.parametrize("name", COMMITTED)

# What `python start.py data` needs: small enough to be fetched by a test.
FEW = ["beautifulsoup4", "filelock", "numpy", "psutil", "requests", "tqdm"]


def strings(value) -> list[str]:
    """Every string in a notebook: sources, outputs and metadata, keys included."""
    if isinstance(value, dict):
        return [s for pair in value.items() for part in pair for s in strings(part)]
    if isinstance(value, list):
        return [s for part in value for s in strings(part)]
    return [value] if isinstance(value, str) else []


def lines_of_solutions(notebook) -> set[str]:
    """The lines of solutions that are not in the stubs as well, nor begin a block."""
    learners = [cell.source for cell in editions.learners(notebook).cells]
    given = {line.strip() for source in learners for line in source.splitlines()}
    solved = "\n".join(solutions()[p.number] for p in editions.exercises(notebook))
    lines = {line.strip() for line in solved.splitlines()} - given - {""}
    return {line for line in lines if not line.endswith(":")}


@each_notebook
def test_the_learners_edition_is_clean(name):
    edition = editions.learners(COMMITTED[name])
    nbformat.validate(edition)
    assert set(edition.metadata) <= {"kernelspec", "language_info"}
    for cell in edition.cells:
        assert editions.tags(cell) <= editions.KEPT_TAGS
        assert set(cell.metadata) <= set(editions.KEPT_METADATA)
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@each_notebook
def test_each_exercise_is_a_stub_with_its_instruction_and_its_check(name):
    places = editions.exercises(editions.learners(COMMITTED[name]))
    assert len(places) >= 3
    for place in places:
        assert "exercise" in editions.tags(place.stub)
        assert "check" in editions.tags(place.check)


@each_notebook
def test_nothing_of_a_solution_is_in_the_learners_edition(name):
    lines = lines_of_solutions(COMMITTED[name])
    assert len(lines) >= 3
    everything = "\n".join(strings(editions.learners(COMMITTED[name])))
    assert [line for line in lines if line in everything] == []
    assert "For the instructor" not in everything
    assert "folded" not in everything  # it promises no solution that is not there


@each_notebook
def test_the_instructors_edition_is_as_executed_with_all_in_view(name):
    original = COMMITTED[name]
    edition = editions.instructors(original)
    nbformat.validate(edition)
    added = [c for c in edition.cells if c.id.startswith("solution-")]
    shown = [cell.source for cell in added]
    numbers = [place.number for place in editions.exercises(original)]
    assert all(solutions()[n] in text for n, text in zip(numbers, shown, strict=True))
    assert all(cell.cell_type == "markdown" for cell in added)  # none of them runs
    own = [cell for cell in edition.cells if cell not in added]
    notes = 0
    for cell, source in zip(own, original.cells, strict=True):
        assert "jupyter" not in cell.metadata
        if "instructor" in editions.tags(cell):
            notes += 1
            assert cell.source.startswith(editions.BOX)
            assert "For the instructor" in cell.source
            assert "<details>" not in cell.source  # that would be folded
            assert "**Goes wrong:**" in cell.source
        else:
            assert cell.source == source.source
        assert cell.get("outputs") == source.get("outputs")
    assert notes >= 3
    assert COMMITTED[name] == editions.load(editions.NOTEBOOKS / name)


def minutes_of(notebook) -> int:
    """The minutes that its first cell states, to read and for the exercises."""
    stated = r"\*\*Time:\*\* (\d+) minutes to read, (\d+) for the exercises"
    return sum(map(int, re.search(stated, notebook.cells[0].source).groups()))


@each_notebook
def test_the_notes_for_instructors_share_out_the_notebooks_minutes(name):
    cells = COMMITTED[name].cells
    notes = [c.source for c in cells if "instructor" in editions.tags(c)]
    minutes = [re.search(r"\*\*Minutes\*\*.*?(\d+)\.", note)[1] for note in notes]
    assert sum(map(int, minutes)) == minutes_of(COMMITTED[name])
    for part in ("**Ask:**", "**Goes wrong:**", "**Skip when late:**"):
        assert all(part in note for note in notes)


def minutes_of_sections(notebook) -> dict[str, int]:
    """The minutes that the notes for instructors give to each section."""
    minutes, heading = Counter(), ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = [heading, *re.findall(r"^## (.*)$", cell.source, re.M)][-1]
            if stated := re.search(r"\*\*Minutes\*\*.*?(\d+)\.", cell.source):
                minutes[heading] += int(stated[1])
    return minutes


def test_the_timetables_add_up_from_the_notebooks_own_minutes():
    whole, sections = {}, {}
    for name, notebook in COMMITTED.items():
        whole[name[:2]] = minutes_of(notebook)
        sections[name[:2]] = minutes_of_sections(notebook)
    guide = (ROOT / "WORKSHOP.md").read_text("utf-8")
    section = guide.partition("\n## Timetables")[2].partition("\n## ")[0]
    totals = []
    for table in re.findall(r"(?:^\|.*\n)+", section, re.M):
        rows = re.findall(r"^\| (\d+) \| (.*) \|$", table, re.M)
        total = int(re.search(r"\| \*\*(\d+)\*\* \|", table)[1])
        assert sum(int(number) for number, _ in rows) == total
        assert sum("break" in what for _, what in rows) >= 1
        assert sum(int(number) for number, what in rows if "slack" in what) >= 8
        for minutes, what in rows:
            if named := re.match(r"notebook (\d\d)", what):
                parts = re.findall(r"\*(.*?)\*", what)
                assert set(parts) <= set(sections[named[1]]), what
                expected = sum(sections[named[1]][part] for part in parts)
                assert int(minutes) == (expected if parts else whole[named[1]]), what
        totals.append(total)
    assert totals == [90, 90, 240, 390]  # two short plans, half a day, a day


def test_a_notebook_runs_as_colab_has_it(built, tmp_path):
    """In the format's first version, without ids, by the cell that the guide gives."""
    guide = (ROOT / "WORKSHOP.md").read_text("utf-8")
    lines = re.search(r"^### Colab\n[\s\S]*?((?:^ {8}.*\n)+)", guide, re.M)[1]
    shutil.copy(built / "learners.zip", tmp_path)
    with zipfile.ZipFile(tmp_path / "learners.zip") as archive:
        archive.extractall(tmp_path)  # what the cell's first line does
    unpack, *rest = [line.strip() for line in lines.splitlines()]
    assert unpack.startswith("!unzip -qo learners.zip && pip install -q")
    notebook = editions.learners(COMMITTED["01_dataset.ipynb"])
    for cell in notebook.cells:
        cell.pop("id")
    first = nbformat.v4.new_code_cell("\n".join(rest))
    first.pop("id")
    last = nbformat.v4.new_code_cell("import mnist_logreg; mnist_logreg.__file__")
    last.pop("id")
    notebook.cells = [first, *notebook.cells, last]
    notebook.nbformat_minor = 0
    client = NotebookClient(notebook, timeout=300, resources={})
    client.execute(cwd=str(tmp_path), env={**os.environ, "MNIST_ROOT": ""})
    path = notebook.cells[-1].outputs[0].data["text/plain"]
    assert str(tmp_path / "mnist-logreg") in path


def test_the_guides_commands_and_links_exist():
    guide = (ROOT / "WORKSHOP.md").read_text("utf-8")
    commands = re.findall(r"(?:-m\s+mnist_logreg|start\.py)\s+([a-z]+)\b", guide)
    assert {"grade", "crowd", "doctor", "lab"} <= set(commands) <= set(COMMANDS)
    targets = re.findall(r"(?:`|^ {4})make\s+([a-z]+)", guide, re.MULTILINE)
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert {"data", "workshop", "site"} <= set(targets)
    assert all(f"\n{target}: " in makefile for target in targets)
    headings = re.findall(r"^#+ (.*)$", guide, re.M)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]*)\)", guide)) <= anchors
    for file in re.findall(r"\]\((?!#|https:)([^)]*)\)", guide):
        assert (ROOT / file).exists(), file


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What ``workshop`` makes, and a file with what it prints."""
    out = tmp_path_factory.mktemp("workshop")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        archive.build(out)
    (out / "printed.txt").write_text(printed.getvalue(), "utf-8")
    return out


def test_there_are_two_folders_and_in_the_archive_what_a_learner_needs(built):
    for edition in ("learners", "instructor"):
        names = {path.name for path in (built / edition).glob("*.ipynb")}
        assert names == set(COMMITTED)
    with zipfile.ZipFile(built / "learners.zip") as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
    for needed in (
        "START.txt",
        "start.py",
        "pyproject.toml",
        "requirements.txt",
        "mnist_logreg/checks/__init__.py",
        "notebooks/01_dataset.ipynb",
        "data/digits/MNIST/raw/train-images-idx3-ubyte",
    ):
        assert f"mnist-logreg/{needed}" in names
    assert not [name for name in names if "__pycache__" in name or ".venv" in name]


def test_no_answer_is_in_the_learners_archive(built):
    with zipfile.ZipFile(built / "learners.zip") as archive:
        texts = {
            name: archive.read(name).decode()
            for name in archive.namelist()
            if "/mnist_logreg/" not in name and "/data/" not in name
        }
    assert not [name for name in texts if "WORKSHOP" in name or "instructor" in name]
    for name, text in texts.items():
        if name.endswith(".ipynb"):
            text = "\n".join(strings(json.loads(text)))
        shown = {line.strip() for line in text.splitlines()}
        for notebook in COMMITTED.values():
            assert not lines_of_solutions(notebook) & shown


def test_the_instructors_archive_holds_the_guide_and_the_solutions(built):
    with zipfile.ZipFile(built / "instructor.zip") as archive:
        names = archive.namelist()
        assert "mnist-logreg/WORKSHOP.md" in names
        for name, notebook in COMMITTED.items():
            text = archive.read(f"mnist-logreg/instructor/{name}").decode()
            everything = "\n".join(strings(json.loads(text)))
            assert all(line in everything for line in lines_of_solutions(notebook))


@pytest.mark.parametrize(
    ("command", "name"),
    [("workshop", "learners/01_dataset.ipynb"), ("site", "01_dataset.ipynb")],
)
def test_a_full_disk_names_the_file(command, name, tmp_path, capfd, file_limit):
    with file_limit(32_768):
        assert cli.main([command, "--out", str(tmp_path)]) == 1
    file = tmp_path / name
    assert capfd.readouterr().err == f"error: {file}: File too large.\n"
    assert not file.exists() and not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("command", ["workshop", "site"])
def test_somebody_else_s_folder_is_left_alone(command, tmp_path, capsys):
    (tmp_path / "index.html").write_text("mine")
    for place in (tmp_path, tmp_path / "index.html" / "x"):
        with pytest.raises(SystemExit, match="2"):
            cli.main([command, "--out", str(place)])
        assert f"--out: {place} " in capsys.readouterr().err
    assert (tmp_path / "index.html").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A project that asks for few packages, and those packages."""
    project = tmp_path_factory.mktemp("project")
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    few = "\n".join(f'    "{name}",' for name in FEW)
    text = re.sub(r"(?ms)^dependencies = \[.*?^\]", f"dependencies = [\n{few}\n]", text)
    (project / "pyproject.toml").write_text(text, "utf-8")
    (project / "requirements.txt").write_bytes((ROOT / "requirements.txt").read_bytes())
    try:
        files = wheels.collect(project / "wheels", project)
    except UserError as error:
        pytest.skip(f"no package index can be reached: {error}")
    return project, files


@pytest.fixture(scope="module")
def unpacked(built, small, tmp_path_factory):
    """The learners' archive, with few packages asked for and carried."""
    folder = tmp_path_factory.mktemp("with a space")
    with zipfile.ZipFile(built / "learners.zip") as archive:
        archive.extractall(folder)
    project, files = small
    unpacked = folder / "mnist-logreg"
    shutil.copy(project / "pyproject.toml", unpacked)
    (unpacked / "wheels").mkdir()
    for file in files:
        shutil.copy(file, unpacked / "wheels")
    return unpacked


def flip_a_byte(path: Path) -> None:
    """Change a file, but not its size."""
    contents = bytearray(path.read_bytes())
    contents[len(contents) // 2] ^= 1
    path.write_bytes(contents)


def start(folder: Path, *command: str, **environment):
    unset = (*UNSET, "MNIST_RUN", "PYTHONPATH", "VIRTUAL_ENV")
    clean = {name: value for name, value in os.environ.items() if name not in unset}
    # Not this environment's Python: its base, as a learner would have it.
    return subprocess.run(
        [sys._base_executable, folder / "start.py", *command],
        env=clean | NO_NETWORK | environment,
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_it_installs_and_runs_without_a_network(unpacked, tmp_path):
    # What somebody plants on the stick beside what is listed is not looked at.
    planted = wheel(tmp_path, "tqdm", "999.0", "raise SystemExit('planted')")
    shutil.copy(planted, unpacked / "wheels")
    first = start(unpacked, "data")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Installing" in first.stderr
    assert "Data: " in first.stdout
    assert str(unpacked) in first.stdout  # the archive's data, not this repository's
    again = start(unpacked, "data", "--source", "digits")
    assert again.returncode == 0, again.stderr
    assert "Installing" not in again.stderr
    assert "the bundled digits" in again.stdout
    moved = unpacked.rename(unpacked.with_name("moved"))
    mended = start(moved, "data")
    assert "was moved or copied" in mended.stderr
    scripts = moved / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    assert subprocess.call([scripts / "tqdm", "--version"]) == 0
    moved.rename(unpacked)


def asked_anew(folder):
    """Have it installed once more, into the environment there is."""
    with (folder / "pyproject.toml").open("a") as file:
        file.write("\n")


def test_a_package_that_was_changed_is_not_installed(unpacked):
    asked_anew(unpacked)
    for path in (unpacked / ".venv").glob("[Ll]ib/**/site-packages/tqdm*"):
        shutil.rmtree(path)
    (changed,) = (unpacked / "wheels").glob("tqdm-4*.whl")
    flip_a_byte(changed)
    done = start(unpacked, "data")
    assert done.returncode == 1
    assert "DO NOT MATCH THE HASHES" in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: The installation from the folder wheels failed")


def test_packages_for_another_python_are_not_tried(unpacked):
    asked_anew(unpacked)
    (unpacked / "wheels" / "for.txt").write_text("CPython 2.7 on AmigaOS m68k\n")
    done = start(unpacked, "data", PIP_INDEX_URL="http://127.0.0.1:9", PIP_RETRIES="0")
    assert done.returncode == 1
    assert "are for CPython 2.7 on AmigaOS m68k" in done.stderr
    assert this_python() in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("error: The installation failed")


def test_the_archives_check_sums_are_printed(built):
    printed = (built / "printed.txt").read_text("utf-8")
    for name in ("learners.zip", "instructor.zip"):
        digest = hashlib.sha256((built / name).read_bytes()).hexdigest()
        assert re.search(rf"{name}: [\d.]+ MB, SHA-256 {digest}$", printed, re.M)


def test_the_collected_packages_fit_every_release_of_this_python(small):
    first = "{}.{}.0".format(*sys.version_info)
    collected = [file for file in small[1] if file.suffix == ".whl"]
    for file in collected:
        with zipfile.ZipFile(file) as wheel:
            names = [n for n in wheel.namelist() if n.endswith("info/METADATA")]
            metadata = wheel.read(min(names, key=len)).decode()
        needs = re.findall(r"(?m)^Requires-Python: (.*)$", metadata)
        assert not needs or SpecifierSet(needs[0]).contains(first), file.name
    assert "soupsieve" in " ".join(file.name for file in collected)  # has such a limit


def test_collected_packages_are_kept_unless_they_were_changed(small, tmp_path):
    project, files = small
    shutil.copytree(project / "wheels", tmp_path / "wheels")
    before = {path.name: path.read_bytes() for path in files}
    (changed,) = (tmp_path / "wheels").glob("tqdm-*.whl")
    flip_a_byte(changed)
    times = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "wheels").glob("*.whl")}
    again = wheels.collect(tmp_path / "wheels", project)
    assert {path.name: path.read_bytes() for path in again} == before
    renewed = {p.name for p in again if times.get(p.name, 0) != p.stat().st_mtime_ns}
    assert renewed == {changed.name, "requirements.txt", "for.txt"}
