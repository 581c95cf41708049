package dev.lectern.engine.internal.convert;

import java.util.Random;

/// Weights of three kinds, the same at every call: what ggml makes of them is known ([QuantiserTest]).
enum SampleWeights {
    /// As training leaves most matrices.
    NORMAL {
        @Override
        float next(Random random) {
            return (float) (random.nextGaussian() / 45);
        }
    },
    /// Three in a thousand are twenty times as large.
    OUTLIERS {
        @Override
        float next(Random random) {
            double weight = random.nextGaussian() / 45;
            return (float) (random.nextInt(1000) < 3 ? 20 * weight : weight);
        }
    },
    /// More small and more large ones than normal; exact in BF16.
    LAPLACE {
        @Override
        float next(Random random) {
            double magnitude = -Math.log(1 - random.nextDouble()) / 60;
            float weight = (float) (random.nextBoolean() ? magnitude : -magnitude);
            return Float.intBitsToFloat(Float.floatToRawIntBits(weight) & 0xFFFF_0000);
        }
    };

    static final int COUNT = 1 << 16;

    abstract float next(Random random);

    float[] weights() {
        Random random = new Random(20_260_401);
        float[] weights = new float[COUNT];
        for (int i = 0; i < COUNT; i++) {
            weights[i] = next(random);
        }
        return weights;
    }
}
