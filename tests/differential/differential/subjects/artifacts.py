"""Artifacts through the proxy and of runs."""

from differential.requests import AJAX, FILES


class Artifacts:
    def artifacts(self):
        served = [name for name, run in self.runs.items() if self.experiments[run["exp"]]["served"]]
        if not served:
            return
        handle = self.rng.choice(served)
        run = self.runs[handle]
        root = "${%s}/${%s}/artifacts" % (run["exp"], handle)
        names = ["a.txt", "dir/b.json", "dir/sub/c", "MLmodel", "page.html", "with space.txt", "%C3%BC.bin", "empty", "dir/x+y.csv"]
        kind = self.rng.randrange(10)
        if kind <= 3:
            name = self.rng.choice(names)
            text = "" if name == "empty" else f"content of {self.fresh('file')}"
            run["files"].append(name)
            yield {"method": "PUT", "path": FILES + root + "/" + name, "text": text}
        elif kind == 4:
            query = [["run_uuid", "${%s}" % handle], ["path", self.rng.choice(["up.txt", "dir/up.bin"])]]
            yield {"method": "POST", "path": AJAX + "upload-artifact", "query": query, "text": self.rng.choice(["abc", "", "x" * 2000])}
        elif kind <= 6:
            query = [("run_id", "${%s}" % handle)]
            if self.rng.random() < 0.6:
                query.append(("path", self.rng.choice(["dir", "dir/sub", "", "nothing", "a.txt", "../x", "dir/"])))
            yield self.get("artifacts/list", query)
        elif kind == 7:
            yield {"method": "GET", "path": FILES.rstrip("/"), "query": [["path", root + self.rng.choice(["", "/dir", "/dir/sub", "/nothing", "/dir/"])]]}
        elif kind == 8:
            name = self.rng.choice(names + run["files"] * 3 + ["dir", "nothing"])
            if self.rng.random() < 0.5:
                yield {"method": "GET", "path": FILES + root + "/" + name}
            else:
                yield {"method": "GET", "path": "/get-artifact", "query": [["run_id", "${%s}" % handle], ["path", name.replace("%C3%BC", "ü")]]}
        else:
            yield {"method": "DELETE", "path": FILES + root + "/" + self.rng.choice(names + ["dir", "nothing"])}
