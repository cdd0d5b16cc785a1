"""Runs found again: filters, orders, pages."""

import concurrent.futures

import mlflow
from mlflow.entities import Metric, Param, RunTag

from everyday.common import client, new_experiment, refused, walk


def search():
    experiment = new_experiment("search")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        make = lambda number: client.create_run(experiment, start_time=1000 + number, run_name=f"r{number}").info.run_id
        made = list(pool.map(make, range(1005)))
        for number in range(0, 1005, 100):
            metrics = [Metric("loss", number / 10, 1, 0)]
            client.log_batch(made[number], metrics, [Param("parity", str(number % 200))], [RunTag("hundred", "yes")])
    pages = walk(lambda **rest: client.search_runs([experiment], max_results=400, **rest))
    walked, sizes = [run.info.run_id for page in pages for run in page], [len(page) for page in pages]
    assert walked == made[::-1] and sizes == [400, 400, 205], sizes
    assert len(client.search_runs([experiment])) == 1000
    frame = mlflow.search_runs([experiment], max_results=5000, order_by=["start_time ASC"])
    assert list(frame["run_id"]) == made
    numbers = lambda text, order=("metrics.loss ASC",): [
        int(run.info.run_name[1:]) for run in client.search_runs([experiment], text, order_by=list(order))
    ]
    assert numbers("metrics.loss > 50 AND params.parity = '0'") == [600, 800, 1000]
    assert numbers("tags.hundred = 'yes' AND metrics.loss <= 20", ["metrics.loss DESC"]) == [200, 100, 0]
    assert numbers("attributes.run_name LIKE 'r100%'", ["start_time DESC"]) == [1004, 1003, 1002, 1001, 1000, 100]
    assert numbers(f"attributes.run_id IN ('{made[3]}', '{made[5]}')", ["start_time ASC"]) == [3, 5]
    assert numbers("start_time < 1003", ["attributes.start_time ASC"]) == [0, 1, 2]
    assert len(client.search_runs([experiment], "", order_by=["metrics.loss DESC"], max_results=12)) == 12
    first = client.search_runs([experiment], "", order_by=["metrics.loss DESC"], max_results=12)
    assert [run.info.run_name for run in first][:3] == ["r1000", "r900", "r800"]
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "metrics.loss = 'a'")
    refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment], "nothing = 1")
