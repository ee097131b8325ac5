"""The checks, whatever a learner's cell has done.

Answers are typed into a real IPython shell, as answers to the exercises of notebook 01.
What is particular to each exercise is tried in the tests of its notebook.
"""

import ast
import gc
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from bs4 import BeautifulSoup
from checking import call, contrast

from mnist_logreg import checks
from mnist_logreg.checks import help
from mnist_logreg.checks.syntax import parse
from mnist_logreg.checks.verdicts import COLOURS, MIME, Verdict, box
from mnist_logreg.tools.classroom import editions

COUNTS = "my_counts = torch.bincount(train_dataset.targets)"
FLOOR = "my_floor = -torch.eye(10, device='cpu')[0].softmax(dim=0)[0].log()"
NEAREST = checks.nearest_mean.solution


# ------------------------------------------------ an answer that stops, or says nothing

STOPS = [  # what was typed in the place of exercise 1.1, and what is heard of it
    ("my_counts = torch.bincount(…)", ["the three dots `…`", "`my_counts = torch"]),
    ("my_counts = torch.bincount(t)", ["`t` is only a letter"]),
    ("my_counts = torch.bincount(train_dataset.target)", ["`my_counts = ", ".target`"]),
    ("my_counts = torch.bincount(train_dataset.targets))", ["closing bracket"]),
    ("my_counts = torch.bincount(“labels”)", ["character `“`"]),
    ("my_counts = 3 (train_dataset.targets)", ["`*`", "`my_counts = 3 (train"]),
    ("my_counts = train_dataset.targets.bincount.tolist()", ["lacks its brackets"]),
    ("my_counts = train_dataset.targets.bincount + 1", ["lacks its brackets"]),
    ("for d in range(10)\n    my_counts = d", ["colon"]),
    ("for d in range(10):\nmy_counts = d", ["four spaces"]),
    ("if my_counts = 3:\n    pass", ["`==`"]),
    ("my_counts = torch.zeros(3) + torch.zeros(4)", ["shapes do not fit", "3", "4"]),
    ("my_counts = torch.zeros(3, 4) @ torch.zeros(3, 4)", ["3x4", "`.T`"]),
    ("my_counts = torch.arange(3).mean()", ["`.float()`"]),
    ("my_counts = min(torch.zeros(3, 3))", ["`min`"]),
    ("my_counts = [1, 2] * [3, 4]", ["zip("]),
    ("my_counts = [1, 2].mean()", ["Python list"]),
    ("my_counts = '1' + 1", ["quotes"]),
    ("my_counts = 1 / 0", ["divides by zero"]),
    ("my_counts = {}['a']", ["no key 'a'"]),
    ("my_counts = [1][1]", ["counted from 0"]),
    ("my_counts = torch.zeros(2).sum(dim=2)", ["no dimension 2"]),
    ("import torches\nmy_counts = 1", ["no module `torches`"]),
    ("raise KeyboardInterrupt\nmy_counts = 1", ["loop never end"]),
    ("my_counts = input", ["this is the method"]),
    ("sum = 3\nmy_counts = sum(train_dataset.targets)", ["hides Python's own `sum`"]),
    ("list = [1]\nmy_counts = list(train_dataset.targets)", ["`del list`"]),
    ("my_counts = None.sum()", ["is `None`"]),
    ("my_counts = ....sum()", ["dots"]),
    ("assert 1 == 2\nmy_counts = 1", ["`assert`"]),
    ("my_counts = int('seven')", ["not a number"]),
    ("a, b = 1, 2, 3\nmy_counts = a", ["not as many as"]),
    ("my_counts = 007", ["leading zeros"]),
    ("my_counts = 'ten", ["quote"]),
    ("my_counts = 10images", ["a number is written"]),
    ("print 'ten'\nmy_counts = 10", ["`print(…)`"]),
    ("return 10\nmy_counts = 10", ["outside the function"]),
]


