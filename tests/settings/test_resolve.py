"""Which layer counts for a key: the highest, unless an administrator has locked it."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.settings.givens import Given, Layer
from app.settings.resolve import settle

KEY = "desk.name"
GIVING = [layer for layer in Layer if layer is not Layer.BUILT_IN]
RANKED = [Layer.MACHINE, Layer.USER, Layer.ENVIRONMENT, Layer.COMMAND_LINE]


def given_by(layer: Layer, value: object = None, path: str = KEY) -> Given:
    return Given(layer, f"in {layer.name}", path, layer.name if value is None else value)


@pytest.mark.parametrize(
    "layers", [each for size in range(6) for each in itertools.combinations(GIVING, size)]
)
def test_the_highest_layer_that_gives_a_value_wins(layers: Sequence[Layer]) -> None:
    settled, problems = settle([given_by(layer) for layer in reversed(layers)], [])
    winner = max(layers, default=Layer.BUILT_IN)
    origin = settled[KEY].origin
    assert origin.layer is winner
    assert settled[KEY].value == (winner.name if layers else "Front desk")
    assert origin.place == (f"in {winner.name}" if layers else "built in")
    assert origin.locked is (winner is Layer.POLICY)
    warned = [problem.place for problem in problems]
    assert warned == [f"in {each.name}" for each in layers if Layer.POLICY in layers][:-1]


@pytest.mark.parametrize("lock", [KEY, "desk.*", "*"])
@pytest.mark.parametrize("layer", [Layer.USER, Layer.ENVIRONMENT, Layer.COMMAND_LINE])
def test_no_layer_changes_a_locked_key_and_each_attempt_is_told(layer: Layer, lock: str) -> None:
    settled, problems = settle([given_by(Layer.MACHINE), given_by(layer)], [lock])
    assert settled[KEY].value == "MACHINE"
    assert settled[KEY].origin.locked
    assert [(problem.place, problem.key, problem.warning) for problem in problems] == [
        (f"in {layer.name}", KEY, True)
    ]
    assert layer.words in problems[0].problem
    assert "in MACHINE" in problems[0].problem


def test_a_key_that_is_locked_without_a_value_keeps_its_default() -> None:
    settled, problems = settle([given_by(Layer.USER)], [KEY])
    assert settled[KEY].value == "Front desk"
    assert settled[KEY].origin.locked
    assert len(problems) == 1


def test_a_lock_elsewhere_locks_nothing_here() -> None:
    settled, problems = settle([given_by(Layer.MACHINE), given_by(Layer.USER)], ["desk.mode"])
    assert settled[KEY].value == "USER"
    assert not settled[KEY].origin.locked
    assert problems == ()


def test_to_repeat_what_is_locked_is_no_attempt_to_change_it() -> None:
    mode = "desk.mode"
    machine = given_by(Layer.MACHINE, "assign-only", mode)
    user = given_by(Layer.USER, "assign_only", mode)
    assert settle([machine, user], [mode])[1] == ()


def test_nonsense_for_a_locked_key_is_warned_of_and_fatal_to_nobody() -> None:
    _, problems = settle([given_by(Layer.USER, 17)], [KEY])
    assert [problem.warning for problem in problems] == [True]


def test_a_policy_outranks_the_machine_wide_file_too() -> None:
    settled, problems = settle([given_by(Layer.POLICY), given_by(Layer.MACHINE)], [KEY])
    assert settled[KEY].value == "POLICY"
    assert [problem.place for problem in problems] == ["in MACHINE"]


def test_nonsense_in_a_policy_or_under_a_lock_is_a_problem() -> None:
    for layer in (Layer.POLICY, Layer.MACHINE):
        settled, problems = settle([given_by(layer, 17)], [KEY])
        assert [problem.warning for problem in problems] == [False]
        assert settled[KEY].value == "Front desk"
        assert settled[KEY].origin.locked


def test_where_a_value_is_not_allowed_the_next_lower_one_stands_in() -> None:
    settled, problems = settle([given_by(Layer.USER), given_by(Layer.ENVIRONMENT, 17)], [])
    assert settled[KEY].value == "USER"
    assert str(problems[0]) == (
        "in ENVIRONMENT: desk.name: found the whole number 17; "
        "allowed: text in quotes, 1 to 100 characters"
    )


def test_the_last_of_two_options_for_a_key_counts() -> None:
    options = [given_by(Layer.COMMAND_LINE, "A"), given_by(Layer.COMMAND_LINE, "B")]
    assert settle(options, [])[0][KEY].value == "B"


def test_a_misspelt_word_is_told_with_the_right_one() -> None:
    _, problems = settle([given_by(Layer.USER, "assign-olny", "desk.mode")], [])
    assert problems[0].problem == 'found the text "assign-olny", perhaps assign-only is meant'


@pytest.mark.parametrize("value", ["socks://me:hush@proxy", ["hush"], "http://me:hush@pro xy"])
def test_of_a_secret_that_is_refused_nothing_is_told(value: object) -> None:
    _, problems = settle([given_by(Layer.USER, value, "network.proxy")], [])
    assert len(problems) == 1
    assert "hush" not in repr(problems)


def test_a_secret_is_never_shown() -> None:
    secret = given_by(Layer.USER, "http://me:hush@proxy", "network.proxy")
    settled, _ = settle([secret], [])
    assert settled["network.proxy"].shown == "(not shown)"
    assert "hush" not in repr(settled)
    assert settle([], [])[0]["network.proxy"].shown == '""'


def test_a_profile_is_whole_though_layers_share_it() -> None:
    settled, _ = settle(
        [
            given_by(Layer.MACHINE, "11111111-2222-3333-4444-555555555555", "tenants.a.id"),
            given_by(Layer.USER, "North", "tenants.a.label"),
        ],
        [],
    )
    assert settled["tenants.a.label"].value == "North"
    assert settled["tenants.a.id"].origin.layer is Layer.MACHINE
    assert settled["tenants.a.client_id"].value is None


def test_nobody_adds_a_profile_that_is_locked() -> None:
    user = given_by(Layer.USER, "11111111-2222-3333-4444-555555555555", "tenants.b.id")
    settled, problems = settle([user], ["tenants.*"])
    assert "tenants.b.id" not in settled
    assert [(problem.key, problem.warning) for problem in problems] == [("tenants.b.id", True)]


def test_a_key_undone_is_as_if_nobody_had_set_it() -> None:
    settled, _ = settle([given_by(Layer.MACHINE)], [KEY])
    undone = settled[KEY].undone()
    assert (undone.value, undone.origin.layer) == ("Front desk", Layer.BUILT_IN)
    assert undone.origin.locked


@given(
    names=st.dictionaries(st.sampled_from(RANKED), st.sampled_from(["A", "B", 17]), max_size=4),
    locked=st.booleans(),
)
def test_under_a_lock_only_the_administrator_decides(
    names: dict[Layer, object],
    locked: bool,  # noqa: FBT001 - drawn
) -> None:
    givens = [given_by(layer, value) for layer, value in names.items()]
    settled, _ = settle(givens, [KEY] if locked else [])
    counting = {layer: value for layer, value in names.items() if value != 17}
    if locked:
        counting = {layer: value for layer, value in counting.items() if layer is Layer.MACHINE}
    expected = counting[max(counting)] if counting else "Front desk"
    assert settled[KEY].value == expected
