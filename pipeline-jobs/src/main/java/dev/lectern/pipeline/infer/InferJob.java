package dev.lectern.pipeline.infer;

import static org.apache.spark.sql.functions.col;

import dev.lectern.engine.ChatFormat;
import dev.lectern.engine.Engine;
import dev.lectern.engine.EngineException;
import dev.lectern.engine.ModelFiles;
import dev.lectern.engine.ModelInfo;
import dev.lectern.engine.SamplingParams;
import dev.lectern.engine.Tokenizer;
import dev.lectern.engine.constraint.Constraint;
import dev.lectern.inference.Answer;
import dev.lectern.inference.AnswerSchema;
import dev.lectern.inference.EngineSpec;
import dev.lectern.inference.ExecutorEngine;
import dev.lectern.inference.InferPartition;
import dev.lectern.inference.InvalidAnswerSchema;
import dev.lectern.inference.LocalModel;
import dev.lectern.inference.ManifestColumns;
import dev.lectern.inference.PartManifest;
import dev.lectern.inference.ResultParts;
import dev.lectern.inference.TaskSpec;
import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import dev.lectern.pipeline.JobMain;
import dev.lectern.pipeline.conf.JobConf;
import dev.lectern.pipeline.table.Tables;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.LongAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the contexts of a run their questions: tables `contexts` and `documents` in, table `results` out.
///
/// Questions that have a result already are not asked again, so the same command goes on where a run was killed or
/// stopped. A limit never tears a context: those that do not fit are left for the next run.
public final class InferJob {
    private static final Logger LOG = LoggerFactory.getLogger(InferJob.class);
    private static final Duration LEFTOVER_AGE = Duration.ofDays(1);

    private InferJob() {}

    /// For spark-submit: `JOB.yaml [--set key=value]…`.
    public static void main(String[] args) {
        JobMain.run("infer", args, (spark, conf) -> {
            InferSummary summary = run(spark, conf, newRunId(), InferProgress.NONE);
            LOG.info("{}", summary.text());
            if (summary.exitCode() != ExitCode.OK) {
                throw new JobException(summary.exitCode(), summary.text());
            }
            return summary;
        });
    }

