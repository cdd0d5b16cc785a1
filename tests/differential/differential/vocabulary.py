"""The words that requests are made of, and the filters and orders of searches."""

METRICS = ["loss", "acc", "val/loss", "m 1", "ünï"]
PARAMS = ["lr", "depth", "opt name", "a/b"]
TAGS = ["team", "kind", "note.x", "mlflow.note.content", "my tag"]
TEXTS = ["a", "b", "blue", "Blue", "10", "9", "", "two words", "ü", "it's", "100%", "under_score", "x" * 30]
NUMBERS = [0.0, 1.0, -1.5, 0.5, 3, 1e-9, 1e300, 0.1 + 0.2, -0.0, 2**40]
ODD_NUMBERS = ["NaN", "Infinity", "-Infinity", "1.5", "1e3"]
TIMES = [0, 1, 5, 1000, 1_700_000_000_000, 1_700_000_000_001]
STEPS = [-1, 0, 1, 2, 3, 10, 2**40]
STATUSES = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
STAGES = ["None", "Staging", "Production", "Archived"]
SOURCES = ["s3://bucket/a", "s3://bucket/B", "gs://bucket/a", "dbfs:/a"]
# Letters of many scripts, and others that software trips over.
ODD_TEXTS = ["日本語", "🙂", "a\u0301", "\u200b", "\u202eabc", "ß", "İ", "a\tb", "a\nb", "\\", "'", '"', "`", "<b>", "${x}", "%s", "a;b"]

STRING_OPERATORS = ["=", "!=", "LIKE", "ILIKE", "like", "ilike"]
NUMBER_OPERATORS = ["=", "!=", "<", "<=", ">", ">="]
PATTERNS = ["%", "b%", "%e", "_", "%l%", "B%", "", "1_", "%\\%%"]
JUNK = ["OR", "NOT", "(", ")", ";", "--", "/*", "IN", "BETWEEN", "IS", "NULL", "''", '"', "`", "5", "==", "<>", ",", "AND", "x", "'", "LIKE", "1.5", "\\"]


def quoted(text):
    """A text in a filter: nothing can be escaped, so the other quotes are taken."""
    return f'"{text}"' if "'" in text else f"'{text}'"


