"""experiments/search. Every filter names the scenario's own experiments, so that others never show."""

from record import Difference, query, refused


def record(recorder):
    with recorder.scenario("max_results must be sent and is bounded") as s:
        s.post("experiments/search", {}, status=400)
        s.get("experiments/search", status=400)
        for value in [0, -1, 50001]:
            s.post("experiments/search", {"max_results": value}, status=400)
        s.get("experiments/search", query(max_results="50001"), status=400)
        s.get("experiments/search", query(max_results="x"), status=400)
        s.post("experiments/search", {"max_results": 50000, "filter": "name = 'no such experiment'"})
        s.get("experiments/search", query(max_results=50000, filter="name = 'no such experiment'"))

    with recorder.scenario("filters on the name") as s:
        for name in ["apple pie", "Apple tart", "banana_split", "100% rye"]:
            s.experiment(f"food {name}", capture=name.split()[0].strip("%").replace("100", "rye"))
        find = lambda text, **rest: s.post(
            "experiments/search", {"max_results": 10, "filter": text, "order_by": ["name"]}, **rest
        )
        find("name = 'food apple pie'")
        find('name = "food apple pie"')
        find("attribute.name = 'food apple pie'")
        find("name LIKE 'food a%'")
        find("name ILIKE 'food a%'")
        find("name ILIKE 'FOOD %RY_'")
        find("name LIKE 'food %' AND name != 'food apple pie'")
        find("name LIKE 'food %' and name != 'food apple pie'")
        find("name LIKE 'food banana_split'")
        find("name LIKE 'food ______plit'")
        find("name LIKE 'food 100%%'")
        find("name = 'food apple'")
        find("name LIKE 'food %' AND")
        find("`name` = 'food apple pie'")
        find("name='food apple pie'")

    with recorder.scenario("filters on ids and times") as s:
        s.experiment(s.slug + " a", capture="a")
        s.experiment(s.slug + " b", capture="b")
        find = lambda text, **rest: s.post(
            "experiments/search", {"max_results": 10, "filter": text, "order_by": ["name"]}, **rest
        )
        find("experiment_id = '${a}'")
        find("experiment_id IN ('${a}', '${b}')")
        find("experiment_id IN ('${a}',)")
        find(f"name LIKE '{s.slug}%' AND experiment_id != '${{a}}'")
        find(f"name LIKE '{s.slug}%' AND experiment_id NOT IN ('${{b}}')")
        find(f"name LIKE '{s.slug}%' AND creation_time > 0")
        find(f"name LIKE '{s.slug}%' AND creation_time <= 5")
        find(f"name LIKE '{s.slug}%' AND last_update_time >= 1600000000000 AND creation_time != 7")
        find(f"name LIKE '{s.slug}%' AND creation_time < 1600000000000")
        find(f"name LIKE '{s.slug}%' AND creation_time = 5")

    with recorder.scenario("filters on tags") as s:
        s.experiment(
            "tagged one", capture="one", tags=[{"key": "team", "value": "Blue"}, {"key": "my tag", "value": "it's"}]
        )
        s.experiment("tagged two", capture="two", tags=[{"key": "team", "value": "red"}, {"key": "a.b", "value": "2"}])
        s.experiment("tagged three", capture="three")
        find = lambda text, **rest: s.post(
            "experiments/search",
            {"max_results": 10, "filter": text + " AND name LIKE 'tagged %'", "order_by": ["name DESC"]},
            **rest,
        )
        find("tags.team = 'Blue'")
        find("tag.team = 'red'")
        find("tags.team != 'red'")
        find("tags.team LIKE 'bl%'")
        find("tags.team ILIKE 'bl%'")
        find('tags.`my tag` = "it\'s"')
        find("tags.\"my tag\" LIKE 'it%'")
        find("tags.a.b = '2'")
        find("tags.team IS NULL")
        find("tags.team IS NOT NULL")
        find("tags.team = 'red' AND tags.a.b = '2'")
        find("tags.team = 'red' AND tags.a.b = '3'")
        find("tags.nothing = 'x'")

    with recorder.scenario("filters that are refused") as s:
        for text in [
            "name = 'a' OR name = 'b'",
            "NOT name = 'a'",
            "(name = 'a')",
            "nonsense = 'a'",
            "attributes.name = 'a'",
            "foo.name = 'a'",
            "name = a",
            "name = 5",
            "name > 'a'",
            "name IN ('a')",
            "name == 'a'",
            "name <> 'a'",
            "name",
            "name =",
            "'a' = name",
            "= 'a'",
            "name = 'a'; name = 'b'",
            "name = 'a' -- comment",
            "name BETWEEN 'a' AND 'b'",
            "name IS NULL",
            "creation_time = '5'",
            "creation_time = 1.5",
            "creation_time LIKE '5'",
            "experiment_id = 5",
            "experiment_id > '5'",
            "experiment_id LIKE '5'",
            "experiment_id IN ()",
            "experiment_id IN (1)",
            "experiment_id IN 'a'",
            "tags.a = 5",
            "tags.a > 'b'",
            "tags.a IN ('b')",
            "name = 'unclosed",
        ]:
            s.post("experiments/search", {"max_results": 10, "filter": text}, status=400)

    with recorder.scenario("filters that MLflow reads in its own way") as s:
        find = lambda text, **rest: s.post("experiments/search", {"max_results": 10, "filter": text}, **rest)
        find("name = 'a' name = 'b'")
        find("tags. = 'b'")

    with recorder.scenario("lower-case like is refused here although other searches take it") as s:
        s.post(
            "experiments/search",
            {"max_results": 10, "filter": f"name like '{s.slug}%'"},
            status=400,
            oxflow=Difference("experiment-filter-case", 200, {}),
        )

    with recorder.scenario("orders") as s:
        s.experiment("order b", capture="b")
        s.experiment("order a", capture="a")
        s.experiment("order c", capture="c")
        s.post("experiments/set-experiment-tag", {"experiment_id": "${b}", "key": "t", "value": "not an update"})
        s.post("experiments/update", {"experiment_id": "${a}", "new_name": "order aa"})
        find = lambda order, **rest: s.post(
            "experiments/search", {"max_results": 10, "filter": "name LIKE 'order %'", "order_by": order}, **rest
        )
        find([])
        find(["name"])
        find(["name ASC"])
        find(["name desc"])
        find(["NAME"], status=400)
        find(["attribute.name DESC"])
        find(["experiment_id"])
        find(["experiment_id DESC"])
        find(["creation_time ASC"])
        find(["creation_time DESC"])
        find(["last_update_time DESC"])
        find(["last_update_time", "name"])
        find(["`name` DESC"])
        for order in ["nonsense", "tags.t", "name sideways", "name ASC, experiment_id DESC", "", "name ASC NULLS LAST"]:
            find([order], status=400)
        find(["name", "name DESC"])

    with recorder.scenario("views") as s:
        s.experiment("view active", capture="active")
        s.experiment("view deleted", capture="deleted")
        s.post("experiments/delete", {"experiment_id": "${deleted}"})
        for view in [None, "ACTIVE_ONLY", "DELETED_ONLY", "ALL"]:
            body = {"max_results": 10, "filter": "name LIKE 'view %'", "order_by": ["name"]}
            s.post("experiments/search", {**body, **({"view_type": view} if view else {})})

    with recorder.scenario("pages") as s:
        for number in range(5):
            s.experiment(f"page {number}", capture=f"e{number}")
        body = {"max_results": 2, "filter": "name LIKE 'page %'", "order_by": ["name"]}
        s.post("experiments/search", body, capture={"second": "/next_page_token"})
        s.post("experiments/search", {**body, "page_token": "${second}"}, capture={"third": "/next_page_token"})
        s.post("experiments/search", {**body, "page_token": "${third}"})
        s.post("experiments/search", {**body, "max_results": 5})
        s.post("experiments/search", {**body, "max_results": 4, "page_token": "eyJvZmZzZXQiOiAxfQ=="})
        s.get("experiments/search", "max_results=3&filter=name%20LIKE%20'page%20%25'&order_by=name&page_token=${second}")
        s.post("experiments/search", {**body, "page_token": "!!"}, status=400, any=["/message"])
        s.post("experiments/search", {**body, "page_token": "e30="}, status=400)
        s.post("experiments/search", {**body, "page_token": ""}, capture={"again": "/next_page_token"})
