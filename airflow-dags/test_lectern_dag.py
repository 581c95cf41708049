"""The DAG's shape, against stand-ins for the few Airflow names it uses: no Airflow is needed.

    cd airflow-dags && python3 -m unittest
"""

import importlib
import re
import sys
import types
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


class RecordedDag:
    def __init__(self, **arguments):
        self.arguments = arguments

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


class RecordedOperator:
    made = []

    def __init__(self, **arguments):
        self.arguments = arguments
        self.downstream = []
        RecordedOperator.made.append(self)

    def __rshift__(self, other):
        self.downstream.append(other.arguments["task_id"])
        return other


class RecordedParam:
    def __init__(self, default, **arguments):
        self.default = default


def load_dag():
    names = {
        "airflow.providers.apache.spark.operators.spark_submit": {"SparkSubmitOperator": RecordedOperator},
        "airflow.sdk": {"DAG": RecordedDag, "Param": RecordedParam},
    }
    for name, members in names.items():
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            sys.modules.setdefault(".".join(parts[:depth]), types.ModuleType(parts[depth - 1]))
        for member, value in members.items():
            setattr(sys.modules[name], member, value)
    RecordedOperator.made.clear()
    return importlib.import_module("lectern_dag")


class LecternDagTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dag = load_dag()
        cls.tasks = {task.arguments["task_id"]: task for task in RecordedOperator.made}

    def test_jobs_follow_each_other(self):
        self.assertEqual({name: task.downstream for name, task in self.tasks.items()}, {"ingest": ["pack"], "pack": ["infer"], "infer": []})

    def test_main_classes_exist(self):
        for task in self.tasks.values():
            source = REPOSITORY / "pipeline-jobs/src/main/java" / (task.arguments["java_class"].replace(".", "/") + ".java")
            self.assertTrue(source.is_file(), source)

    def test_executors_get_the_flags_of_the_launcher(self):
        for task in self.tasks.values():
            for key in ("spark.driver.extraJavaOptions", "spark.executor.extraJavaOptions"):
                self.assertIn("--add-modules=jdk.incubator.vector", task.arguments["conf"][key])
                self.assertNotIn("#", task.arguments["conf"][key])

    def test_one_run_at_a_time_and_retries(self):
        self.assertEqual(self.dag.dag.arguments["max_active_runs"], 1)
        self.assertGreater(self.dag.dag.arguments["default_args"]["retries"], 0)

    def test_no_place_of_one_machine_is_written_down(self):
        text = Path(self.dag.__file__).read_text(encoding="utf-8")
        self.assertIsNone(re.search(r"/home/|/tmp/|s3a://", text))


if __name__ == "__main__":
    unittest.main()
