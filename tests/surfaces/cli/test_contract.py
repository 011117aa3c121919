"""Bills in vendors' own files, and per token or per outcome, on the command line."""

import json
from datetime import UTC, datetime

import pytest
from tests.connectors.bills.files import INTERCOM_CSV, SERVICENOW_CSV
from tests.connectors.outcomes.documents import SERVICENOW
from tests.surfaces.cli.seeded import NANO, Folder
from tests.surfaces.cli.test_value import NOW, taken

from wellspent.analytics.compare import Stretch
from wellspent.surfaces.cli.compare import turns

MONTH = f"{datetime.now(UTC):%Y-%m}"
FIN = """
[[contract]]
name = "support"
kind = "conversation_solved"
running = { monthly_usd = "2", source = "the desk's cost centre" }
vendor = { name = "Fin", price_usd = "0.99", monthly_usd = "49", included = 50, later = [{ from = "2999-01", price_usd = "0.50" }] }
"""


def told(folder: Folder, *arguments: str, vendor: str = FIN) -> tuple[int, str, str]:
    (folder.path / "wellspent.toml").write_text(vendor)
    found = folder.run("contract", *arguments)
    return found.code, found.out, found.err


def test_a_vendors_own_file_is_known_by_its_columns(own: Folder) -> None:
    (own.path / "wellspent.toml").write_text(FIN)
    taken(own, f"215473840001,conversation_solved,settled,{NOW},r1,1")
    (own.path / "fin.csv").write_text(INTERCOM_CSV)
    code, out, err = told(own, "bill", "support", "fin.csv")
    assert code == 3
    assert "2 billed ($1.00), 1 settled ($0.50), 0 confirmed ($0.00); 1 disputed ($0.50)" in err
    assert "not charged: 1 Fin gave no answer, 1 not resolved, by Fin's own record" in err
    assert "none of our sources knows it  fin=assumed_resolution" in out
    code, out, err = told(own, "bill", "support", "fin.csv", "--month", MONTH)
    assert "2 billed ($0.00)" in err  # both are among the 50 included
    assert "a month's fee of $49.00 is beside that" in err
    code, out, _ = told(own, "bill", "support", "fin.csv", "--json", "--vendor", "intercom")
    assert (code, json.loads(out)["format"], json.loads(out)["left_out"]["Fin gave no answer"]) == (3, "intercom", 1)
    assert "has not the fields of zendesk" in told(own, "bill", "support", "fin.csv", "--vendor", "zendesk")[2]


def test_a_bill_in_units_of_the_vendors_own(own: Folder) -> None:
    """ServiceNow's own cases, from its Table API, against its assists."""
    (own.path / "wellspent.toml").write_text(FIN)
    (own.path / "cases.json").write_text(json.dumps(SERVICENOW))
    assert "1 taken, 0 known" in own.run("outcomes", "import", "cases.json", "--source", "servicenow").err
    assert "no JSON of 'desk' is understood" in own.run("outcomes", "import", "cases.json", "--source", "desk").err
    assert "cannot be read" in own.run("outcomes", "import", "none.json", "--source", "servicenow").err
    (own.path / "usage.csv").write_text(SERVICENOW_CSV)
    code, _, err = told(own, "bill", "support", "usage.csv")
    assert (code, "say what one costs: unit_usd" in err) == (2, True)
    code, out, err = told(own, "bill", "support", "usage.csv", vendor=FIN.replace('name = "Fin"', 'name = "Now Assist", unit_usd = "0.02"'))
    assert "2 billed ($1.02), 1 settled ($0.52)" in err
    assert "assists=25" in out
    code, _, err = told(own, "bill", "support", "usage.csv", vendor='[[contract]]\nname = "support"\nkind = "conversation_solved"\n')
    assert code == 2


def test_a_line_without_an_amount_needs_a_price(own: Folder) -> None:
    (own.path / "bill.csv").write_text("outcome\none\n")
    code, _, err = told(own, "bill", "support", "bill.csv", vendor='[[contract]]\nname = "support"\nkind = "conversation_solved"\n')
    assert (code, "lines without an amount" in err) == (2, True)


