"""Commands about cards and wallets: what is in doubt and what became of it, money back, the end of a terminal's day."""

import time
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from edge_hub.cli.control import Control
from edge_hub.cli.output import (
    DEFAULT_CONFIG_TEXT,
    ConfigOption,
    JsonOption,
    answer,
    console,
    errors,
    fail,
    show_json,
    show_table,
    when,
)
from edge_hub.domain.money import Money
from edge_hub.sdk.roles import EFT_TERMINAL
from edge_hub.words import words

POLL_S = 0.5
ASK_WAIT_S = 60.0
"""A terminal or provider answers a question by then, or stays silent."""
OUTCOME_WAIT_S = 300.0
"""For the customer, the bank and the questions after a silence."""
SETTLE_WAIT_S = 900.0
"""Some terminals print every slip of the day over again."""
LISTED_MAX = 100
EXIT_LATE = 75
payments_app = typer.Typer(no_args_is_help=True, help="Payments by card and wallet, and what is in doubt.")

PaymentArgument = Annotated[str, typer.Argument(metavar="PAYMENT", help="The id that `payments list` shows.")]

WHY = {
    "unknown": "it is being asked about",
    "manual": "a person must say what became of it",
    "disputed": "something speaks against what is settled",
    "orphan": "its money was taken, and nothing was sold for it",
    "void_open": "it is being given back",
    "reverse_unknown": "it was to be given back, and nobody knows whether it was",
}
REMEDIES = {
    "unknown": "Ask now: edge-hub payments ask {id}",
    "manual": "Look at the terminal or its slip, then: edge-hub payments resolve {id} --paid --slip NUMBER"
    " (or --not-paid --note WHY)",
    "disputed": "Compare with the acquirer's report, then: edge-hub payments review {id} --note FOUND",
    "orphan": "Give it back: edge-hub payments give-back {id}. Or, if you must not:"
    " edge-hub payments review {id} --note WHY",
    "void_open": "Wait for its end: edge-hub payments show {id}",
    "reverse_unknown": "What gives it back is in the list too: edge-hub payments list --unresolved",
}
SETTLED = {
    "agreed": "{terminal} is settled: its totals are the journal's.",
    "unchecked": "{terminal} has closed its batch and gave no totals: compare with its slip.",
    "different": "{terminal} has closed its batch, and its totals are not the journal's.",
    "refused": "{terminal} did not settle: {detail}",
    "unknown": "Nobody knows whether {terminal} has closed its batch: {detail}"
    " Settle again: an empty batch closes too.",
}
HINTS = {
    "payment-not-found": "Their ids: edge-hub payments list",
    "payment-not-movable": "How it stands: edge-hub payments show PAYMENT",
    "payment-not-reversible": "How it stands: edge-hub payments show PAYMENT",
    "nothing-to-review": "What is to be looked into: edge-hub payments list --unresolved",
    "payment-terminal-locked": "See which: edge-hub payments list --unresolved",
    "payment-terminal-busy": "Wait for its end: edge-hub payments list",
    "settlement-open": "Wait for its end; the hub records it.",
    "device-away": "How the devices are: edge-hub devices list",
}
FIGURES = {
    "count": "transactions",
    "amount": "amount",
    "sales_count": "sales",
    "sales_amount": "amount of sales",
    "tips_amount": "of it tips",
    "refunds_count": "given back",
    "refunds_amount": "amount given back",
}


def _money(minor: int | None, currency: str) -> str:
    return "-" if minor is None else words("en").money(Money(minor, currency))


def _path(payment: str, *rest: str) -> str:
    return "/".join((f"/v1/payments/{quote(payment, safe='')}", *rest))


def _row(one: dict[str, Any]) -> dict[str, Any]:
    kind = "" if one["kind"] == "sale" else f", {one['kind']}"
    return {
        "id": one["id"],
        "opened": when(one["opened_ms"], "%m-%d %H:%M"),
        "where": (one["provider"] or one["method"]) + kind,
        "amount": _money(one["amount"], one["currency"]),
        "state": one["why"] or one["state"],
    }


