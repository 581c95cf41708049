"""Lectern's jobs as an Airflow DAG: ingest >> pack >> infer, each a spark-submit of lectern.jar.

Airflow 3.0 or later with apache-airflow-providers-apache-spark. What differs between installations is a Variable of Airflow:

    lectern_jar     where pipeline-jobs/target/lectern.jar lies, as the cluster sees it (default: /opt/lectern/lectern.jar)
    lectern_job     the job file, local or any Hadoop URI; a run can replace it: airflow dags trigger lectern --conf '{"job": "…"}'

The Spark connection is `spark_default` unless the environment variable LECTERN_SPARK_CONNECTION names another (connections are not
templated). Every job may be repeated: what is done is found and kept, so a retry goes on where the last attempt ended.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import DAG, Param

JAR = "{{ var.value.get('lectern_jar', '/opt/lectern/lectern.jar') }}"
JOB = "{{ params.job or var.value.get('lectern_job', '') }}"
CONNECTION = os.environ.get("LECTERN_SPARK_CONNECTION", "spark_default")

# The flags that bin/lectern and the tests start with. A copy beside this file serves where only the DAGs are deployed.
FLAGS_FILES = (Path(__file__).with_name("jvm.options"), Path(__file__).parent.parent / "bin" / "jvm.options")

JOBS = {
    "ingest": "dev.lectern.pipeline.ingest.IngestJob",
    "pack": "dev.lectern.pipeline.pack.PackJob",
    "infer": "dev.lectern.pipeline.infer.InferJob",
}


def jvm_flags():
    """The flags of jvm.options on one line."""
    for file in FLAGS_FILES:
        if file.is_file():
            return " ".join(line.strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("-"))
    raise FileNotFoundError("jvm.options not found; copy bin/jvm.options beside " + __file__)


def spark_conf():
    flags = jvm_flags()
    return {
        # Driver and executors both run the engine's classes; without these flags it has no SIMD.
        "spark.driver.extraJavaOptions": flags,
        "spark.executor.extraJavaOptions": flags,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        # A task that Airflow kills must not go on decoding.
        "spark.task.reaper.enabled": "true",
        "spark.task.reaper.killTimeout": "120s",
    }


with DAG(
    dag_id="lectern",
    description="Documents in, typed and cited rows out",
    start_date=datetime(2026, 1, 1),
    schedule=None,
    catchup=False,
    # Two runs over one output folder would do the same work twice.
    max_active_runs=1,
    params={"job": Param("", type="string", description="Job file; empty: the Variable lectern_job")},
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
    tags=["lectern"],
) as dag:
    previous = None
    for name, main_class in JOBS.items():
        task = SparkSubmitOperator(
            task_id=name,
            application=JAR,
            java_class=main_class,
            application_args=[JOB],
            conn_id=CONNECTION,
            name="lectern-" + name,
            conf=spark_conf(),
        )
        if previous is not None:
            previous >> task
        previous = task
