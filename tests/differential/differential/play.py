"""Plays a sequence against both servers, and shortens one that shows a difference."""

import concurrent.futures
import json
import re
import time

from differential import rules
from differential.answers import differences
from differential.generator import Generator

READING = ("GET", "HEAD", "OPTIONS")


class Failure:
    def __init__(self, seed, index, step, found, mlflow, oxflow, requests):
        self.seed, self.index, self.step, self.found = seed, index, step, found
        self.mlflow, self.oxflow, self.requests = mlflow, oxflow, requests

    def key(self):
        """What a shorter sequence must show, too."""
        path = re.sub(r"\$\{\w+\}", "…", self.step["path"]).replace("ajax-api", "api")
        return (self.step["method"], path, self.mlflow.status, self.oxflow.status, self.found[0].split(":")[0])

    def __str__(self):
        lines = [f"seed {self.seed}, request {self.index}", f"  {show(self.step)}"]
        lines += [f"  - {line}" for line in self.found[:8]]
        lines += [f"  mlflow: {str(self.mlflow)[:400]}", f"  oxflow: {str(self.oxflow)[:400]}"]
        if self.requests:
            lines.append(f"  {len(self.requests)} requests are enough to show it:")
            lines += [f"    {show(step)}" for step in self.requests]
        lines.append(f"  again: python -m differential --seed {self.seed} --until {self.index}")
        return "\n".join(lines)


def show(step):
    parts = [step["method"], step["path"]]
    if step.get("query"):
        parts.append("?" + "&".join(f"{key}={value}" for key, value in step["query"]))
    for member in ("json", "text", "headers"):
        if member in step:
            parts.append(json.dumps(step[member], ensure_ascii=False)[:1500])
    if step.get("marks"):
        parts.append(f"({', '.join(step['marks'])})")
    return " ".join(parts)


class Player:
    def __init__(self, mlflow, oxflow):
        self.mlflow, self.oxflow = mlflow, oxflow
        self.pool = concurrent.futures.ThreadPoolExecutor(1)
        self.replays = 0
        self.used = {}
        self.sent = 0
        self.statuses = {}
        self.answered = 0

    def play(self, seed, count, most=12, shrink_seconds=20):
        """Sends `count` requests; returns the failures, one of each kind, up to a number of them."""
        self.begin(f"s{seed}")
        steps, failures, seen = [], [], set()
        for index, step in enumerate(Generator(seed).requests()):
            if index >= count:
                break
            steps.append(step)
            failure = self.step(seed, index, step)
            if failure is None:
                continue
            if failure.key() in seen:
                continue
            seen.add(failure.key())
            failures.append(failure)
            if len(failures) >= most:
                break
        for failure in failures[:3]:
            if shrink_seconds:
                failure.requests = self.shrink(failure, steps[: failure.index + 1], shrink_seconds)
        return failures

    def begin(self, salt):
        self.tainted = set()
        for side in (self.mlflow, self.oxflow):
            side.forget(salt)

    def step(self, seed, index, step, count=True):
        """Sends one request to both; a Failure if the answers differ and no rule allows it."""
        if step.get("group") in self.tainted or not (self.mlflow.knows(step) and self.oxflow.knows(step)):
            return None
        of_oxflow = self.pool.submit(self.oxflow.send, step)
        mlflow = self.mlflow.send(step)
        oxflow = of_oxflow.result()
        if count:
            self.sent += 1
            self.statuses[mlflow.status] = self.statuses.get(mlflow.status, 0) + 1
        found = differences(mlflow, oxflow, step["method"])
        if not found:
            return None
        slug = rules.allowed_by(step, mlflow, oxflow)
        if slug is None:
            self.tainted.add(step.get("group", -1))
            return Failure(seed, index, step, found, mlflow, oxflow, [])
        if count:
            self.used[slug] = self.used.get(slug, 0) + 1
        if "group" in step:
            self.tainted.add(step["group"])
        elif step["method"] not in READING and (mlflow.status == 200) != (oxflow.status == 200) and "search" not in step["path"]:
            found.append(f"`{slug}` allows the answer, but now one server has stored what the other has not")
            return Failure(seed, index, step, found, mlflow, oxflow, [])
        return None

    def shows(self, failure, steps):
        """Does a sequence, on names of its own, end with the same failure?"""
        self.replays += 1
        self.begin(f"s{failure.seed}x{self.replays}")
        last = None
        for step in steps:
            last = self.step(failure.seed, failure.index, step, count=False)
        return last is not None and last.key() == failure.key()

    def shrink(self, failure, steps, seconds):
        """Leaves out what does not matter, half by half, until nothing more can go or the time is up."""
        deadline = time.monotonic() + seconds
        for shorter in (self.needed(steps), [step for step in steps[:-1] if is_writing(step)] + steps[-1:]):
            if self.shows(failure, shorter):
                steps = shorter
                break
        else:
            if not self.shows(failure, steps):
                return []
        size = len(steps) // 2
        while size >= 1 and time.monotonic() < deadline:
            start = 0
            while start < len(steps) - 1 and time.monotonic() < deadline:
                shorter = steps[:start] + steps[min(start + size, len(steps) - 1) :]
                if len(shorter) < len(steps) and self.shows(failure, shorter):
                    steps = shorter
                else:
                    start += size
            size //= 2
        return steps

    def needed(self, steps):
        """The last request, what makes the entities that it names, and what was written to those alone."""
        names = names_in(steps[-1])
        while True:
            kept = [step for step in steps[:-1] if is_writing(step) and (set(step.get("define", ())) & names or is_about(step, names))]
            more = names.union(*(names_in(step) for step in kept))
            if more == names:
                return kept + steps[-1:]
            names = more


def is_writing(step):
    return step["method"] not in READING and not step["path"].endswith("/search") and "group" not in step


def is_about(step, names):
    used = names_in(step)
    return bool(used) and used <= names


def names_in(step):
    return set(re.findall(r"\$\{(\w+)\}", json.dumps(step))) - {"salt"}
