#!/usr/bin/env python3
"""Batch scoring: a registered model as a function of Spark, compared with the model's own predictions.

Needs PySpark and Java. Spark runs in this process, with two workers.
"""

import os
import sys
import uuid
import warnings

warnings.filterwarnings("ignore")
# The workers shall be of this environment too.
os.environ["PYSPARK_PYTHON"] = sys.executable

import mlflow
import numpy as np
import pandas as pd
from mlflow.tracking import MlflowClient
from pyspark.sql import SparkSession
from pyspark.sql.functions import struct
from sklearn.linear_model import LinearRegression

ROWS = 1000


def registered_versions(table):
    """A model with two versions that differ; the first has an alias."""
    client = MlflowClient()
    name = f"batch {uuid.uuid4().hex[:8]}"
    mlflow.set_experiment(name)
    models = [LinearRegression().fit(table, table["a"] * slope + table["b"]) for slope in (2, 3)]
    for model in models:
        with mlflow.start_run():
            mlflow.sklearn.log_model(
                model,
                artifact_path="model",
                signature=mlflow.models.infer_signature(table, model.predict(table)),
                serialization_format="cloudpickle",
                pip_requirements=["scikit-learn"],
                registered_model_name=name,
            )
    client.set_registered_model_alias(name, "champion", "1")
    return {
        f"models:/{name}/1": models[0],
        f"models:/{name}/2": models[1],
        f"models:/{name}@champion": models[0],
    }


def main():
    table = pd.DataFrame({"a": np.arange(ROWS, dtype=float), "b": np.sin(np.arange(ROWS))})
    versions = registered_versions(table)
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    frame = spark.createDataFrame(table).repartition(4)
    for uri, model in versions.items():
        score = mlflow.pyfunc.spark_udf(spark, uri, result_type="double", env_manager="local")
        scored = frame.withColumn("score", score(struct("a", "b"))).toPandas()
        assert len(scored) == ROWS
        assert np.allclose(scored["score"], model.predict(scored[["a", "b"]])), uri
        print(f"client {mlflow.__version__}: Spark scored {ROWS} rows with {uri.split(' ')[1]}", flush=True)
    spark.stop()


if __name__ == "__main__":
    main()