def test_by_tokens_or_by_outcome(own: Folder) -> None:
    (own.path / "wellspent.toml").write_text(FIN)
    taken(own, f"one,conversation_solved,settled,{NOW},r1,4", f"two,conversation_solved,reversed,{NOW},,1")
    code, out, err = told(own, "compare", "support")
    assert code == 0, err
    assert "by tokens $1.75 each, by outcome $12.25 each; by outcome would be cheaper from" in err
    assert "over the part of a month: 4 settled, 0 pending" in err
    assert "not whole" in out
    found = json.loads(told(own, "compare", "support", "--json")[1])
    assert (found["tokens_nanousd"], found["outcome_nanousd"], found["cheaper"], found["months_counted"]) == (7 * NANO, 49 * NANO, "tokens", 1)
    assert found["months"][0]["period"] == MONTH
    rows = told(own, "compare", "support", "--csv")[1].splitlines()
    assert rows[0].startswith("period,settled,pending,reversed,spent_nanousd")
    assert rows[1].startswith(f"{MONTH},4,0,0,5000000000,5.000000000,7000000000")


def test_what_cannot_be_compared_is_told(own: Folder) -> None:
    assert "nothing was spent and nothing settled" in told(own, "compare", "support", "--since", "2020-01", "--until", "2020-02")[2]
    assert "is not after --since" in told(own, "compare", "support", "--since", "2020-03", "--until", "2020-02")[2]
    assert "use one of support" in told(own, "compare", "sales")[2]
    (own.path / "wellspent.toml").write_text(FIN)
    taken(own, f"one,conversation_solved,settled,{NOW},,4")
    code, out, err = told(own, "compare", "support")
    assert (code, "so what it costs by tokens is unknown" in err, "unknown" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("stretches", "said"),
    [
        ((Stretch(1, "outcome"), Stretch(412, "tokens")), "by outcome would be cheaper below 412 a month"),
        ((Stretch(1, "outcome"), Stretch(411, "same"), Stretch(412, "tokens")), "by outcome would be cheaper below 411 a month"),
        ((Stretch(1, "tokens"), Stretch(1412, "outcome")), "by outcome would be cheaper from 1,412 a month on"),
        (
            (Stretch(1, "outcome"), Stretch(9, "tokens"), Stretch(20, "outcome"), Stretch(30, "tokens")),
            "by outcome would be cheaper below 9 a month and from 20 to 29 a month",
        ),
        ((Stretch(1, "outcome"),), "by outcome would be cheaper at any number a month"),
        ((Stretch(1, "tokens"),), "by tokens would be no dearer at any number a month"),
    ],
)
def test_where_it_turns_in_words(stretches: tuple[Stretch, ...], said: str) -> None:
    assert turns(stretches) == said


def test_a_file_that_is_corrected_is_taken_and_one_of_the_future_is_not(own: Folder) -> None:
    """Exported again with what was missing, it repairs the outcome; a reversal of the year 2199 would undo today."""
    head, first = "outcome,kind,occurred_at,state,run\n", "L,lead,2026-01-20,settled,"
    for line, says in ((first, "1 taken, 0 known"), (f"{first}r1", "1 taken, 0 known"), (first, "0 taken, 1 known")):
        (own.path / "leads.csv").write_text(f"{head}{line}\n")
        assert says in own.run("outcomes", "import", "leads.csv", "--source", "crm").err
    (own.path / "leads.csv").write_text(f"{head}M,lead,2026-01-20,settled,\nL,lead,2198-01-20,reversed,\n")
    refused = own.run("outcomes", "import", "leads.csv", "--source", "crm")
    assert refused.code == 2
    assert "L of crm is reversed at 2198-01-20T00:00:00+00:00, more than 24 hours from now" in refused.err
    (found,) = json.loads(own.run("outcomes", "list", "--json").out)
    assert (found["outcome"], found["state"], found["links"]) == ("L", "settled", ["run=r1"])