@pytest.mark.parametrize("code, words", STOPS)
def test_a_cell_that_stopped_is_told_in_plain_words(code, words, notebook):
    status, message = notebook.answer("1.1", code)
    assert status == "wrong"
    assert [word for word in words if word not in message] == []
    assert torch.equal(notebook.go_on, train_counts(notebook))


def train_counts(notebook):
    return notebook.names["train_dataset"].targets.bincount()


def test_an_old_right_answer_does_not_hide_a_cell_that_stopped(notebook):
    assert notebook.answer("1.1", COUNTS)[0] == "right"
    status, message = notebook.answer("1.1", "my_counts = torch.bincount(…)")
    assert status == "wrong" and "your cell stopped" in message
    assert notebook.answer("1.1", COUNTS)[0] == "right"


def test_a_cell_elsewhere_that_stopped_is_not_blamed_on_the_answer(notebook):
    notebook.run(COUNTS)
    notebook.run("my_counts.shapee")
    assert notebook.check(call("1.1"))[0] == "right"


def test_nothing_run_yet(notebook):
    status, message = notebook.check(call("1.1"))
    assert status == "todo" and "no `my_counts`" in message


@pytest.mark.parametrize("stub", ["my_counts = ...  # yours", "my_counts = None"])
def test_an_untouched_stub_is_not_done(stub, notebook):
    status, message = notebook.answer("1.1", stub)
    assert status == "todo" and "dots" in message
    assert torch.equal(notebook.go_on, train_counts(notebook))


def test_an_untouched_function_is_not_done_and_one_that_works_is_handed_on(notebook):
    stub = "def my_nearest_mean(images, means):\n    return ...  # yours"
    status, message = notebook.answer("1.4", stub)
    assert status == "todo" and "`return ...`" in message
    images, means = torch.zeros(2, 28, 28), torch.ones(10, 28, 28)
    assert notebook.go_on(images, means).shape == (2,)


@pytest.mark.parametrize(
    "code, words",
    [
        ("print(train_dataset.targets.bincount())", "Begin it with `my_counts = `"),
        ("counts = train_dataset.targets.bincount()", "must be called `my_counts`"),
        ("pass", "gives nothing to `my_counts`"),
        ("my_counts == [1]", "single `=`"),
        ("print(1 / 0)", "divides by zero"),
    ],
)
def test_a_changed_cell_is_judged_as_it_is_now(code, words, notebook):
    """And not by the answer that an earlier form of it has left behind."""
    notebook.shell.run_cell("my_counts = [6000] * 10", cell_id="answer")
    notebook.shell.run_cell(code, cell_id="answer")
    status, message = notebook.check("checks.class_counts()")
    assert status == "wrong" and words in message


def test_printed_instead_of_named(notebook):
    notebook.run("my_counts = ...")
    status, message = notebook.answer("1.1", COUNTS.replace("my_counts = ", ""))
    assert status == "wrong" and "Begin it with `my_counts = `" in message


@pytest.mark.parametrize(
    "spoiled", ["checks = 3", "data = 3", "sum = max = 4", "torch = 3", "display = 0"]
)
def test_a_name_used_for_something_else_harms_no_check(spoiled, notebook):
    assert notebook.answer("1.1", f"{COUNTS}\n{spoiled}")[0] == "right"


def test_labels_that_a_cell_has_overwritten(notebook):
    notebook.run("train_dataset, test_dataset = train_dataset, test_dataset")
    code = "my_counts = train_dataset.targets = torch.arange(10)"
    status, message = notebook.answer("1.1", code)
    assert status == "wrong"
    assert "a second `=` gives a value, and `==` compares" in message
    assert "`train_dataset, test_dataset = train_dataset, test_dataset`" in message
    status, message = notebook.answer("1.1", COUNTS)  # the labels are gone
    assert status == "wrong" and "does not hold the data any more" in message


