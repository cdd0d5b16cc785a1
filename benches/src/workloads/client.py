"""Logs metrics with the real client until told to stop, a line per call: its seconds.

    python client.py http://127.0.0.1:5000 SECONDS
"""

import sys
import time

from mlflow.tracking import MlflowClient

url, seconds = sys.argv[1], float(sys.argv[2])
client = MlflowClient(tracking_uri=url)
run = client.create_run("0").info.run_id
# The first call makes the connection.
client.log_metric(run, "loss", 1.0, timestamp=1_700_000_000_000, step=1)
print("ready", flush=True)
sys.stdin.readline()

took = []
step = 1
started = time.perf_counter()
cpu = time.process_time()
while time.perf_counter() - started < seconds:
    step += 1
    sent = time.perf_counter()
    client.log_metric(run, "loss", 1.0 / step, timestamp=1_700_000_000_000 + step, step=step)
    took.append(time.perf_counter() - sent)
print(time.perf_counter() - started, time.process_time() - cpu)
for one in took:
    print(one)
