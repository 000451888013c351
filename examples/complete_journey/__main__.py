"""The whole main job on real retail data, with the commands that anybody would type.

Four weeks of the year are kept back: the models are trained and the households scored as of
4 December, and then the outcomes of the weeks after it are revealed beside what was expected.
``DEMO_SERVE=0`` ends after that instead of serving.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from examples.complete_journey.files import export

HERE = Path(__file__).parent
BUILD = Path("build/demo")
WORKSPACE = BUILD / "workspace"
AS_OF = "2017-12-04"
PREDICTIONS = ("churn-28d", "big-basket-7d")
DEFINITIONS = tuple(HERE / f"{name}.yaml" for name in PREDICTIONS)
PREDICTIVE = Path(sys.executable).with_name("predictive")
HOST, PORT = "127.0.0.1", "8000"

console = Console(highlight=False)


def main() -> None:
    """Run the demo."""
    began = time.monotonic()
    shutil.rmtree(BUILD, ignore_errors=True)
    say("1  The data: a year of baskets, campaigns, coupons and households")
    files = export(BUILD / "data")
    run("init")
    load(files.baskets, files.campaigns, files.redemptions, files.households)
    for file in DEFINITIONS:
        name = file.stem
        say(f"2  {name}: define, count, train as of {AS_OF}, score")
        console.print(file.read_text(encoding="utf-8"), style="dim")
        run("apply", str(file))
        run("estimate", name, "--as-of", AS_OF)
        run("train", name, "--as-of", AS_OF)
        run("score", name, "--as-of", AS_OF, "--out", str(BUILD / f"{name}.parquet"))
    say("3  Whom to write to: a threshold of 50 against 75, and the top 10 %")
    for name in PREDICTIONS:
        for choice in (("--min-score", "50"), ("--min-score", "75"), ("--top-share", "0.1")):
            run("simulate", name, *choice)
    say("4  What really happened in the weeks after")
    for name in PREDICTIONS:
        run("evaluate", name)
    say("5  Expected against actual")
    console.print(comparison([answer("evaluate", name) for name in PREDICTIONS]))
    console.print(f"All of this took {time.monotonic() - began:.0f} seconds.\n")
    serve()


def load(baskets: Path, campaigns: Path, redemptions: Path, households: Path) -> None:
    """Import the four files; basket lines become one order each."""
    run(
        *("import", "events", str(baskets), "--user", "household_id"),
        *("--time", "transaction_timestamp", "--event-name", "purchase"),
        *("--order", "basket_id", "--amount", "sales_value", "--quantity", "quantity"),
        *("--product", "product_id", "--properties", "none"),
    )
    run(
        *("import", "events", str(campaigns), "--user", "household_id", "--time", "start_date"),
        *("--event-name", "campaign_sent", "--properties", "campaign_type"),
    )
    run(
        *("import", "events", str(redemptions), "--user", "household_id"),
        *("--time", "redemption_date", "--event-name", "coupon_redeemed"),
        *("--properties", "none"),
    )
    run("import", "users", str(households), "--user", "household_id")


def serve() -> None:
    """Make a key and serve until Ctrl-C."""
    say("6  The service")
    key = answer("keys", "create", "demo", "--scope", "read", "--scope", "simulate")["secret"]
    url = f"http://{HOST}:{PORT}"
    header = f"-H 'Authorization: Bearer {key}'"
    for line in (
        f"curl {header} {url}/v1/predictions",
        f"curl {header} {url}/v1/predictions/churn-28d/scores/1",
        f"curl {header} '{url}/v1/predictions/churn-28d/scores?min_score=75&limit=5'",
    ):
        console.print(line, soft_wrap=True, style="green")
    if os.environ.get("DEMO_SERVE") == "0":
        return
    console.print(f"\nOpen {url} and sign in with this key, read and simulate are its scopes:\n")
    console.print(key, soft_wrap=True, style="bold green")
    console.print(f"\n{url}/docs is the page to try the API on. Ctrl-C ends it.\n")
    run("serve", "--host", HOST, "--port", PORT)


def comparison(evaluations: list[dict[str, Any]]) -> Table:
    """Expected and actual side by side."""
    table = Table(title=f"As of {AS_OF}: what the backtest promised, and what came true")
    for heading in ("prediction", "measure", "expected", "actual"):
        table.add_column(heading, justify="left" if heading == "prediction" else "right")
    for report in evaluations:
        expected, actual = report["expected"], report["actual"]
        quality = expected["quality"]
        table.add_row(
            report["prediction"],
            "Prediction Quality",
            f"{quality['value']:.0f} ({quality['low']:.0f} to {quality['high']:.0f})",
            f"{actual['quality']['value']:.0f}",
        )
        for row in report["true_positives"]:
            promised = row["expected"]
            table.add_row(
                "",
                f"hits among {row['reached']:,} at {row['threshold']:.0f} or more",
                f"{promised['value']:.0f} ({promised['low']:.0f} to {promised['high']:.0f})",
                f"{row['actual']:,}",
            )
    return table


def run(*arguments: str) -> None:
    """Run a command of the suite where everybody can see it."""
    console.print("$ predictive " + shlex.join(arguments), style="bold cyan", soft_wrap=True)
    finished = subprocess.run([PREDICTIVE, *arguments], env=environment(), check=False)
    if finished.returncode:
        sys.exit(finished.returncode)


def answer(*arguments: str) -> dict[str, Any]:
    """The JSON that a command gives to a program."""
    finished = subprocess.run(
        [PREDICTIVE, *arguments, "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    document: dict[str, Any] = json.loads(finished.stdout)
    return document


def environment() -> dict[str, str]:
    """The environment of every command: this one with the demo's workspace in it."""
    return os.environ | {"PREDICTIVE_WORKSPACE": str(WORKSPACE)}


def say(text: str) -> None:
    """Head a step."""
    console.rule(f"[bold]{text}", align="left")


if __name__ == "__main__":
    main()