def test_a_check_without_its_data_says_what_to_run(notebook, monkeypatch):
    notebook.run("my_counts = 1")
    with monkeypatch.context() as patched:
        patched.delattr("mnist_logreg.data.load")
        status, message = notebook.check(call("1.1"))
    assert status == "todo" and "again from the top" in message
    assert notebook.check(call("1.1", "my_counts"))[0] == "wrong"


# ------------------------------------------------------------------- right in any form


@pytest.mark.parametrize(
    "setting",
    [
        "torch.set_default_dtype(torch.float64)",
        "torch.set_default_device('meta')",
        "torch.set_grad_enabled(False)",
    ],
)
def test_right_under_any_setting(setting, notebook):
    notebook.run(setting)
    for number, code in ("1.1", COUNTS), ("4.2", FLOOR), ("1.4", NEAREST):
        assert notebook.answer(number, code)[0] == "right"
    torch.set_grad_enabled(True)


FORMS = [
    *("{}", "{}.tolist()", "tuple({})", "{}.numpy()", "list({})", "{}.double()"),
    *("{}.short()", "{}.float().requires_grad_()", "list({}.numpy())", "{}.bfloat16()"),
    *("[float(n) for n in {}]", "{}.numpy().astype(object)", "{}.to_sparse()"),
    *("torch.nn.Parameter({}.float())", "[n.numpy() for n in {}]", "{}.cfloat()"),
    *("np.array({}, dtype='>f4')", "iter([{}]).__next__()"),
]


@pytest.mark.parametrize("form", FORMS)
def test_right_counts_in_any_form(form, notebook):
    """And what the next cells get has always the form that they need."""
    notebook.run("import numpy as np")
    code = f"my_counts = {form.format('torch.bincount(train_dataset.targets)')}"
    status, _ = notebook.answer("1.1", code)
    assert status == "right"
    assert torch.equal(notebook.go_on, train_counts(notebook))


NUMBERS = [
    *("{}", "torch.tensor({})", "np.float64({})", "np.float32({})", "[{}]", "({},)"),
    *("torch.tensor([{}])", "torch.tensor({}, dtype=torch.float64)", "complex({})"),
    *("torch.tensor({}, requires_grad=True)", "Fraction({})", "Decimal({})"),
    *("np.array({})", "np.array([{}])", "np.longdouble({})"),
]


@pytest.mark.parametrize("form", NUMBERS)
def test_a_right_number_in_any_form(form, notebook):
    notebook.run("import numpy as np\nfrom fractions import Fraction")
    notebook.run("from decimal import Decimal")
    code = f"{FLOOR}.item()\nmy_floor = {form.format('my_floor')}"
    assert notebook.answer("4.2", code)[0] == "right"
    assert isinstance(notebook.go_on, float)


@pytest.mark.parametrize(
    "form", ["{}.tolist()", "{}.numpy()", "{}.float()", "list({})", "{}.int()"]
)
def test_a_function_s_right_result_in_any_form_is_handed_on_in_ours(form, notebook):
    code = NEAREST.replace("return ", "found = ") + (
        f"\n    return {form.format('found')}"
    )
    assert notebook.answer("1.4", code.replace("\n\n", "\n"))[0] == "right"
    images, means = torch.zeros(2, 28, 28), torch.ones(10, 28, 28)
    found = notebook.go_on(images, means)
    assert found.dtype is torch.int64 and found.shape == (2,)


def test_a_right_function_is_handed_on_itself(notebook):
    assert notebook.answer("1.4", NEAREST)[0] == "right"
    assert notebook.go_on is notebook.names["my_nearest_mean"]


def test_a_result_on_another_device(notebook):
    code = f"{NEAREST.strip()}.to('meta')"
    status, message = notebook.answer("1.4", code)
    assert status == "wrong" and "on meta" in message and "`.cpu()`" in message


