"""Params and tags of runs."""


def record(recorder):
    def param(s, key, value="1", **rest):
        return s.post("runs/log-parameter", {"run_id": "${run}", "key": key, "value": value}, **rest)

    def tag(s, key, value="1", **rest):
        return s.post("runs/set-tag", {"run_id": "${run}", "key": key, "value": value}, **rest)

    with recorder.scenario("a param is written once") as s:
        s.experiment()
        s.run()
        param(s, "lr", "0.1")
        param(s, "lr", "0.1")
        param(s, "lr", "0.2", status=400)
        param(s, "quoted", "it's")
        param(s, "quoted", 'it is "so"', status=400)
        param(s, "LR", "0.3")
        s.post("runs/log-parameter", {"run_uuid": "${run}", "key": "by run_uuid", "value": "x"})
        s.read_run()

    with recorder.scenario("a param without a value is empty") as s:
        s.experiment()
        s.run()
        s.post("runs/log-parameter", {"run_id": "${run}", "key": "absent"})
        s.post("runs/log-parameter", {"run_id": "${run}", "key": "null", "value": None})
        param(s, "empty", "")
        param(s, "empty", "x", status=400)
        s.read_run()

    with recorder.scenario("limits of params") as s:
        s.experiment()
        s.run()
        param(s, "k" * 250)
        param(s, "k" * 251, status=400)
        param(s, "edge", "é" * 6000)
        param(s, "past", "v" * 6001)
        for key in ["a#b", "../a", "/a", "a//b", ".", "a\nb", "", 5]:
            param(s, key, status=400)
        for key in ["a.b", "a/b", "a:b", "a b", "ключ"]:
            param(s, key)
        for value in [5, 1.5, True, ["a"]]:
            param(s, "typed", value, status=400)
        s.read_run()

    with recorder.scenario("a long param is the same again after it was cut") as s:
        s.experiment()
        s.run()
        param(s, "p", "v" * 6100)
        param(s, "p", "v" * 6100)
        param(s, "p", "v" * 6000)
        param(s, "p", "v" * 5999, status=400)

    with recorder.scenario("a tag is replaced and deleted") as s:
        s.experiment()
        s.run()
        tag(s, "t", "1")
        tag(s, "t", "2")
        s.post("runs/set-tag", {"run_uuid": "${run}", "key": "by run_uuid", "value": "x"})
        s.post("runs/set-tag", {"run_id": "${run}", "key": "absent"})
        tag(s, "empty", "")
        s.read_run()
        s.post("runs/delete-tag", {"run_id": "${run}", "key": "t"})
        s.read_run()
        s.post("runs/delete-tag", {"run_id": "${run}", "key": "t"}, status=404)

    with recorder.scenario("limits of run tags") as s:
        s.experiment()
        s.run()
        tag(s, "k" * 250)
        tag(s, "k" * 251, status=400)
        tag(s, "edge", "é" * 8000)
        tag(s, "past", "v" * 8001)
        for key in ["a#b", "../a", "/a", "a//b", ".", "a\nb", "", 5]:
            tag(s, key, status=400)
        for key in ["a.b", "a/b", "a:b", "a b", "ключ", "mlflow.note.content"]:
            tag(s, key)
        for value in [5, True, {"a": "b"}]:
            tag(s, "typed", value, status=400)
        s.read_run()

    with recorder.scenario("values are kept exactly") as s:
        s.experiment()
        s.run()
        for index, value in enumerate(
            [" lead and trail ", "line\nbreak\r\n", "\t", "\"'`\\", "<script>", "\u200b\u202e", "e\u0301", "💥"]
        ):
            param(s, f"p{index}", value)
            tag(s, f"t{index}", value)
        s.read_run()
