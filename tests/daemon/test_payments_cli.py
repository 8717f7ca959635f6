"""`edge-hub payments` and `edge-hub settle`, against a hub that answers as it is told to."""

import json

import pytest
from typer.testing import CliRunner

from edge_hub.api.routes.table import ENDPOINTS
from edge_hub.cli import payments
from edge_hub.cli.app import app

ID = "01a20021-17f5-7efe-abbe-c0f25b698dbf"
BACK = "01a20021-49e2-7b32-a86a-fa301769bea3"
SALE = "01a20021-1fde-7a82-bb34-3412121c107f"


def payment(state="approved", outcome="approved", **more):
    return {
        "id": ID, "kind": "sale", "method": "terminal", "provider": "card-1", "till": "till-1", "state": state,
        "outcome": outcome, "amount": 1250, "tip": 0, "currency": "EUR", "reference": "P0Y9DPK3DZ", "basket_id": "b-1",
        "original_id": None, "sale_id": None, "automatic": False, "opened_ms": 1, "updated_ms": 2, "activity": "",
        "activity_text": "", "detail": "", "why": "", "inquiries": 0, "evidence": None, "result": None, **more,
    }  # fmt: skip


def settlement(state, theirs=None, differences=(), detail=""):
    ours = {"count": 2, "amount": 2500, "sales_count": 2, "sales_amount": 2500, "refunds_count": 0, "refunds_amount": 0}
    return {
        "id": "s-1", "terminal": "card-1", "state": state, "detail": detail, "terminal_totals": theirs,
        "journal_totals": None if state == "open" else ours, "differences": list(differences), "payments": [],
    }  # fmt: skip


@pytest.fixture
def hub(monkeypatch):
    """What is asked, in order; `answers` by method and path, one after the other, the last for ever."""

    class Hub:
        def __init__(self):
            self.asked = []
            self.answers = {
                "GET /v1/hub": [{"store": {"currency": "EUR"}}],
                "GET /v1/devices": [
                    {"devices": [{"id": "card-1", "roles": ["eft_terminal"]}, {"id": "p", "roles": []}]}
                ],
            }

        def __call__(self, _config, _hints):
            return self

        def get(self, path):
            return self.send("GET", path)

        def send(self, method, path, body=None):
            self.asked.append((f"{method} {path}", body))
            answers = self.answers[f"{method} {path}"]
            return answers.pop(0) if len(answers) > 1 else answers[0]

    hub = Hub()
    monkeypatch.setattr(payments, "Control", hub)
    monkeypatch.setattr(payments, "POLL_S", 0)
    return hub


def run(*words):
    return CliRunner().invoke(app, list(words))


def test_lists(hub):
    hub.answers["GET /v1/payments?limit=20"] = [{"payments": []}]
    hub.answers["GET /v1/payments?list=unresolved"] = [{"payments": []}]
    assert run("payments", "list").stdout == "Nobody has paid by card or wallet yet.\n"
    assert run("payments", "list", "--unresolved").stdout == "Nothing is in doubt.\n"
    orphan = payment(why="orphan", kind="refund")
    hub.answers["GET /v1/payments?list=unresolved"] = [{"payments": [orphan]}]
    shown = run("payments", "list", "--unresolved").stdout
    assert ID in shown
    assert "orphan" in shown
    assert "refund" in shown
    assert "payments show" in shown
    assert json.loads(run("payments", "list", "--unresolved", "--json").stdout) == [orphan]


@pytest.mark.parametrize("why", payments.WHY)
def test_what_to_do_is_said(hub, why):
    hub.answers[f"GET /v1/payments/{ID}"] = [payment(why=why)]
    shown = run("payments", "show", ID)
    assert shown.exit_code == 0
    assert "-> " in shown.stdout
    assert payments.WHY[why] in shown.stdout


def test_everything_known_is_shown(hub):
    result = {"code": "0000", "text": "OK", "scheme": "VISA", "card": "431195******1234", "approval": "A1", "receipt": "7",
              "batch": "42"}  # fmt: skip
    said = {"slip": "7", "note": "seen", "photo_sha256": "0" * 64}
    more = {"tip": 250, "automatic": True, "sale_id": SALE, "result": result, "evidence": said}
    hub.answers[f"GET /v1/payments/{ID}"] = [payment(**more)]
    shown = run("payments", "show", ID).stdout
    for words in (
        "12.50",
        "(tip €2.50)",
        "by the hub itself",
        "VISA 431195******1234",
        "A1",
        SALE,
        "slip 7, seen, a photo",
    ):
        assert words in shown
    assert json.loads(run("payments", "show", ID, "--json").stdout)["sale_id"] == SALE


def test_asking_waits_for_the_answer(hub):
    unknown = payment("unknown", "unknown", why="unknown")
    hub.answers[f"POST /v1/payments/{ID}/ask"] = [unknown]
    busy = {**unknown, "activity": "waiting_for_host"}
    found = payment("recovered_approved", updated_ms=3)
    hub.answers[f"GET /v1/payments/{ID}"] = [unknown, busy, found]
    asked = run("payments", "ask", ID)
    assert asked.exit_code == 0
    assert "Asked: waiting for host ..." in asked.stderr
    assert "recovered_approved" in asked.stdout
    hub.answers[f"POST /v1/payments/{ID}/ask"] = [unknown]
    hub.answers[f"GET /v1/payments/{ID}"] = [{**unknown, "inquiries": 1}]
    again = run("payments", "ask", ID, "--json")
    assert (again.exit_code, json.loads(again.stdout)["inquiries"]) == (1, 1)