def test_a_function_that_changes_its_arguments_is_right_and_harms_nobody(notebook):
    code = NEAREST.replace("    return", "    means.zero_()\n    return")
    status, message = notebook.answer("1.4", code)
    assert status == "right" and "changes `means`, which" in message
    images, means = torch.zeros(2, 28, 28), torch.ones(10, 28, 28)
    notebook.go_on(images, means)
    assert torch.equal(means, torch.ones(10, 28, 28))


def test_checks_leave_random_numbers_as_they_were(notebook):
    noisy = NEAREST.replace("    diff", "    torch.rand(9)\n    diff", 1)
    notebook.run("torch.manual_seed(3)")
    notebook.answer("1.4", noisy)
    notebook.run("drawn = torch.rand(4)")
    torch.manual_seed(3)
    assert torch.equal(notebook.names["drawn"], torch.rand(4))


# ------------------------------------------------------------------ help in three steps


def test_help_comes_in_steps_that_are_asked_for(notebook):
    exercise = checks.class_counts
    solution = exercise.solution.strip()
    for step, words in (1, exercise.nudge), (2, exercise.step), (3, solution):
        asked = 'checks.hint("1.1")' if step == 1 else f'checks.hint("1.1", {step})'
        for _ in range(2):  # running all cells again asks for the same again
            (data,) = notebook.run(f"from mnist_logreg import checks\n{asked}").verdicts
            assert data[MIME]["status"] == "help" and data[MIME]["helped"] == step
            assert words in data[MIME]["message"]
            assert (solution in data[MIME]["message"]) == (step == 3)
    assert "my_counts" not in notebook.names  # nothing was run


def test_a_solution_that_was_looked_at_is_told_even_after_a_restart(notebook):
    def checked():
        (data,) = notebook.run(
            f"from mnist_logreg import checks\n{call('1.1')}"
        ).verdicts
        return data[MIME]["helped"], data["text/plain"]

    notebook.run(COUNTS)
    assert checked() == (0, "✓ Exercise 1.1: right.")
    notebook.run('checks.hint("1.1", 2)')
    assert checked() == (2, "✓ Exercise 1.1: right.")
    notebook.run('checks.hint("1.1", 3)')
    told = "✓ Exercise 1.1: right. (You have looked at the solution.)"
    assert checked() == (3, told)


def test_help_without_a_folder_to_remember_in(notebook, monkeypatch):
    monkeypatch.setenv("MNIST_RUN", "/proc/nowhere")
    monkeypatch.setattr(help, "_seen", {})
    result = notebook.run('from mnist_logreg import checks\nchecks.hint("1.2", 3)')
    assert result.error is None and len(result.verdicts) == 1


@pytest.mark.parametrize("asked", ['"9.9"', '"1.1", 7', "1.1, 'x'", "None", "[]"])
def test_help_that_does_not_exist(asked, notebook):
    result = notebook.run(f"from mnist_logreg import checks\nchecks.hint({asked})")
    assert result.error is None
    assert "1.1, 1.2" in result.verdicts[0]["text/plain"]


# ------------------------------------------------------------------------ how it looks


@pytest.mark.parametrize("status", COLOURS)
def test_a_verdict_can_be_read(status):
    assert contrast(*COLOURS[status][:2]) >= 7
    html = box(Verdict("1.1", status, "a `b` <c>"))
    for element in BeautifulSoup(html, "html.parser").find_all(["div", "code"]):
        style = dict(part.split(":") for part in element["style"].split(";"))
        colours = style["color"], style["background-color"]
        assert colours == COLOURS[status][:2]
    assert 'role="status"' in html and "&lt;c&gt;" in html


def test_html_and_text_say_the_same():
    verdict = Verdict("1.1", "wrong", "not yet: `a` & b", helped=3)
    words = re.sub(r"<.*?>", "", verdict.data["text/html"])
    assert words.replace("&amp;", "&") == verdict.text.replace("`", "")
    assert json.loads(json.dumps(verdict.data[MIME]))["helped"] == 3


