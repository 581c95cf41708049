package dev.lectern.pipeline.ingest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/// Takes gzip off, as far as the limits allow.
final class Gunzip {
    private Gunzip() {}

    static byte[] expand(byte[] compressed, IngestLimits limits) throws UnreadableDocument {
        long most = Math.min(
                limits.maxFileBytes(),
                Math.max(IngestLimits.ALWAYS_FINE_BYTES, (long) compressed.length * limits.maxExpansion()));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] buffer = new byte[1 << 16];
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                if (out.size() + (long) n > most) {
                    throw new UnreadableDocument(
                            RejectCode.TOO_LARGE,
                            compressed.length + " compressed bytes expand to more than " + most
                                    + "; expand the file and look at it");
                }
                out.write(buffer, 0, n);
            }
        } catch (IOException e) {
            throw UnreadableDocument.corrupt("gzip file", e);
        }
        return out.toByteArray();
    }
}