def test_a_persons_word_needs_evidence(hub):
    assert "--paid or --not-paid" in run("payments", "resolve", ID, "--slip", "7").stderr
    said_nothing = run("payments", "resolve", ID, "--paid")
    assert (said_nothing.exit_code, "--slip" in said_nothing.stderr) == (2, True)
    assert hub.asked == []
    hub.answers[f"POST /v1/payments/{ID}/resolve"] = [payment()]
    assert run("payments", "resolve", ID, "--paid", "--slip", "7").exit_code == 0
    assert run("payments", "resolve", ID, "--not-paid", "--note", "no slip").exit_code == 0
    assert [body for _, body in hub.asked] == [
        {"outcome": "approved", "slip": "7", "note": ""}, {"outcome": "declined", "slip": "", "note": "no slip"},
    ]  # fmt: skip


def test_review(hub):
    hub.answers[f"POST /v1/payments/{ID}/review"] = [payment()]
    assert run("payments", "review", ID, "--note", "in the report").exit_code == 0
    assert hub.asked[-1][1] == {"note": "in the report"}


def test_giving_back_asks_first_and_waits(hub):
    hub.answers[f"GET /v1/payments/{ID}"] = [payment()]
    no = CliRunner().invoke(app, ["payments", "give-back", ID], input="n\n")
    assert no.exit_code == 1
    assert [path for path, _ in hub.asked] == [f"GET /v1/payments/{ID}"]
    pending = payment("sent", "pending", id=BACK, kind="void", original_id=ID)
    hub.answers[f"POST /v1/payments/{ID}/void"] = [pending]
    hub.answers[f"GET /v1/payments/{BACK}"] = [pending, {**pending, "state": "approved", "outcome": "approved"}]
    done = run("payments", "give-back", ID, "--yes")
    assert (done.exit_code, BACK in done.stdout) == (0, True)
    assert "Giving €12.50 back at card-1" in done.stderr


@pytest.mark.parametrize("sale_id", [None, SALE])
def test_what_is_not_voided_any_more_is_refunded(hub, sale_id):
    declined = payment("declined", "declined", id=BACK, kind="void")
    tip = payment(id="t", kind="tip", amount=200, original_id=ID)
    others = [tip, {**tip, "id": "u", "outcome": "declined"}, {**tip, "id": "v", "original_id": "another"}]
    hub.answers[f"GET /v1/payments?sale={SALE}"] = [{"payments": [payment(sale_id=sale_id), *others]}]
    hub.answers[f"POST /v1/payments/{ID}/void"] = [declined]
    hub.answers[f"GET /v1/payments/{BACK}"] = [declined]
    void = run_give_back(hub, payment(sale_id=sale_id))
    assert (void.exit_code, "refund it: --refund" in void.stdout) == (1, True)
    hub.answers[f"POST /v1/payments/{ID}/refunds"] = [declined]
    hub.answers[f"GET /v1/payments/{BACK}"] = [{**declined, "state": "approved", "outcome": "approved"}]
    assert run_give_back(hub, payment(sale_id=sale_id), "--refund").exit_code == 0
    assert hub.asked[-2] == (f"POST /v1/payments/{ID}/refunds", {"amount": 1450 if sale_id else 1250}), (
        "a sale's with its tip"
    )


def run_give_back(hub, original, *more):
    hub.answers[f"GET /v1/payments/{ID}"] = [original]
    return run("payments", "give-back", ID, "--yes", *more)


AGREES = {"batch": "1", "count": 2, "amount": 2500, "sales_count": None, "sales_amount": None, "refunds_count": None,
          "refunds_amount": None}  # fmt: skip


@pytest.mark.parametrize(
    ("end", "status", "words"),
    [
        (settlement("agreed", AGREES), 0, "its totals are the journal's"),
        (settlement("unchecked"), 0, "compare with its slip"),
        (settlement("refused", detail="no line"), 1, "did not settle: no line"),
        (settlement("unknown", detail="silence"), 1, "silence Settle again"),
        (
            settlement(
                "different",
                {**AGREES, "count": 3, "amount": 3750},
                [
                    {"what": "count", "terminal": 3, "journal": 2, "payment_id": None},
                    {"what": "amount", "terminal": 3750, "journal": 2500, "payment_id": None},
                    {"what": "payment", "terminal": 0, "journal": 1250, "payment_id": ID},
                ],
            ),
            1,
            f"payments show {ID}",
        ),
    ],
)
def test_the_end_of_the_day(hub, end, status, words):
    hub.answers["POST /v1/settlements"] = [settlement("open")]
    hub.answers["GET /v1/settlements/s-1"] = [settlement("open"), end]
    closed = run("settle", "card-1")
    assert (closed.exit_code, words in closed.stdout) == (status, True), closed.output
    assert closed.stderr == "Settling card-1 ...\n"
    assert closed.stdout.count("differs") == (2 if end["state"] == "different" else 0)
    as_json = run("settle", "card-1", "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)["state"]) == (status, end["state"])


def test_a_terminal_that_is_still_at_it(hub, monkeypatch):
    monkeypatch.setattr(payments, "SETTLE_WAIT_S", 0)
    hub.answers["POST /v1/settlements"] = hub.answers["GET /v1/settlements/s-1"] = [settlement("open")]
    late = run("settle", "card-1", "--json")
    assert (late.exit_code, "still at it" in late.stderr) == (75, True)


def test_only_card_terminals_settle(hub):
    other = run("settle", "p")
    assert (other.exit_code, "Configured are: card-1." in other.stderr) == (1, True)
    assert len(hub.asked) == 1


def test_hints_are_for_problems_that_are_answered():
    answered = {error.code for endpoint in ENDPOINTS for error in endpoint.errors}
    assert set(payments.HINTS) <= answered
