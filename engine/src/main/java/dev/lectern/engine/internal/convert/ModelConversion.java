package dev.lectern.engine.internal.convert;

import dev.lectern.engine.EngineException.InvalidRequest;
import dev.lectern.engine.EngineException.OutputFailed;
import dev.lectern.engine.ModelConverter.Options;
import dev.lectern.engine.ModelConverter.Progress;
import dev.lectern.engine.ModelConverter.Summary;
import dev.lectern.engine.ModelConverter.Worst;
import dev.lectern.engine.internal.gguf.GgufParts;
import dev.lectern.engine.internal.source.ModelSource;
import dev.lectern.engine.internal.source.ModelSources;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One conversion: plan, header, then tensor by tensor.
public final class ModelConversion {
    private final GgufWriter writer;
    private final TensorEncoder encoder;
    private final Progress progress;
    private final Map<String, Integer> types = new TreeMap<>();
    private TensorError total = TensorError.NONE;
    private TensorError worstError = TensorError.NONE;
    private @Nullable OutputTensor worst;
    private int copied;

    private ModelConversion(GgufWriter writer, TensorEncoder encoder, Progress progress) {
        this.writer = writer;
        this.encoder = encoder;
        this.progress = progress;
    }

    public static List<String> types() {
        return Arrays.stream(TargetType.values()).map(TargetType::name).toList();
    }

    /// See [dev.lectern.engine.ModelConverter#convert].
    public static Summary run(Path model, Path file, Options options, Progress progress) {
        long start = System.nanoTime();
        TargetType type = TargetType.named(options.type());
        TargetType output = options.outputType().map(TargetType::named).orElse(null);
        int threads = options.threads() == 0 ? Runtime.getRuntime().availableProcessors() : options.threads();
        try (ModelSource source = ModelSources.open(model);
                Arena arena = Arena.ofShared()) {
            checkOutput(source, file, options.replace());
            ConversionPlan plan = source.format().equals("gguf")
                    ? GgufPlan.of(GgufParts.open(source.location(), arena), type, output)
                    : HuggingFacePlan.of(source, type, output);
            try (GgufWriter writer = GgufWriter.open(file, plan.metadata(), plan.tensors());
                    TensorEncoder encoder = new TensorEncoder(String.valueOf(model.getFileName()), threads)) {
                ModelConversion conversion = new ModelConversion(writer, encoder, progress);
                plan.tensors().forEach(conversion::write);
                writer.commit();
                return conversion.summary(plan, (System.nanoTime() - start) / 1_000_000);
            }
        }
    }

    private static void checkOutput(ModelSource source, Path file, boolean replace) {
        if (!Files.exists(file)) {
            return;
        }
        if (Files.isDirectory(file)) {
            throw new InvalidRequest("[" + file + "] is a folder; expected the name of the GGUF file to write");
        }
        if (!replace) {
            throw new InvalidRequest(
                    "[" + file + "] is there already; choose another name, or allow to replace it" + " (--force)");
        }
        try {
            if (Files.isSameFile(source.location(), file)) {
                throw new InvalidRequest("[" + file + "] is the model itself; choose another name");
            }
        } catch (IOException e) {
            throw new OutputFailed("[" + file + "] cannot be compared with the model: " + e, e);
        }
    }

    private void write(OutputTensor tensor) {
        TensorError error = encoder.encode(tensor, bytes -> {
            writer.write(bytes);
            progress.at(tensor.name(), writer.position(), writer.totalBytes());
        });
        writer.endTensor();
        types.merge(tensor.type().name(), 1, Integer::sum);
        if (tensor.stored() != null) {
            copied++;
        } else if (tensor.shape().size() > 1) {
            total = total.plus(error);
            if (worst == null || error.relative() > worstError.relative()) {
                worst = tensor;
                worstError = error;
            }
        }
    }

    private Summary summary(ConversionPlan plan, long millis) {
        Optional<Worst> worstTensor = Optional.ofNullable(worst)
                .map(tensor -> new Worst(tensor.name(), tensor.type().name(), worstError.rms(), worstError.relative()));
        return new Summary(
                writer.position(),
                plan.tensors().size(),
                copied,
                types,
                millis,
                total.rms(),
                total.relative(),
                worstTensor,
                new ArrayList<>(plan.remarks()));
    }
}
