"""``make bench-quality``: every method on every task, as tables on the screen and in the docs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from benchmarks.quality.asking import ask_twins, methods_named, questions_of, task_list
from benchmarks.quality.cells import Cells
from benchmarks.quality.honesty import honesty
from benchmarks.quality.honesty_tables import honesty_tables
from benchmarks.quality.kept import keep_peers
from benchmarks.quality.own_log import own_log
from benchmarks.quality.pictures import draw, draw_honesty
from benchmarks.quality.report import write_honesty, write_page
from benchmarks.quality.results import results, write_results
from benchmarks.quality.runner import ask_all
from benchmarks.quality.sources import DATA_VARIABLE, data_folder
from benchmarks.quality.tables import show

BUILD = Path("build/quality")
RESULTS = Path(__file__).parent / "results"

console = Console(highlight=False)


def main() -> int:
    """Ask, compare, print, write; what was asked before is not asked again."""
    chosen = _parser().parse_args()
    if chosen.log:
        columns = {name: getattr(chosen, name) for name in ("user", "time", "event", "amount")}
        log = own_log(chosen.log, console, **columns)
        logs, tasks = {log.name: log}, task_list(log, chosen)
    else:
        logs, tasks = {}, task_list(None, chosen)
    methods = methods_named(chosen.methods)
    questions, missing = questions_of(tasks, logs, data_folder(chosen.data), chosen.build)
    for reason in missing:
        console.print(f"[yellow]Left out: {reason}.")
    if not questions:
        return 1
    cells = Cells(chosen.build / "cells", RESULTS / "cells")
    asked = ask_all(questions, methods, cells, console, known=chosen.known)
    document = results(asked, methods)
    show(document, console)
    page = chosen.docs / "benchmarks.md" if chosen.docs else None
    if page:
        keep_peers(asked, methods, RESULTS / "cells")
        write_results(document, RESULTS / "methods.json")
        write_page(document, page, draw(document, page.parent / "images"))
    if chosen.twins:
        twins = ask_twins(chosen.twins, chosen.build, console, known=chosen.known)
        found = honesty([*asked, *twins])
        console.print(honesty_tables(found))
        if page:
            write_results(found, RESULTS / "honesty.json")
            write_honesty(found, page, draw_honesty(found, page.parent / "images"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--tasks", help="names or beginnings of names, by commas; default: all")
    parser.add_argument(
        "--methods",
        default="quick",
        help="names by commas, or quick (all that run here), or all (peers too); default: quick",
    )
    parser.add_argument(
        "--known", action="store_true", help="ask nobody; report the answers that there are"
    )
    parser.add_argument("--cutoffs", type=int, help="only the newest so many of each task")
    parser.add_argument(
        "--data", type=Path, help=f"folder of public logs; default: {DATA_VARIABLE}"
    )
    parser.add_argument("--build", type=Path, default=BUILD, help="where answers are kept")
    parser.add_argument(
        "--twins", type=int, default=0, help="made-up shops to test the suite's own figures on"
    )
    parser.add_argument(
        "--docs",
        type=Path,
        help="the folder of benchmarks.md, whose tables and pictures are to be written anew",
    )
    own = parser.add_argument_group("a log of your own, in place of the list")
    own.add_argument("--log", type=Path, help="a CSV, Parquet or JSON Lines file of events")
    own.add_argument("--user", default="user_id", help="column of the user's id")
    own.add_argument("--time", default="time", help="column of the time")
    own.add_argument("--event", help="column of the event's name; without, all rows are alike")
    own.add_argument("--amount", help="column of money")
    own.add_argument("--outcome", default="*", help="event that is predicted; default: any")
    own.add_argument("--windows", default="30,90", help="days, by commas")
    return parser


if __name__ == "__main__":
    sys.exit(main())
