"""python -m differential --seed 7 --until 123: plays a seed again, or many of them."""

import argparse
import json
import os
import sys
import tempfile
import time

from differential import rules
from differential.generator import Generator
from differential.play import Player, show
from differential.servers import both


def main():
    arguments = argparse.ArgumentParser(prog="python -m differential", description=__doc__)
    arguments.add_argument("--seed", type=int, action="append", help="may be given several times; 1 unless given")
    arguments.add_argument("--until", type=int, help="the index of the last request")
    arguments.add_argument("--count", type=int, default=2000, help="requests per seed, unless --until is given")
    arguments.add_argument("--backend", choices=["sqlite", "postgres"], default="sqlite")
    arguments.add_argument("--shrink-seconds", type=float, default=20)
    arguments.add_argument("--most", type=int, default=12, help="a seed ends after so many differences")
    arguments.add_argument("--show", action="store_true", help="prints the requests and sends nothing")
    options = arguments.parse_args()
    seeds = options.seed or [1]
    count = options.count if options.until is None else options.until + 1
    if options.show:
        for seed in seeds:
            for index, step in zip(range(count), Generator(seed).requests()):
                print(index, show(step))
        return
    os.environ.setdefault("OXFLOW_PY_317", sys.executable)
    if missing := rules.undocumented():
        sys.exit(f"docs/differences.md has no row for {', '.join(missing)}")
    failed = 0
    with tempfile.TemporaryDirectory() as folder, both(folder, options.backend) as (mlflow, oxflow):
        player = Player(mlflow, oxflow)
        for seed in seeds:
            began = time.monotonic()
            failures = player.play(seed, count, options.most, shrink_seconds=options.shrink_seconds)
            for failure in failures:
                print(failure, "\n", flush=True)
            failed += len(failures)
            print(f"seed {seed}: {len(failures)} differences, {time.monotonic() - began:.0f} s", flush=True)
        print(report(player))
    sys.exit(1 if failed else 0)


def report(player):
    lines = [f"{player.sent} requests were sent; MLflow answered {json.dumps(dict(sorted(player.statuses.items())))}"]
    for slug, times in sorted(player.used.items(), key=lambda item: -item[1]):
        lines.append(f"allowed: {slug} {times}")
    unused = sorted(set(rules.RULES) - set(player.used))
    if unused:
        lines.append(f"not needed: {', '.join(unused)}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