class Grammar:
    def __init__(self, rng):
        self.rng = rng

    def key(self, name):
        """A key as it may stand in a filter."""
        if all(character.isalnum() or character == "." for character in name) and name.isascii() and self.rng.random() < 0.6:
            return name
        return self.rng.choice(["`{}`", '"{}"']).format(name)

    def string(self, left, texts, null=False):
        choose = self.rng.choice
        if null and self.rng.random() < 0.15:
            return f"{left} {choose(['IS NULL', 'IS NOT NULL', 'is null'])}"
        operator = choose(STRING_OPERATORS)
        value = choose(PATTERNS if "ike" in operator.lower() and self.rng.random() < 0.6 else texts)
        return f"{left} {operator} {quoted(value)}"

    def number(self, left, values):
        return f"{left} {self.rng.choice(NUMBER_OPERATORS)} {self.rng.choice(values)}"

    def of_list(self, left, values):
        chosen = self.rng.sample(values, min(len(values), self.rng.randint(1, 3)))
        return f"{left} {self.rng.choice(['IN', 'NOT IN', 'in'])} ({', '.join(quoted(value) for value in chosen)})"

    def tag(self, prefixes=("tags", "tag"), null=True):
        return self.string(f"{self.rng.choice(prefixes)}.{self.key(self.rng.choice(TAGS))}", TEXTS, null)

    def conjunction(self, clause, most=3):
        clauses = [clause() for _ in range(self.rng.randint(1, most))]
        return self.rng.choice([" AND ", " and ", "  AND "]).join(clauses)

    # --- the five grammars ------------------------------------------------------------------------------------------
    def runs(self, run_ids, names):
        def clause():
            kind = self.rng.randrange(9)
            key = self.rng.choice
            if kind == 0:
                return self.number(f"{key(['metrics', 'metric'])}.{self.key(key(METRICS))}", ["0", "0.5", "-1.5", "3", "1e300"])
            if kind == 1:
                left = f"{key(['params', 'param', 'parameter', 'parameters'])}.{self.key(key(PARAMS))}"
                return self.string(left, TEXTS, null=True)
            if kind == 2:
                return self.tag()
            if kind == 3:
                return self.string(key(["status", "attributes.status", "run.status", "attr.status"]), STATUSES)
            if kind == 4:
                return self.number(key(["start_time", "attributes.end_time", "created", "end_time"]), ["0", "5", "1700000000100"])
            if kind == 5 and run_ids:
                return self.of_list(key(["run_id", "attribute.run_id"]), run_ids)
            if kind == 6:
                return self.string(key(["run_name", "attributes.run_name", "`run name`", "attributes.`Run name`"]), names or ["x"])
            if kind == 7:
                return self.string(key(["user_id", "attributes.user_id"]), ["", "me", "%"])
            left = f"{key(['datasets', 'dataset'])}.{key(['name', 'digest', 'context'])}"
            return key([self.string, self.of_list])(left, ["d1", "d2", "train", "x1"])

        return self.conjunction(clause)

    def runs_order(self):
        choose = self.rng.choice
        keys = [
            f"metrics.{self.key(choose(METRICS))}",
            f"params.{self.key(choose(PARAMS))}",
            f"tags.{self.key(choose(TAGS))}",
            choose(["start_time", "attributes.start_time", "end_time", "status", "run_name", "`Run Name`", "created", "user_id"]),
        ]
        return [f"{key}{choose(['', ' ASC', ' DESC', ' desc'])}" for key in self.rng.sample(keys, self.rng.randint(0, 2))]

    def experiments(self, names, ids):
        def clause():
            kind = self.rng.randrange(5)
            if kind == 0:
                return self.string(self.rng.choice(["name", "attribute.name"]), names or ["x"])
            if kind == 1:
                return self.number(self.rng.choice(["creation_time", "last_update_time"]), ["0", "5", "9999999999999"])
            if kind == 2 and ids:
                return self.of_list("experiment_id", ids)
            return self.tag(null=self.rng.random() < 0.5)

        return self.conjunction(clause, 2)

    def experiments_order(self):
        keys = self.rng.sample(["name", "experiment_id", "creation_time", "last_update_time"], self.rng.randint(0, 2))
        return [f"{key}{self.rng.choice(['', ' ASC', ' DESC'])}" for key in keys]

    def models(self, names):
        """Logged models."""
        choose = self.rng.choice

        def clause():
            kind = self.rng.randrange(5)
            if kind == 0:
                left = choose(["name", "attributes.name", "model_type"])
                return choose([self.string, self.of_list])(left, names + ["agent", ""])
            if kind == 1:
                return self.number(choose(["creation_timestamp", "last_updated_time", "status"]), ["0", "1", "2"])
            if kind == 2:
                return self.number(f"metrics.{self.key(choose(METRICS))}", ["0", "0.5", "3"])
            if kind == 3:
                return choose([self.string, self.of_list])(f"params.{self.key(choose(PARAMS))}", TEXTS[:5])
            return choose([self.string, self.of_list])(f"tags.{self.key(choose(TAGS))}", TEXTS[:5])

        return self.conjunction(clause, 2)

    def registered_models(self, names):
        def clause():
            kind = self.rng.randrange(3)
            if kind == 0:
                return self.rng.choice([self.string, self.of_list])(self.rng.choice(["name", "attribute.name"]), names)
            return self.tag(null=False)

        return self.conjunction(clause, 2)

    def versions(self, names, run_ids):
        def clause():
            kind = self.rng.randrange(5)
            if kind == 0:
                return self.rng.choice([self.string, self.of_list])("name", names)
            if kind == 1:
                # The ids are random: no pattern matches the same ones on both servers.
                ids = run_ids + ["", "0" * 32]
                if self.rng.random() < 0.5:
                    return f"run_id {self.rng.choice(['=', '!='])} {quoted(self.rng.choice(ids))}"
                return self.of_list("run_id", ids)
            if kind == 2:
                return self.number("version_number", ["1", "2", "'2'", "0"])
            if kind == 3:
                # A source may hold a random id.
                patterns = SOURCES + ["s3:%", "S3:%", "models:%", "nothing"]
                return f"source_path {self.rng.choice(STRING_OPERATORS)} {quoted(self.rng.choice(patterns))}"
            return self.tag(null=False)

        return self.conjunction(clause, 2)

    def broken(self, text):
        """A filter with one or two mistakes."""
        words = text.split(" ")
        for _ in range(self.rng.randint(1, 2)):
            at = self.rng.randrange(len(words) + 1)
            kind = self.rng.randrange(4)
            if kind == 0 and at < len(words):
                del words[at]
            elif kind == 1 and at < len(words):
                words[at] = self.rng.choice(JUNK)
            elif kind == 2 and at < len(words) and words[at]:
                cut = self.rng.randrange(len(words[at]))
                words[at] = words[at][:cut] + words[at][cut + 1 :]
            else:
                words.insert(at, self.rng.choice(JUNK))
        return " ".join(words)
