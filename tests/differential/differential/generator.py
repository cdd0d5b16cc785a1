"""Makes the requests of a seed.

A request is a dictionary: method, path, query (pairs), json or text or bytes, headers, and
  define   names for values of the answer; `${run3}` in a later request stands for the value of each server
  marks    words for the rules: what is wrong with the request
  group    a number: requests about an entity that nothing else looks at

What follows depends on the seed only, never on an answer. Requests that may be answered differently are sent to entities
of their own, made for the purpose, and read back afterwards; whatever they store, the rest of the sequence does not see it.
All others must leave both servers with the same state, errors included.
"""

from differential.requests import Writer
from differential.subjects.artifacts import Artifacts
from differential.subjects.experiments import Experiments
from differential.subjects.logged_models import LoggedModels
from differential.subjects.registry import Registry
from differential.subjects.runs import Runs
from differential.subjects.spoiled import Spoiled


class Generator(Experiments, Runs, LoggedModels, Registry, Spoiled, Artifacts, Writer):
    """`requests()` yields the sequence of a seed. Names begin with `${salt}`, so that a sequence can be sent again."""

    def requests(self):
        # Two experiments and a few runs, and the experiment that spoiled requests go to.
        yield self.post("experiments/create", {"name": "${salt} pit"}, define={"pit": "/experiment_id"})
        yield from self.create_experiment()
        yield from self.create_experiment()
        for _ in range(3):
            yield from self.create_run()
        units = self.units()
        names, weights = [unit for unit, _ in units], [weight for _, weight in units]
        while True:
            yield from self.rng.choices(names, weights)[0]()

    def units(self):
        """What a sequence is made of, and how often."""
        return [
            (self.create_experiment, 1.5),
            (self.change_experiment, 3),
            (self.read_experiment, 2),
            (self.search_experiments, 3),
            (self.create_run, 4),
            (self.nameless_run, 0.5),
            (self.change_run, 4),
            (self.read_run, 4),
            (self.search_runs, 8),
            (self.pages_of_runs, 1.5),
            (self.log, 14),
            (self.log_batch, 5),
            (self.history, 5),
            (self.inputs, 3),
            (self.search_datasets, 1),
            (self.create_model, 3),
            (self.change_model, 4),
            (self.read_model, 2),
            (self.search_models, 4),
            (self.artifacts, 6),
            (self.missing, 2),
            (self.broken_search, 5),
            (self.odds_and_ends, 1),
            (self.probe, 16),
            (self.create_registered, 2),
            (self.change_registered, 4),
            (self.create_version, 4),
            (self.change_version, 5),
            (self.read_registry, 5),
            (self.search_registry, 5),
            (self.probe_registry, 7),
        ]