# ---------------------------------------------------------- the exercises of the series

SERIES = [
    (name, place)
    for name, notebook in editions.committed().items()
    for place in editions.exercises(notebook)
]


def test_each_exercise_is_defined_and_in_a_notebook():
    numbers = [place.number for _, place in SERIES]
    assert numbers == list(checks.exercises()) == list(dict.fromkeys(numbers))
    for (name, _), number in zip(SERIES, numbers):
        assert name.startswith(f"0{number[0]}_")


@pytest.mark.parametrize("name, place", SERIES)
def test_an_exercise_is_text_stub_and_check(name, place):
    exercise = checks.exercises()[place.number]
    assert "exercise" in editions.tags(place.stub)
    assert "check" in editions.tags(place.check)
    assert not place.check.metadata["editable"]
    assert not place.check.metadata["deletable"]
    assert exercise.answer in place.stub.source
    assert "checks" not in place.stub.source
    line = r"from mnist_logreg import checks\n\n(?:[\w, ]+ = )?checks\.(\w+)\(.*\)"
    found = re.fullmatch(line, place.check.source)
    assert getattr(checks, found[1]) is exercise


@pytest.mark.parametrize("name, place", SERIES)
def test_stored_verdicts(name, place):
    """In the committed notebooks nothing is answered yet."""
    stated = [o.data[MIME] for o in place.check.outputs]
    assert [(s["exercise"], s["helped"]) for s in stated] == [(place.number, 0)]
    assert stated[0]["status"] in ("todo", "wrong")


def test_the_solutions_are_those_of_the_exercises():
    from mnist_logreg.checks.solutions import solutions

    wanted = {n: e.solution.strip() for n, e in checks.exercises().items()}
    assert solutions() == wanted


def test_code_is_parsed_in_several_threads_whatever_the_garbage_collector_does():
    """With ast.parse alone Python 3.11 fails here with a SystemError."""
    code = "\n".join(
        f"x{i} = [f(a + {i}, b[{i}]) for a in range(3)]" for i in range(50)
    )

    def busy(phase, information):
        sum(range(50))

    before, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.callbacks.append(busy)
    gc.set_threshold(50)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            trees = list(pool.map(lambda _: ast.dump(parse(code)), range(60)))
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*before)
        gc.callbacks.remove(busy)
    assert len(set(trees)) == 1


def test_what_the_check_hands_on_is_no_answer(notebook):
    notebook.answer("3.1", "def my_softmax(scores):\n    return ...")
    notebook.run("softmax = go_on")
    status, message = notebook.answer(
        "3.1", "def my_softmax(scores):\n    return softmax(scores)"
    )
    assert status == "wrong" and "`softmax` is what this check hands on" in message
    assert notebook.go_on(torch.zeros(1, 2)).tolist() == [[0.5, 0.5]]


def test_a_function_with_another_name_is_found(notebook):
    notebook.run("def my_softmax(scores)\n    return scores")
    status, message = notebook.answer(
        "3.1", "def softmax(scores):\n    return torch.softmax(scores, dim=1)"
    )
    assert status == "wrong" and "makes `softmax`" in message
    code = "def my_softmax(scores):\n    return torch.softmax(scores, dim=1)"
    assert notebook.answer("3.1", code) == ("right", "right.")


def test_a_module_whose_name_was_given_away_is_told(notebook):
    notebook.run("math = 5")
    status, message = notebook.answer(
        "3.2", "def my_loss(p, y):\n    return -math.log(p[y])"
    )
    assert status == "wrong" and "Run `import math`" in message


def test_a_slope_in_a_list_is_handed_on_as_a_number(notebook):
    code = """
def my_slope(loss_with, value, nudge):
    return [(loss_with(value + nudge) - loss_with(value)) / nudge]
"""
    assert notebook.answer("3.3", code) == ("right", "right.")
    assert f"{notebook.go_on(abs, 1.0, 0.5):.1f}" == "1.0"