    /// A name for a run: sorts by time, differs from all others.
    public static String newRunId() {
        return DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT)
                        .format(Instant.now().atZone(ZoneOffset.UTC))
                + "-"
                + UUID.randomUUID().toString().substring(0, 8);
    }

    /// Runs on the caller's session, which should have local settings as [dev.lectern.pipeline.LecternSession]
    /// makes them.
    ///
    /// @param runId written to each row
    /// @throws JobException for whatever the user can mend
    public static InferSummary run(SparkSession spark, JobConf conf, String runId, InferProgress progress) {
        try {
            return new Run(spark, conf, runId, progress).run();
        } catch (InvalidAnswerSchema e) {
            throw new JobException(ExitCode.USAGE, message(e), e);
        } catch (EngineException e) {
            throw new JobException(ExitCode.ENGINE, message(e), e);
        } catch (IOException e) {
            throw new JobException(
                    ExitCode.INPUT, "cannot reach '" + conf.output().path() + "': " + e.getMessage(), e);
        } catch (RuntimeException e) {
            EngineException cause = engineCause(e);
            if (cause != null) {
                throw new JobException(ExitCode.ENGINE, message(cause), e);
            }
            throw e;
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.getClass().getSimpleName() : message;
    }

    /// A task's failure comes wrapped by Spark.
    private static @Nullable EngineException engineCause(@Nullable Throwable failure) {
        Set<Throwable> seen = new HashSet<>();
        for (Throwable at = failure; at != null && seen.add(at); at = at.getCause()) {
            if (at instanceof EngineException e) {
                return e;
            }
        }
        return null;
    }

    /// What the driver needs of the model.
    private record Model(
            EngineSpec engine, List<Question> questions, List<Integer> budgets, Map<String, TaskSpec> tasks) {}

    private static final class Run {
        private final SparkSession spark;
        private final JobConf conf;
        private final String runId;
        private final InferProgress progress;
        private final Configuration hadoop;
        private long compileNanos;
        private final String results;
        private final List<String> notes = new ArrayList<>();
        private final long start = System.nanoTime();
        private final long startMillis = System.currentTimeMillis();

        Run(SparkSession spark, JobConf conf, String runId, InferProgress progress) {
            this.spark = spark;
            this.conf = conf;
            this.runId = runId;
            this.progress = progress;
            this.hadoop = spark.sessionState().newHadoopConf();
            this.results = Tables.path(conf.output().path(), "results").toString();
        }

        InferSummary run() throws IOException {
            Map<String, AnswerSchema> schemas = schemas();
            List<Question> questions = Questions.read(conf, hadoop);
            Dataset<Row> contexts = Tables.read(spark, conf.output().path(), "contexts");
            Dataset<Row> documents = Tables.read(spark, conf.output().path(), "documents");
            Model model = model(schemas, questions, contexts);
            cleanLeftovers();

            Dataset<Row> asked = InferTransform.heads(contexts, documents)
                    .flatMap(
                            new PendingQuestions(model.questions(), model.budgets(), model.tasks()),
                            Encoders.row(PendingQuestions.TYPE));
            asked.persist(StorageLevel.MEMORY_AND_DISK());
            Dataset<Row> finished = finished();
            Dataset<Row> pending = asked.join(finished, asked.col("result_id").equalTo(col("done_id")), "left_anti");
            pending.persist(StorageLevel.MEMORY_AND_DISK());
            try {
                noteUnasked(asked, questions);
                long earlier = asked.count() - pending.count();
                WorkPlan plan = plan(pending);
                List<PartManifest> parts =
                        plan.contexts().isEmpty() ? List.of() : infer(model, pending, contexts, documents, plan);
                return InferSummary.of(
                        runId,
                        parts,
                        earlier,
                        earlier == 0 ? 0 : disagreements(asked, finished),
                        plan.left(),
                        compileNanos / 1_000,
                        (System.nanoTime() - start) / 1_000_000,
                        notes);
            } finally {
                pending.unpersist();
                asked.unpersist();
            }
        }

        private Map<String, AnswerSchema> schemas() {
            Map<String, AnswerSchema> schemas = new LinkedHashMap<>();
            for (JobConf.Task task : conf.tasks()) {
                AnswerSchema schema = AnswerSchema.parse(task.schema(), Questions.readText(task.schema(), hadoop));
                schema.notes().forEach(note -> notes.add("[" + task.schema() + "] " + note));
                schemas.put(task.name(), schema);
            }
            notes.forEach(note -> LOG.info("{}", note));
            return schemas;
        }

        private Model model(Map<String, AnswerSchema> schemas, List<Question> questions, Dataset<Row> contexts) {
            EngineSpec spec = EngineSpec.of(
                    conf.model().path(),
                    conf.model().backend(),
                    conf.model().threads(),
                    conf.model().speculation());
            if (spark.sparkContext().isLocal()) {
                // This process is the executor: its engine is opened now instead of with the first
                // task.
                try (ExecutorEngine.Lease lease = ExecutorEngine.acquire(spec, hadoop)) {
                    Engine engine = lease.engine();
                    return model(
                            spec,
                            schemas,
                            questions,
                            contexts,
                            engine.info(),
                            engine.tokenizer(),
                            engine.chat(),
                            engine::constraint);
                }
            }
            try (ModelFiles files = ModelFiles.open(LocalModel.of(spec.model(), hadoop, spec.cacheFolder()))) {
                return model(
                        spec,
                        schemas,
                        questions,
                        contexts,
                        files.info(),
                        files.tokenizer(),
                        files.chat(),
                        files::constraint);
            }
        }

        private Model model(
                EngineSpec spec,
                Map<String, AnswerSchema> schemas,
                List<Question> questions,
                Dataset<Row> contexts,
                ModelInfo info,
                Tokenizer tokenizer,
                ChatFormat chat,
                Function<String, Constraint> constraints) {
            List<String> packedWith = contexts.select("tokenizer_fingerprint")
                    .distinct()
                    .as(Encoders.STRING())
                    .collectAsList();
            for (String fingerprint : packedWith) {
                if (!fingerprint.equals(tokenizer.fingerprint())) {
                    throw new JobException(
                            ExitCode.INPUT,
                            "contexts in '" + conf.output().path() + "' were packed with the tokenizer " + fingerprint
                                    + ", the model '" + conf.model().path() + "' has " + tokenizer.fingerprint()
                                    + "; run pack again with this model");
                }
            }
            JobConf.Sampling s = conf.sampling();
            SamplingParams sampling = new SamplingParams(s.temperature(), s.topK(), s.topP(), s.minP(), s.seed());
            Map<String, TaskSpec> tasks = new LinkedHashMap<>();
            Map<String, Integer> maxTokens = new LinkedHashMap<>();
            for (JobConf.Task task : conf.tasks()) {
                AnswerSchema schema = schemas.get(task.name());
                if (schema == null) {
                    throw new IllegalStateException("no schema was read for task " + task.name());
                }
                if (task.enforceSchema()) {
                    noteTooShort(task, schema, constraints);
                }
                boolean continued = task.enforceSchema() && schema.hasLists();
                maxTokens.put(task.name(), continued ? task.answerTokens() : task.maxTokens());
                tasks.put(
                        task.name(),
                        TaskSpec.of(
                                task.name(),
                                task.schema(),
                                schema,
                                task.prompt(),
                                task.maxTokens(),
                                task.answerTokens(),
                                task.enforceSchema(),
                                task.cite(),
                                sampling,
                                info,
                                tokenizer,
                                chat));
            }
            List<Integer> budgets = new ArrayList<>(questions.size());
            for (Question question : questions) {
                // Only a token limit needs the exact number.
                int prompt = conf.limits().tokens() > 0
                        ? tokenizer.encode(question.prompt()).length() + chat.userSuffix().length
                        : 0;
                budgets.add(prompt + maxTokens.getOrDefault(question.task(), 0));
            }
            return new Model(spec.withFingerprint(info.fingerprint()), questions, budgets, tasks);
        }

        /// Says if a task's shortest answer exceeds its tokens.
        private void noteTooShort(JobConf.Task task, AnswerSchema schema, Function<String, Constraint> constraints) {
            long start = System.nanoTime();
            Constraint constraint = constraints.apply(schema.enforced());
            // What an answer may quote is known with its context.
            int shortest = constraint.quotes() ? 1 : constraint.shortestTokens();
            long nanos = System.nanoTime() - start;
            compileNanos += nanos;
            LOG.info(
                    "task '{}': schema compiled in {} ms, its shortest answer takes {} tokens or more",
                    task.name(),
                    nanos / 1_000_000,
                    shortest);
            if (shortest > task.maxTokens()) {
                notes.add("task '" + task.name() + "': "
                        + (shortest == Integer.MAX_VALUE
                                ? "no answer that [" + task.schema() + "] admits ends within a megabyte of this"
                                        + " model's tokens, so no row can be OK"
                                : "the shortest answer that [" + task.schema() + "] admits takes " + shortest
                                        + " tokens of this model and maxTokens is " + task.maxTokens()
                                        + ", so no row can be OK; raise it"));
            }
        }

        private void cleanLeftovers() throws IOException {
            for (JobConf.Task task : conf.tasks()) {
                int removed = ResultParts.clean(
                        results, task.name(), System.currentTimeMillis() - LEFTOVER_AGE.toMillis(), hadoop);
                if (removed > 0) {
                    LOG.info("removed {} unfinished parts of killed tasks below {}", removed, results);
                }
            }
        }

        /// Keys of the results that are there, with the code of their error.
        private Dataset<Row> finished() {
            StructType key = new StructType()
                    .add("result_id", DataTypes.StringType)
                    .add("error", new StructType().add("code", DataTypes.StringType));
            List<String> present = Tables.partitions(spark, conf.output().path(), "results");
            Dataset<Row> finished = spark.createDataFrame(List.of(), key);
            for (JobConf.Task task : conf.tasks()) {
                if (present.contains(task.name())) {
                    finished = finished.unionAll(spark.read()
                            .schema(key)
                            .parquet(ResultParts.folder(results, task.name()).toString()));
                }
            }
            return finished.select(
                            col("result_id").as("done_id"), col("error.code").as("done_code"))
                    .distinct();
        }

        /// Those of the questions asked that earlier runs left: the table holds them until they are mended.
        private static long disagreements(Dataset<Row> asked, Dataset<Row> finished) {
            Dataset<Row> refused = finished.where(col("done_code").equalTo(Answer.Code.DISAGREEMENT.name()));
            return asked.join(refused, asked.col("result_id").equalTo(col("done_id")), "left_semi")
                    .count();
        }

        private void noteUnasked(Dataset<Row> asked, List<Question> questions) {
            if (questions.stream().allMatch(question -> question.document() == null)) {
                return;
            }
            Set<Integer> numbers = new HashSet<>(
                    asked.select("number").distinct().as(Encoders.INT()).collectAsList());
            for (int i = 0; i < questions.size(); i++) {
                if (!numbers.contains(i)) {
                    Question question = questions.get(i);
                    notes.add("task '" + question.task() + "', question '" + question.id() + "': no document is named '"
                            + question.document() + "', so it was not asked");
                }
            }
        }

        private WorkPlan plan(Dataset<Row> pending) {
            List<WorkPlan.Load> loads = new ArrayList<>();
            for (Row row : pending.selectExpr(
                            "context_id", "CAST(token_count AS LONG) AS tokens", "CAST(budget AS LONG) AS budget")
                    .groupBy("context_id", "tokens")
                    .agg(Map.of("*", "count", "budget", "sum"))
                    .select("context_id", "tokens", "count(1)", "sum(budget)")
                    .collectAsList()) {
                loads.add(new WorkPlan.Load(row.getString(0), row.getLong(1), row.getLong(2), row.getLong(3)));
            }
            return WorkPlan.of(loads, conf.limits().tokens());
        }

        private List<PartManifest> infer(
                Model model, Dataset<Row> pending, Dataset<Row> contexts, Dataset<Row> documents, WorkPlan plan) {
            String[] citing = model.tasks().values().stream()
                    .filter(TaskSpec::readsText)
                    .map(TaskSpec::name)
                    .toArray(String[]::new);
            Dataset<Row> cited = pending.filter(col("task").isInCollection(Arrays.asList(citing)))
                    .select("context_id")
                    .distinct();
            Dataset<Row> work = InferTransform.work(
                    pending,
                    contexts,
                    documents,
                    cited,
                    spark.createDataFrame(plan.rows(), WorkPlan.TYPE),
                    plan.partitions());
            LongAccumulator tokensRead = spark.sparkContext().longAccumulator("tokens read");
            LongAccumulator answered = spark.sparkContext().longAccumulator("questions answered");
            long wallClock = conf.limits().wallClockMillis();
            InferPartition partition = new InferPartition(
                    model.engine(),
                    model.tasks(),
                    results,
                    runId,
                    wallClock > 0 ? startMillis + wallClock : 0,
                    new SerializableConfiguration(hadoop),
                    tokensRead,
                    answered);
            ProgressRelay relay = new ProgressRelay(
                    tokensRead.id(),
                    answered.id(),
                    new InferProgress.State(0, plan.contexts().size(), 0, plan.tokens(), 0, plan.questions()),
                    progress);
            spark.sparkContext().addSparkListener(relay);
            spark.sparkContext().setJobDescription("infer");
            try {
                return work.mapPartitions(partition, Encoders.row(ManifestColumns.TYPE)).collectAsList().stream()
                        .map(ManifestColumns::fromRow)
                        .toList();
            } finally {
                spark.sparkContext().setJobDescription(null);
                spark.sparkContext().removeSparkListener(relay);
            }
        }
    }
}