@payments_app.command("list")
def payments_list(
    unresolved: Annotated[bool, typer.Option("--unresolved", help="What somebody has to look into.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=LISTED_MAX, help="So many, without --unresolved.")] = 20,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """List payments, newest first; or the manager's list, oldest first."""
    query = urlencode({"list": "unresolved"} if unresolved else {"limit": limit})
    payments = Control(config, HINTS).get(f"/v1/payments?{query}")["payments"]
    empty = "Nothing is in doubt." if unresolved else "Nobody has paid by card or wallet yet."
    columns = {"id": "id", "opened": "opened", "where": "where", "amount": "amount", "state": "state"}
    answer(payments if as_json else map(_row, payments), columns, empty, as_json=as_json)
    if unresolved and payments and not as_json:
        console.print("What to do about each: edge-hub payments show ID")


@payments_app.command("show")
def payments_show(
    payment: PaymentArgument, config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False
) -> None:
    """Show all that is known of a payment, and what to do about it."""
    _show(Control(config, HINTS).get(_path(payment)), as_json=as_json)


@payments_app.command("ask")
def payments_ask(
    payment: PaymentArgument, config: ConfigOption = DEFAULT_CONFIG_TEXT, as_json: JsonOption = False
) -> None:
    """Ask the terminal or wallet again what became of a payment, and wait for its answer. Exit 1: still in doubt."""
    control = Control(config, HINTS)
    asked = control.send("POST", _path(payment, "ask"))
    before = (asked["state"], asked["inquiries"], asked["updated_ms"])
    found = _followed(
        lambda: control.get(_path(payment)),
        lambda one: (one["state"], one["inquiries"], one["updated_ms"]) != before,
        ASK_WAIT_S,
        "Asked",
        quiet=as_json,
    )
    _show(found, as_json=as_json)
    if found["outcome"] in {"unknown", "pending"}:
        raise typer.Exit(1)


@payments_app.command("resolve")
def payments_resolve(
    payment: PaymentArgument,
    paid: Annotated[bool | None, typer.Option("--paid/--not-paid", help="What the terminal or its slip says.")] = None,
    slip: Annotated[str, typer.Option(help="The number on the terminal's slip.")] = "",
    note: Annotated[str, typer.Option(help="How you know.")] = "",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a payment in doubt, after a look at the terminal or its slip."""
    if paid is None:
        fail("Say which: --paid or --not-paid.", 2)
    if not (slip.strip() or note.strip()):
        fail("Say how you know: --slip NUMBER or --note TEXT.", 2)
    body = {"outcome": "approved" if paid else "declined", "slip": slip, "note": note}
    _show(Control(config, HINTS).send("POST", _path(payment, "resolve"), body), as_json=as_json)


@payments_app.command("review")
def payments_review(
    payment: PaymentArgument,
    note: Annotated[str, typer.Option(help="What you found.", prompt="What did you find")] = "",
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Take a disputed payment, or one that nothing was sold for, off the manager's list."""
    _show(Control(config, HINTS).send("POST", _path(payment, "review"), {"note": note}), as_json=as_json)


def _whole(control: Control, found: dict[str, Any]) -> int:
    """What was paid, with a tip that was added from the slip."""
    whole: int = found["amount"]
    if found["sale_id"] is not None:
        of_its_sale = control.get(f"/v1/payments?sale={quote(found['sale_id'], safe='')}")["payments"]
        tips = (one for one in of_its_sale if (one["kind"], one["original_id"]) == ("tip", found["id"]))
        whole += sum(one["amount"] for one in tips if one["outcome"] == "approved")
    return whole


@payments_app.command("give-back")
def payments_give_back(
    payment: PaymentArgument,
    refund: Annotated[bool, typer.Option("--refund", help="A refund: after the terminal's day was closed.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Give the whole of a payment back, and wait for the outcome. Exit 1: it was not given back, or nobody knows."""
    control = Control(config, HINTS)
    found = control.get(_path(payment))
    whole = _whole(control, found)
    amount, where = _money(whole, found["currency"]), found["provider"] or "its terminal"
    yes or typer.confirm(f"Give {amount} back at {where}?", abort=True, err=True)
    if refund:
        attempt = control.send("POST", _path(payment, "refunds"), {"amount": whole})
    else:
        attempt = control.send("POST", _path(payment, "void"))
    given = _followed(
        lambda: control.get(_path(attempt["id"])), lambda one: one["outcome"] != "pending", OUTCOME_WAIT_S,
        f"Giving {amount} back at {where}", quiet=as_json,
    )  # fmt: skip
    _show(given, as_json=as_json)
    if given["outcome"] == "declined" and not refund and not as_json:
        console.print("Where the terminal's day is closed already, refund it: --refund")
    if given["outcome"] != "approved":
        raise typer.Exit(EXIT_LATE if given["outcome"] == "pending" else 1)


def settle(
    terminal: Annotated[str, typer.Argument(help="The card terminal's id.")],
    config: ConfigOption = DEFAULT_CONFIG_TEXT,
    as_json: JsonOption = False,
) -> None:
    """Have a card terminal close its day, and compare its totals with the journal. Exit 1: they differ, or it did not
    settle, or nobody knows.
    """
    control = Control(config, HINTS)
    known = [one["id"] for one in control.get("/v1/devices")["devices"] if EFT_TERMINAL.name in one["roles"]]
    if terminal not in known:
        fail(f"There is no card terminal {terminal}. Configured are: {', '.join(known) or 'none'}.")
    begun = control.send("POST", "/v1/settlements", {"terminal": terminal})
    path = f"/v1/settlements/{begun['id']}"
    found = _followed(
        lambda: control.get(path), lambda one: one["state"] != "open", SETTLE_WAIT_S, f"Settling {terminal}",
        quiet=as_json,
    )  # fmt: skip
    if as_json:
        show_json(found)
    else:
        _report(found, control.get("/v1/hub")["store"]["currency"])
    if found["state"] == "open":
        fail("The terminal is still at it; the hub goes on waiting for it.", EXIT_LATE)
    if found["state"] not in {"agreed", "unchecked"}:
        raise typer.Exit(1)


def _followed(
    look: Callable[[], dict[str, Any]],
    done: Callable[[dict[str, Any]], bool],
    limit_s: float,
    what: str,
    *,
    quiet: bool,
) -> dict[str, Any]:
    """As it stands once it is `done`, or after `limit_s`; what the terminal does is said meanwhile."""
    until, shown = time.monotonic() + limit_s, ""
    found = look()
    while not done(found) and time.monotonic() < until:
        doing = found.get("activity_text") or found.get("activity", "").replace("_", " ")
        line = f"{what}{': ' if doing else ''}{doing} ..."
        if line != shown and not quiet:
            errors.print(line, markup=False, soft_wrap=True)
            shown = line
        time.sleep(POLL_S)
        found = look()
    return found


def _show(one: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        show_json(one)
        return
    for name, value in _facts(one):
        if value:
            console.print(f"{name:<12} {value}", markup=False, soft_wrap=True)
    if one["why"]:
        console.print(f"{'why listed':<12} {WHY[one['why']]}", markup=False, soft_wrap=True)
        console.print(f"  -> {REMEDIES[one['why']].format(id=one['id'])}", markup=False, soft_wrap=True)


def _facts(one: dict[str, Any]) -> list[tuple[str, str]]:
    result, evidence = one["result"] or {}, one["evidence"] or {}
    tip = f" (tip {_money(one['tip'], one['currency'])})" if one["tip"] else ""
    seen = [f"slip {evidence['slip']}" if evidence.get("slip") else "", evidence.get("note", "")]
    seen.append("a photo" if evidence.get("photo_sha256") else "")
    return [
        (
            "payment",
            f"{one['id']} ({one['reference']}), {one['kind']}{', by the hub itself' if one['automatic'] else ''}",
        ),
        ("where", f"{one['provider'] or one['method']}, {one['till']}"),
        ("amount", _money(one["amount"], one["currency"]) + tip),
        ("state", one["state"]),
        ("opened", when(one["opened_ms"])),
        ("changed", when(one["updated_ms"])),
        ("now", one["activity_text"] or one["activity"].replace("_", " ")),
        ("detail", one["detail"]),
        ("it says", " ".join(filter(None, (result.get("code", ""), result.get("text", ""))))),
        ("card", " ".join(filter(None, (result.get("scheme", ""), result.get("card", ""))))),
        ("approval", result.get("approval", "")),
        ("slip", result.get("receipt", "")),
        ("batch", result.get("batch", "")),
        ("sale", one["sale_id"] or ""),
        ("basket", one["basket_id"] or ""),
        ("gives back", one["original_id"] or ""),
        ("evidence", ", ".join(filter(None, seen))),
    ]


def _report(found: dict[str, Any], currency: str) -> None:
    text = SETTLED.get(found["state"], "")
    console.print(text.format(terminal=found["terminal"], detail=found["detail"]), markup=False, soft_wrap=True)
    theirs, ours = found["terminal_totals"] or {}, found["journal_totals"] or {}
    differing = {one["what"] for one in found["differences"]}
    rows = [
        {
            "what": name,
            "terminal": _figure(figure, theirs.get(figure), currency),
            "journal": _figure(figure, ours.get(figure), currency),
            "note": "differs" if figure in differing else "",
        }
        for figure, name in FIGURES.items()
        if ours.get(figure) is not None or theirs.get(figure) is not None
    ]
    if rows:
        show_table(rows, {"what": "", "terminal": "terminal", "journal": "journal", "note": ""}, "")
    for payment in [one["payment_id"] for one in found["differences"] if one["payment_id"]]:
        console.print(f"Look into this one: edge-hub payments show {payment}", soft_wrap=True)


def _figure(name: str, value: int | None, currency: str) -> str:
    if value is None:
        return "-"
    return _money(value, currency) if name.endswith("amount") else str(value)
