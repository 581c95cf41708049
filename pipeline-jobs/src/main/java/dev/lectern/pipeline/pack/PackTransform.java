package dev.lectern.pipeline.pack;

import static org.apache.spark.sql.functions.col;

import dev.lectern.pipeline.conf.JobConf.Grouping;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.api.java.function.FlatMapGroupsFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Documents to contexts, rejects and accounts: `Dataset -> Dataset`, rows of [PackColumns#OUTCOME].
///
/// Documents that share a context are chosen on the driver from their sizes alone; texts and tokens never leave the
/// executors. All rows of a context come from one task, in reading order.
///
/// @param settings          how to pack
/// @param grouping          one document a context, or as many as fit
/// @param model             opens the tokenizer where a task runs
/// @param tokenizer         fingerprint of the tokenizer that the driver saw; another one on an executor is an error
/// @param recipeFingerprint identifies settings and rules
record PackTransform(
        PackSettings settings, Grouping grouping, ModelText.Source model, String tokenizer, String recipeFingerprint)
        implements Serializable {
    private static final StructType SIZE = new StructType()
            .add("uri", DataTypes.StringType, false)
            .add("doc_id", DataTypes.StringType, false)
            .add("document_tokens", DataTypes.IntegerType, false);

    private static final StructType PLACE = new StructType()
            .add("uri", DataTypes.StringType, false)
            .add("context_group", DataTypes.LongType, false)
            .add("place", DataTypes.IntegerType, false);

    /// @param documents with the columns uri, doc_id, byte_size and text; each uri once
    Dataset<Row> apply(Dataset<Row> documents) {
        Dataset<Row> needed = spread(documents.select("uri", "doc_id", "byte_size", "text"));
        return switch (grouping) {
            case DOCUMENT ->
                needed.flatMap(
                        (FlatMapFunction<Row, Row>) document -> packAlone(document), Encoders.row(PackColumns.OUTCOME));
            case PACKED -> packTogether(needed);
        };
    }

    /// Enough partitions for all cores: a small table may lie in one file.
    private static Dataset<Row> spread(Dataset<Row> documents) {
        int cores = documents.sparkSession().sparkContext().defaultParallelism();
        return documents.rdd().getNumPartitions() >= cores ? documents : documents.repartition(cores * 2, col("uri"));
    }

    private Dataset<Row> packTogether(Dataset<Row> documents) {
        List<Row> sizes = documents
                .map(
                        (MapFunction<Row, Row>) document -> RowFactory.create(
                                document.<String>getAs("uri"),
                                document.<String>getAs("doc_id"),
                                modelText()
                                        .tokenizer()
                                        .encode(document.getAs("text"))
                                        .length()),
                        Encoders.row(SIZE))
                .collectAsList();
        List<Row> byUri = new ArrayList<>(sizes);
        byUri.sort(Comparator.comparing(size -> size.<String>getAs("uri")));
        List<PackPlan.Size> inOrder = byUri.stream()
                .map(size -> new PackPlan.Size(size.getAs("uri"), size.getAs("document_tokens")))
                .toList();
        List<Row> places = new ArrayList<>();
        long group = 0;
        for (List<PackPlan.Size> members : PackPlan.group(inOrder, settings)) {
            for (int place = 0; place < members.size(); place++) {
                places.add(RowFactory.create(members.get(place).document(), group, place));
            }
            group++;
        }
        return documents
                .join(documents.sparkSession().createDataFrame(places, PLACE), "uri")
                .groupByKey((MapFunction<Row, Long>) row -> row.getAs("context_group"), Encoders.LONG())
                .flatMapSortedGroups(
                        new Column[] {col("place")},
                        (FlatMapGroupsFunction<Long, Row, Row>) (key, members) -> packGroup(members),
                        Encoders.row(PackColumns.OUTCOME));
    }

    private Iterator<Row> packGroup(Iterator<Row> rows) {
        Row first = rows.next();
        if (!rows.hasNext()) {
            return packAlone(first);
        }
        List<TokenizedDocument> documents = new ArrayList<>();
        TokenAccount arrived = TokenAccount.EMPTY;
        for (Row row = first; ; row = rows.next()) {
            TokenizedDocument document = tokenize(row);
            documents.add(document);
            arrived = arrived.plus(TokenAccount.arrived(document.length()));
            if (!rows.hasNext()) {
                break;
            }
        }
        PackedContext context = new Packer(settings).packTogether(documents);
        return PackColumns.ofContext(context, context.account().plus(arrived), tokenizer, recipeFingerprint)
                .iterator();
    }

    private Iterator<Row> packAlone(Row row) {
        TokenizedDocument document = tokenize(row);
        TokenAccount arrived = TokenAccount.arrived(document.length());
        List<PackedContext> contexts = new Packer(settings).pack(document);
        if (contexts.isEmpty()) {
            return Collections.singleton(reject(row, document, arrived)).iterator();
        }
        List<Row> outcome = new ArrayList<>();
        for (PackedContext context : contexts) {
            TokenAccount account = outcome.isEmpty() ? context.account().plus(arrived) : context.account();
            outcome.addAll(PackColumns.ofContext(context, account, tokenizer, recipeFingerprint));
        }
        return outcome.iterator();
    }

    private Row reject(Row row, TokenizedDocument document, TokenAccount arrived) {
        int room = settings.lastEnd() - settings.prefix().length;
        boolean empty = document.length() == 0;
        return PackColumns.ofReject(
                RowFactory.create(
                        row.getAs("uri"),
                        row.getAs("doc_id"),
                        empty ? "EMPTY" : "TOO_LONG",
                        empty
                                ? "the document has no tokens"
                                : "the document has " + document.length() + " tokens, a context has room for " + room
                                        + "; raise context.maxTokens or set context.overflow to split",
                        row.getAs("byte_size"),
                        (long) document.length()),
                arrived.plus(TokenAccount.rejected(document.length())));
    }

    private TokenizedDocument tokenize(Row row) {
        return TokenizedDocument.of(
                row.getAs("doc_id"), row.getAs("text"), modelText().tokenizer());
    }

    private ModelText modelText() {
        ModelText text = model.open();
        if (!text.tokenizer().fingerprint().equals(tokenizer)) {
            throw new IllegalStateException("tokenizer " + text.tokenizer().fingerprint() + " here, but " + tokenizer
                    + " on the driver: the model's files differ between machines");
        }
        return text;
    }
}
