"""`edge-hub drill`, against a hub that answers as it is told to."""

import json

import pytest
from typer.testing import CliRunner

from edge_hub.cli import drill
from edge_hub.cli.app import app


def report(verdict, *steps):
    told = [{"at_ms": 1000 + 500 * at, "what": what, "seen": seen} for at, (what, seen) in enumerate(steps)]
    return {
        "name": "terminal_silent", "device": "card", "started_ms": 1000, "verdict": verdict, "steps": told,
        "restart": None,
    }  # fmt: skip


BEGUN = (("fault_on", "lost_reply"), ("payment_begun", "AY1XZHMASW"))
SEEN = (*BEGUN, ("payment", "unknown"), ("shown", ""), ("listed", "unknown"), ("listed", ""))


@pytest.fixture
def reports(monkeypatch):
    """What the hub answers, one after the other, the last for ever."""
    answers = []

    class Hub:
        def __init__(self, _config, _hints):
            pass

        def send(self, method, path, body=None):
            assert (method, path) == ("POST", "/v1/drills")
            assert body["name"] in {"terminal_silent", "printer_out"}
            return answers[0]

        def get(self, path):
            assert path == "/v1/drills"
            return {"drill": answers.pop(0) if len(answers) > 1 else answers[0]}

    monkeypatch.setattr(drill, "Control", Hub)
    monkeypatch.setattr(drill, "POLL_S", 0)
    return answers


def run(*words):
    return CliRunner().invoke(app, ["drill", *words])


def test_each_step_is_told_once_as_it_comes(reports):
    reports += [report("running", *BEGUN), report("running", *BEGUN), report("held", *SEEN)]
    told = run("terminal_silent")
    assert told.exit_code == 0
    assert told.stdout.count("a payment is begun: AY1XZHMASW") == 1
    lines = [line.strip() for line in told.stdout.splitlines()]
    assert lines[2:] == [
        "1.0 s  the payment is unknown",
        "1.5 s  the till no longer says what the terminal does",
        "2.0 s  the manager's list has it: unknown",
        "2.5 s  the manager's list has it no more",
        "Nothing was lost, and nobody had to do anything.",
    ]


@pytest.mark.parametrize(("verdict", "words"), [("needs_person", "needs a person"), ("cancelled", "was stopped")])
def test_what_did_not_come_right_fails(reports, verdict, words):
    reports.append(report(verdict, *SEEN))
    told = run("terminal_silent")
    assert told.exit_code == 1
    assert words in told.stderr
    as_json = run("terminal_silent", "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)["verdict"]) == (1, verdict)


def test_one_that_takes_too_long_goes_on(reports, monkeypatch):
    monkeypatch.setattr(drill, "DRILL_WAIT_S", 0.0)
    reports.append(report("running", *BEGUN))
    assert run("printer_out").exit_code == drill.EXIT_LATE


def test_the_hubs_restart_is_not_asked_for_here():
    assert run("hub_restart").exit_code == 2
